import TestSupport
import Testing

@testable import RunModel

/// The plain twin of a time series: points in an array, everything by walking through it.
private struct PlainSeries {
  var points: [(step: Int64, value: Float)] = []

  mutating func append(_ step: Int64, _ value: Float) {
    if let last = points.last, last.step >= step { supersede(from: step) }
    points.append((step, value))
  }

  mutating func supersede(from step: Int64) {
    points = points.filter { $0.step < step }
  }

  func extent(_ range: Range<Int>) -> Extent {
    let values = points[range.clamped(to: 0..<points.count)].map(\.value)
    let finite = values.filter(\.isFinite)
    return Extent(
      minimum: finite.min() ?? .infinity, maximum: finite.max() ?? -.infinity,
      hasNonFinite: finite.count < values.count)
  }

  func firstIndex(atOrAfter step: Int64) -> Int {
    points.firstIndex { $0.step >= step } ?? points.count
  }
}

struct TimeSeriesTests {
  private static let sizes = [
    0, 1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 4095, 4096, 4097, 9000,
  ]

  /// Mostly ordinary numbers, some that are none.
  private static func value(_ random: inout SeededGenerator) -> Float {
    switch Int.random(in: 0..<40, using: &random) {
    case 0: .nan
    case 1: .infinity
    case 2: -.infinity
    case 3: .greatestFiniteMagnitude
    default: Float.random(in: -1000...1000, using: &random)
    }
  }

  private func expectSame(
    _ series: TimeSeries, _ plain: PlainSeries, _ random: inout SeededGenerator
  ) {
    let count = plain.points.count
    #expect(series.count == count)
    #expect(series.steps == ChunkedArray(plain.points.map(\.step)))
    #expect(series.values.map(\.bitPattern) == plain.points.map(\.value.bitPattern))
    #expect(series.wallTimes.count == count)
    #expect(series.extent == plain.extent(0..<count))
    for _ in 0..<30 {
      let bounds = [0, 0].map { _ in Int.random(in: -3...count + 3, using: &random) }.sorted()
      let range = bounds[0]..<bounds[1]
      #expect(series.extent(range) == plain.extent(range), "\(range) of \(count)")
      let step = Int64.random(in: -3...3 + 3 * Int64(count), using: &random)
      #expect(series.firstIndex(atOrAfter: step) == plain.firstIndex(atOrAfter: step))
    }
  }

  @Test(arguments: sizes)
  func extentsOfRandomRangesAreThoseOfAPlainWalk(size: Int) {
    var random = SeededGenerator(seed: UInt64(size))
    var (series, plain) = (TimeSeries(), PlainSeries())
    var step: Int64 = 0
    for _ in 0..<size {
      step += Int64.random(in: 1...3, using: &random)
      let value = Self.value(&random)
      series.append(step: step, wallTime: Double(step), value: value)
      plain.append(step, value)
    }
    expectSame(series, plain, &random)
  }

  @Test(arguments: sizes)
  func aSupersededStretchLeavesNothingBehind(size: Int) {
    var random = SeededGenerator(seed: UInt64(size) + 1000)
    var (series, plain) = (TimeSeries(), PlainSeries())
    var step: Int64 = 0
    for _ in 0..<5 {
      for _ in 0..<size {
        step += Int64.random(in: 1...3, using: &random)
        let value = Self.value(&random)
        series.append(step: step, wallTime: 0, value: value)
        plain.append(step, value)
      }
      step = Int64.random(in: -1...step + 1, using: &random)
      let dropped = plain.points.count { $0.step >= step }
      let before = series.supersededCount
      series.supersede(from: step)
      plain.supersede(from: step)
      #expect(series.supersededCount == before + dropped)
      expectSame(series, plain, &random)
    }
  }

  @Test func stepsThatGoBackOrRepeatReplaceWhatIsThere() {
    for seed in 0..<20 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var (series, plain) = (TimeSeries(), PlainSeries())
      var step: Int64 = 0
      for _ in 0..<700 {
        let isBack = Int.random(in: 0..<40, using: &random) == 0
        step += Int64.random(in: isBack ? -60...0 : 1...2, using: &random)
        let value = Self.value(&random)
        series.append(step: step, wallTime: 0, value: value)
        plain.append(step, value)
      }
      expectSame(series, plain, &random)
    }
  }

  @Test func aSpikeIsInEveryRangeThatHoldsIt() {
    var series = TimeSeries()
    for step in 0..<5000 as Range<Int64> {
      series.append(step: step, wallTime: 0, value: step == 3333 ? 99 : 1)
    }
    let isHidden = (0..<1600).contains {
      series.extent(3333 - $0..<3334 + $0).maximum != 99
    }
    #expect(!isHidden)
    #expect(series.extent(0..<3333).maximum == 1)
    #expect(series.extent(3334..<5000).maximum == 1)
  }

  @Test func theNearestPointIsFound() {
    var series = TimeSeries()
    #expect(series.index(nearest: 0) == nil)
    for step in [10, 20, 40] as [Int64] { series.append(step: step, wallTime: 0, value: 0) }
    let expected: [(Int64, Int)] = [
      (.min, 0), (9, 0), (10, 0), (14, 0), (16, 1), (20, 1), (29, 1), (31, 2), (40, 2), (.max, 2),
    ]
    for (step, index) in expected { #expect(series.index(nearest: step) == index, "\(step)") }
  }

  @Test func noStepIsTooFar() {
    var series = TimeSeries()
    for step in [.min, -1, 0, .max] as [Int64] {
      series.append(step: step, wallTime: 0, value: Float(step.signum()))
    }
    #expect(series.count == 4)
    #expect(series.firstIndex(atOrAfter: .max) == 3)
    #expect(series.index(nearest: .min) == 0)
    #expect(series.index(nearest: .max - 1) == 3)
    #expect(series.index(nearest: .min + 1) == 0)
    series.append(step: .min, wallTime: 0, value: 7)
    #expect(series.steps == [.min])
  }
}
