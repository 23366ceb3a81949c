import RunLog
import RunModel
import TestSupport
import Testing

struct ColumnsTests {
  /// The plain twin: each end is looked for by itself.
  private func plain(
    _ run: Run, _ series: TimeSeries, _ range: ClosedRange<Double>, _ count: Int, _ axis: TimeAxis
  ) -> [Range<Int>] {
    let width = (range.upperBound - range.lowerBound) / Double(count)
    var first = run.firstIndex(in: series, atOrAfter: range.lowerBound, on: axis)
    return (1...count).map { column in
      let end =
        column == count ? range.upperBound.nextUp : range.lowerBound + width * Double(column)
      let next = max(first, run.firstIndex(in: series, atOrAfter: end, on: axis))
      defer { first = next }
      return first..<next
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func theyAreThoseOfThePlainSearch(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var run = Run(path: "a", name: "a")
    var (step, time) = (Int64.random(in: -99...99, using: &random), 1e9)
    for _ in 0..<Int.random(in: 1...900, using: &random) {
      let leaps: [Int64] = [1, 1, 1, 2, 700]
      step += leaps.randomElement(using: &random) ?? 1
      time += Double.random(in: 0...3, using: &random)
      run.apply(.scalar(ScalarPoint(tag: "a", step: step, wallTime: time, value: 1)))
    }
    let series = try #require(run.series["a"])
    for axis in [TimeAxis.step, .relative, .wall] {
      let all = try #require(run.extent(on: axis))
      let span = all.upperBound - all.lowerBound + 1
      for _ in 0..<6 {
        let lower = all.lowerBound + span * Double.random(in: -0.2...0.9, using: &random)
        let range = lower...(lower + span * Double.random(in: 1e-6...1.4, using: &random))
        for count in [1, 2, 7, 90, 400] {
          #expect(
            run.columns(of: series, in: range, count: count, on: axis)
              == plain(run, series, range, count, axis))
        }
      }
    }
    #expect(run.columns(of: series, in: 0...1, count: 0, on: .step) == [])
  }
}
