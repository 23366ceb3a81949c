import Tensors

/// How the channels of a group go together in what one layer reads: sums of products of their
/// activations, over samples and pixels.
final class ActivationMoments<Scalar: TensorScalar> {
  let reader: ChannelReader<Scalar>
  /// Rows are the group's channels, then the constant 1.
  private(set) var sums: SymmetricMatrix
  /// Rows of activations that were summed.
  private(set) var count = 0

  /// Places of each channel among the columns of the reader: more than one behind a Flatten.
  let places: Int
  /// The column of each place and channel, [places, channels].
  let columns: [Int32]

  private let channelCount: Int
  /// The part of all rows that is taken.
  private let share: Double
  private var random: RandomSource
  private var gathered: [Double]

  /// Rows that are taken of all samples, about.
  private static var rowsMax: Double { 20_000 }
  private static var rowsPerSum: Int { 256 }

  /// nil when the layer does not read the channels.
  init?(
    _ reader: ChannelReader<Scalar>, _ channels: [Int], samples: Int, positions: Int, seed: UInt64
  ) {
    var found = Dictionary(channels.map { ($0, [Int32]()) }, uniquingKeysWith: { $1 })
    for (column, channel) in reader.channels.enumerated() {
      found[channel]?.append(Int32(truncatingIfNeeded: column))
    }
    let lists = channels.map { found[$0] ?? [] }
    places = lists.first?.count ?? 0
    guard places > 0, lists.allSatisfy({ $0.count == lists[0].count }) else { return nil }
    columns = (0..<places).flatMap { place in lists.map { $0[place] } }
    self.reader = reader
    channelCount = channels.count
    sums = SymmetricMatrix(size: channelCount + 1)
    share = Self.rowsMax / Double(max(1, samples * positions * places))
    random = RandomSource(seed: seed, purpose: .pruning, name: reader.layer)
    gathered = Array(repeating: 0, count: Self.rowsPerSum * (channelCount + 1))
  }

  func add(_ batch: ReaderInputs<Scalar>.Batch) {
    var filled = 0
    for sample in 0..<batch.samples {
      for position in 0..<batch.valid(of: sample) {
        let row = batch.values + (sample * batch.positions + position) * batch.columns
        for place in 0..<places where share >= 1 || random.uniform() < share {
          gather(row, place, into: filled)
          filled += 1
          if filled == Self.rowsPerSum { flush(&filled) }
        }
      }
    }
    flush(&filled)
  }

  private func gather(_ row: UnsafePointer<Scalar>, _ place: Int, into slot: Int) {
    let first = slot * (channelCount + 1)
    columns.withUnsafeBufferPointer { columns in
      gathered.withUnsafeMutableBufferPointer { gathered in
        guard let columns = columns.baseAddress, let start = gathered.baseAddress else { return }
        Scalar.gather(
          row, at: columns + place * channelCount, count: channelCount, into: start + first)
      }
    }
    gathered[first + channelCount] = 1
  }

  private func flush(_ filled: inout Int) {
    sums.addMoments(of: gathered, count: filled)
    count += filled
    filled = 0
  }

  // MARK: The reader's weights

  /// The place of each weight in a row of the reader's: [places · taps, channels].
  var weightOffsets: [Int32] {
    let taps = Int32(truncatingIfNeeded: reader.taps)
    return (0..<places).flatMap { place in
      (0..<taps).flatMap { tap in
        columns[place * channelCount..<(place + 1) * channelCount].map { $0 * taps + tap }
      }
    }
  }

  /// The weights that read the channels, [outputs · places · taps, channels].
  func weights(of outputs: Range<Int>, _ weight: Tensor<Scalar>, _ offsets: [Int32]) -> [Double] {
    let rowLength = weight.count / max(1, weight.shape[0])
    var weights = Array(repeating: 0.0, count: outputs.count * offsets.count)
    offsets.withUnsafeBufferPointer { offsets in
      weights.withUnsafeMutableBufferPointer { weights in
        guard let places = offsets.baseAddress, let start = weights.baseAddress else { return }
        for (index, output) in outputs.enumerated() {
          Scalar.gather(
            weight.scalars + output * rowLength, at: places, count: offsets.count,
            into: start + index * offsets.count)
        }
      }
    }
    return weights
  }

  /// Outputs whose weights are looked at together.
  var outputRanges: [Range<Int>] {
    let weightsMax = 1 << 20
    let outputs = reader.weight.value.shape[0]
    let step = max(1, weightsMax / max(1, places * reader.taps * channelCount))
    return stride(from: 0, to: outputs, by: step).map { $0..<min(outputs, $0 + step) }
  }

  /// Sums of products of the weights that read each two channels; those of the constant are 0.
  var weightMoments: SymmetricMatrix {
    let offsets = weightOffsets
    var moments = SymmetricMatrix(size: channelCount)
    for outputs in outputRanges {
      let weights = weights(of: outputs, reader.weight.value, offsets)
      moments.addMoments(of: weights, count: weights.count / max(1, channelCount))
    }
    var padded = SymmetricMatrix(size: channelCount + 1)
    for row in 0..<channelCount {
      for column in 0..<channelCount { padded[row, column] = moments[row, column] }
    }
    return padded
  }
}
