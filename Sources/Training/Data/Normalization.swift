/// What is done to the numbers of all samples, by channel, with what the training samples say.
enum Normalization: String, CaseIterable, Sendable {
  /// Mean 0 and standard deviation 1.
  case standard
  /// Bytes: a fraction of 255. Floats: 0 is the smallest, 1 the largest.
  case unit
  case none
}

/// Of each channel: input = number · scale + offset, as it is done to bytes.
struct ChannelScaling: Sendable, Equatable {
  var scale: [Float]
  var offset: [Float]
  /// The mean of the training samples, as inputs.
  var mean: [Float]

  /// Nothing changes.
  init(channelCount: Int) {
    scale = Array(repeating: 1, count: channelCount)
    offset = Array(repeating: 0, count: channelCount)
    mean = offset
  }

  /// - Parameter training: the training samples.
  init(_ normalization: Normalization, training: ArraySlice<UInt8>, channelCount: Int) {
    self.init(channelCount: channelCount)
    for (channel, moments) in Self.moments(training, channelCount: channelCount).enumerated() {
      switch normalization {
      case .standard:
        scale[channel] = Float(1 / moments.deviation)
        offset[channel] = Float(-moments.mean / moments.deviation)
      case .unit:
        scale[channel] = 1 / 255
        mean[channel] = Float(moments.mean / 255)
      case .none:
        mean[channel] = Float(moments.mean)
      }
    }
  }

  private static let blockLengthUsual = 8_192

  /// Means and standard deviations; exact integers until the end, so the same everywhere.
  private static func moments(
    _ bytes: ArraySlice<UInt8>, channelCount: Int
  ) -> [(mean: Double, deviation: Double)] {
    var sums = [UInt64](repeating: 0, count: channelCount)
    var squares = sums
    // Blocks of whole pixels that stay in the cache while all channels go through them.
    let blockLength = max(1, blockLengthUsual / channelCount) * channelCount
    bytes.withUnsafeBufferPointer { bytes in
      for start in stride(from: 0, to: bytes.count, by: blockLength) {
        let end = min(bytes.count, start + blockLength)
        for channel in 0..<channelCount {
          var (sum, squareSum, index): (UInt64, UInt64, Int) = (0, 0, start &+ channel)
          while index < end {
            let byte = UInt64(bytes[index])
            sum &+= byte
            squareSum &+= byte &* byte
            index &+= channelCount
          }
          sums[channel] &+= sum
          squares[channel] &+= squareSum
        }
      }
    }
    let count = Double(max(1, bytes.count / channelCount))
    return zip(sums, squares).map { sum, squares in
      let mean = Double(sum) / count
      let variance = Double(squares) / count - mean * mean
      return (mean, variance > 0 ? variance.squareRoot() : 1)
    }
  }
}

extension ChannelScaling {
  /// Normalises floats where they are; `offset` is then what 0 became, and `scale` is not for use.
  /// - Parameter trainingCount: numbers of the training samples, which come first.
  init(
    _ normalization: Normalization, floats: inout [Float], trainingCount: Int, channelCount: Int
  ) {
    self.init(channelCount: channelCount)
    let channels = FloatChannel.all(floats[..<trainingCount], channelCount: channelCount)
    let maps = channels.map { $0.map(normalization) }
    offset = maps.map { $0(0) }
    mean = zip(maps, channels).map { map, channel in map(channel.mean) }
    if normalization == .none { return }
    floats.withUnsafeMutableBufferPointer { floats in
      for first in stride(from: 0, to: floats.count, by: channelCount) {
        for channel in 0..<channelCount {
          floats[first &+ channel] = maps[channel](Double(floats[first &+ channel]))
        }
      }
    }
  }
}

/// What the floats of one channel are like.
private struct FloatChannel {
  var mean = 0.0
  /// Sum of the squared differences from the mean, then their mean's root.
  var deviation = 0.0
  var smallest = Double.infinity
  var largest = -Double.infinity

  /// (value − shift) / divisor
  struct Map {
    var shift, divisor: Double

    func callAsFunction(_ value: Double) -> Float {
      let limit = Double(Float.greatestFiniteMagnitude)
      return Float(max(-limit, min(limit, (value - shift) / divisor)))
    }
  }

  static func all(_ values: ArraySlice<Float>, channelCount: Int) -> [FloatChannel] {
    var channels = [FloatChannel](repeating: FloatChannel(), count: channelCount)
    let count = Double(max(1, values.count / channelCount))
    func forEach(_ body: (inout FloatChannel, Double) -> Void) {
      values.withUnsafeBufferPointer { values in
        for first in stride(from: 0, to: values.count, by: channelCount) {
          for channel in 0..<channelCount {
            body(&channels[channel], Double(values[first &+ channel]))
          }
        }
      }
    }
    forEach { channel, value in
      channel.mean += value
      channel.smallest = min(channel.smallest, value)
      channel.largest = max(channel.largest, value)
    }
    for channel in channels.indices { channels[channel].mean /= count }
    forEach { channel, value in
      channel.deviation += (value - channel.mean) * (value - channel.mean)
    }
    for channel in channels.indices {
      channels[channel].deviation = (channels[channel].deviation / count).squareRoot()
    }
    return channels
  }

  /// A channel that is constant becomes 0, not the rounding errors of its mean.
  func map(_ normalization: Normalization) -> Map {
    let isConstant = smallest >= largest
    switch normalization {
    case .none: return Map(shift: 0, divisor: 1)
    case _ where isConstant: return Map(shift: smallest, divisor: 1)
    case .standard: return Map(shift: mean, divisor: deviation)
    case .unit: return Map(shift: smallest, divisor: largest - smallest)
    }
  }
}
