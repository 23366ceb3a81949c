import Testing

@testable import Training

@Suite struct NormalizationTests {
  private func normalized(
    _ floats: [Float], _ normalization: Normalization, training: Int, channels: Int = 1
  ) -> [Float] {
    var result = floats
    _ = ChannelScaling(
      normalization, floats: &result, trainingCount: training, channelCount: channels)
    return result
  }

  @Test func onlyTrainingSamplesSayWhatIsNormal() {
    #expect(normalized([1, 3, 5, 100], .standard, training: 2) == [-1, 1, 3, 98])
    #expect(normalized([1, 3, 5, 100], .unit, training: 2) == [0, 1, 2, 49.5])
    #expect(normalized([1, 3, 5, 100], .none, training: 2) == [1, 3, 5, 100])
  }

  @Test func channelsAreNormalisedApart() {
    #expect(
      normalized([1, 10, 3, 30, 5, 50], .standard, training: 4, channels: 2)
        == [-1, -1, 1, 1, 3, 3])
  }

  /// A mean of equal numbers may be off by a rounding, which must not become the deviation.
  @Test(arguments: [0.1, 1e-30, 3e38, -7] as [Float]) func aConstantChannelBecomesZero(value: Float)
  {
    for normalization in [Normalization.standard, .unit] {
      let result = normalized([Float](repeating: value, count: 7), normalization, training: 7)
      #expect(result == [Float](repeating: 0, count: 7))
    }
  }

  @Test func extremeNumbersStayFinite() {
    let large = Float.greatestFiniteMagnitude
    let small = Float.leastNonzeroMagnitude
    for numbers in [[-large, large, 0], [0, small, large], [small, 2 * small, -large]] {
      for normalization in Normalization.allCases {
        for training in [2, 3] {
          let result = normalized(numbers, normalization, training: training)
          #expect(result.allSatisfy { $0.isFinite }, "\(numbers) \(normalization)")
        }
      }
    }
  }

  /// More bytes than are summed up at a time.
  @Test(arguments: [1, 3, 7, 9_000]) func allBytesCount(channelCount: Int) {
    let bytes = (0..<channelCount * (30_000 / channelCount)).map { UInt8($0 * $0 % 251) }
    let scaling = ChannelScaling(.none, training: bytes[...], channelCount: channelCount)
    for channel in [0, channelCount / 2, channelCount - 1] {
      let values = stride(from: channel, to: bytes.count, by: channelCount).map { Int(bytes[$0]) }
      let mean = Double(values.reduce(0, +)) / Double(values.count)
      #expect(scaling.mean[channel] == Float(mean))
    }
  }

  @Test func bytesAreScaledByChannel() {
    let bytes: [UInt8] = [0, 10, 200, 10, 100, 10, 255, 255]
    let standard = ChannelScaling(.standard, training: bytes[..<6], channelCount: 2)
    // Mean 100, variance 20000/3; the second channel is constant.
    let deviation = (20_000.0 / 3).squareRoot()
    #expect(standard.scale == [Float(1 / deviation), 1])
    #expect(standard.offset == [Float(-100 / deviation), -10] && standard.mean == [0, 0])
    let unit = ChannelScaling(.unit, training: bytes[..<6], channelCount: 2)
    #expect(unit.scale == [1 / 255, 1 / 255] && unit.offset == [0, 0])
    #expect(unit.mean == [Float(100.0 / 255), Float(10.0 / 255)])
    let none = ChannelScaling(.none, training: bytes[..<6], channelCount: 2)
    #expect(none.scale == [1, 1] && none.offset == [0, 0] && none.mean == [100, 10])
  }
}
