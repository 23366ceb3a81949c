import RunLog
import TestSupport
import Testing

@testable import RunModel

struct SmoothingTests {
  private static let values: [Float] = [2.5, 1.75, 3.0, 0.5, 0.25, 4.0, 1.0, 1.5]

  /// c = w ** numpy.arange(i, -1, -1.0); (c * v[:i + 1]).sum() / c.sum(), for each i.
  private static let expected: [(weight: Float, smoothed: [Float])] = [
    (0.6, [2.5, 2.03125, 2.5255102, 1.5946691, 1.0114504, 2.2653733, 1.7446469, 1.6451164]),
    (0.99, [2.5, 2.1231156, 2.4183529, 1.9315106, 1.5884149, 2.0005118, 1.8532362, 1.807513]),
  ]

  private func series(_ values: [Float], weight: Float = 0) -> TimeSeries {
    var series = TimeSeries()
    series.smoothing = weight
    for value in values {
      series.append(step: Int64(series.count), wallTime: Double(series.count), value: value)
    }
    return series
  }

  private func smoothed(_ series: TimeSeries) -> [Float] {
    series.steps.indices.map { series.smoothedValue(at: $0) }
  }

  private func random(_ count: Int, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { index in
      index % 37 == 5 ? .nan : Float.random(in: -2...5, using: &random)
    }
  }

  @Test func smoothedValuesAreThoseOfNumpy() {
    for (weight, expected) in Self.expected {
      for (found, value) in zip(smoothed(series(Self.values, weight: weight)), expected) {
        #expect(abs(found - value) < 2e-6)
      }
    }
  }

  @Test func valuesThatAreNotFiniteDoNotEnter() {
    var values = Self.values
    values.insert(.infinity, at: 0)
    values.insert(.nan, at: 4)
    let found = smoothed(series(values, weight: 0.6))
    #expect(found[0] == .infinity)
    #expect(found[4].isNaN)
    #expect(found.filter(\.isFinite) == smoothed(series(Self.values, weight: 0.6)))
  }

  @Test func aConstantStaysWhatItIs() {
    let constant = [Float](repeating: 0.1, count: 5000)
    #expect(smoothed(series(constant, weight: 0.97)) == constant)
  }

  @Test func smoothingLaterIsTheSameAsFromTheBeginning() {
    let values = random(3000, seed: 1)
    var later = series(values)
    #expect(smoothed(later).map(\.bitPattern) == values.map(\.bitPattern))
    let raw = later.byteCount
    later.smoothing = 0.9
    #expect(later.byteCount > raw)
    let first = series(values, weight: 0.9)
    #expect(smoothed(later).map(\.bitPattern) == smoothed(first).map(\.bitPattern))
    #expect(later.smoothedExtent(100..<2000) == first.smoothedExtent(100..<2000))
    #expect(later.smoothedExtent(0..<3000).maximum < later.extent.maximum)
    later.smoothing = .nan
    #expect(later.smoothing == 0)
    #expect(later.smoothedExtent(0..<3000) == later.extent)
    later.smoothing = 7
    #expect(later.smoothing < 1)
    #expect(later.smoothedValue(at: -1).isNaN && later.smoothedValue(at: 3000).isNaN)
  }

  @Test(arguments: [1, 255, 256, 257, 700, 1500])
  func afterARestartTheAverageIsThatOfWhatIsLeft(kept: Int) {
    let (before, after) = (random(1500, seed: 2), random(900, seed: 3))
    var restarted = series(before, weight: 0.95)
    restarted.supersede(from: Int64(kept))
    for value in after {
      restarted.append(step: Int64(restarted.count), wallTime: 0, value: value)
    }
    let fresh = series(Array(before[..<kept]) + after, weight: 0.95)
    #expect(smoothed(restarted).map(\.bitPattern) == smoothed(fresh).map(\.bitPattern))
    #expect(restarted.smoothedExtent(3..<800) == fresh.smoothedExtent(3..<800))
  }

  @Test func aRunSmoothsWhatIsThereAndWhatComes() {
    var run = run((0..<8).map { scalar("a", $0, Self.values[Int($0)]) })
    let revision = run.revision
    run.smoothing = 0.6
    #expect(run.revision > revision)
    #expect(run.series["a"]?.smoothing == 0)
    let bytes = run.byteCount
    run.smooth(["a", "no such tag"])
    #expect(run.byteCount > bytes)
    for step in 0..<8 as Range<Int64> { run.apply(scalar("b", step, Self.values[Int(step)])) }
    let expected = smoothed(series(Self.values, weight: 0.6))
    #expect(run.series["a"].map(smoothed) == expected)
    #expect(run.series["b"]?.smoothing == 0)
    run.smooth(["a", "b"])
    #expect(run.series["b"].map(smoothed) == expected)
    run.apply(scalar("a", 3, 7))
    #expect(run.series["a"]?.smoothedValue(at: 3) != 7)
    run.smoothing = 0
    #expect(run.series.values.allSatisfy { $0.smoothing == 0 })
    run.smoothing = 7
    run.smooth(["a"])
    #expect(run.series["a"].map { $0.smoothing < 1 } == true)
  }
}
