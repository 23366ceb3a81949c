import RunLog
import TestSupport
import Testing

@testable import RunModel

struct ThinningTests {
  private func randomSeries(_ count: Int, seed: UInt64, smoothing: Float = 0) -> TimeSeries {
    var random = SeededGenerator(seed: seed)
    var series = TimeSeries()
    series.smoothing = smoothing
    for step in 0..<Int64(count) {
      let strange: [Float] = [.nan, .infinity, -.infinity]
      let value =
        Int.random(in: 0..<9, using: &random) == 0
        ? strange.randomElement(using: &random) ?? .nan
        : Float(Int.random(in: 0..<20, using: &random))
      series.append(step: step, wallTime: Double(step) * 2, value: value)
    }
    return series
  }

  private func extent(_ series: TimeSeries, _ steps: Range<Int64>) -> Extent {
    series.extent(
      series.firstIndex(
        atOrAfter: steps.lowerBound)..<series.firstIndex(
          atOrAfter: steps.upperBound))
  }

  @Test(arguments: [0, 1, 3, 4, 5, 17, 400, 2001])
  func extentsOfWholeGroupsStay(count: Int) {
    for seed in 0..<10 as Range<UInt64> {
      let series = randomSeries(count, seed: seed)
      var thinned = series
      thinned.thin()
      #expect(thinned.steps.first == series.steps.first && thinned.lastStep == series.lastStep)
      #expect(thinned.wallTimes == ChunkedArray(thinned.steps.map { Double($0) * 2 }))
      #expect(
        thinned.values.map(\.bitPattern)
          == thinned.steps.map { series.values[Int($0)].bitPattern })
      let groups = Int64(count + 3) / 4
      for from in 0..<groups {
        for to in [from + 1, from + 2, groups] where to <= groups {
          let steps = from * 4..<to * 4
          #expect(extent(thinned, steps) == extent(series, steps), "\(steps) of \(count)")
        }
      }
    }
  }

  @Test func aboutHalfStaysEachTime() {
    var series = TimeSeries()
    for step in 0..<8192 as Range<Int64> {
      series.append(step: step, wallTime: 0, value: step < 4096 ? 1 : Float(step % 7))
    }
    let bytes = series.byteCount
    for round in 1...3 {
      series.thin()
      #expect(abs(series.count - 8192 >> round) < 8)
      #expect(series.thinning == 1 << round)
    }
    #expect(series.byteCount < bytes / 4)
  }

  @Test func smoothedValuesStay() {
    let series = randomSeries(3000, seed: 4, smoothing: 0.9)
    var thinned = series
    thinned.thin()
    for (index, step) in thinned.steps.enumerated() {
      let (found, before) = (thinned.smoothedValue(at: index), series.smoothedValue(at: Int(step)))
      #expect(found.bitPattern == before.bitPattern)
    }
    // The average goes on as if nothing had been dropped.
    var whole = series
    for step in 3000..<3010 as Range<Int64> {
      whole.append(step: step, wallTime: 0, value: 3)
      thinned.append(step: step, wallTime: 0, value: 3)
    }
    #expect(
      thinned.smoothedValue(at: thinned.count - 1) == whole.smoothedValue(at: whole.count - 1))
  }

  @Test func aThinnedSeriesCanBeSuperseded() {
    var series = randomSeries(3000, seed: 5, smoothing: 0.9)
    series.thin()
    series.supersede(from: 1000)
    series.append(step: 1000, wallTime: 0, value: 3)
    #expect(series.lastStep == 1000)
    #expect(series.smoothedValue(at: series.count - 1).isFinite)
    #expect(series.extent(0..<series.count) == extent(series, 0..<1001))
  }

  @Test func theAverageOfAThinnedSeriesGoesBackOverWhatIsLeft() {
    var series = TimeSeries()
    series.smoothing = 0.99
    for step in 0..<4096 as Range<Int64> {
      series.append(step: step, wallTime: 0, value: step < 1024 ? 0 : 1)
    }
    series.thin()
    series.supersede(from: 2000)
    series.append(step: 2000, wallTime: 0, value: 1)
    // All of the ones that are left count, of which some stand behind the copies of before.
    #expect(series.smoothedValue(at: series.count - 1) > 0.95)
  }

  @Test func aRunThinsItsLargestSeries() {
    var run = run((0..<3000).map { scalar("long", $0) } + (0..<1500).map { scalar("short", $0) })
    #expect(run.thinning == 1)
    let (revision, bytes) = (run.revision, run.byteCount)
    let isThinned = run.thin()
    #expect(isThinned)
    #expect(run.series["long"]?.count == 1500)
    #expect(run.series["short"]?.count == 1500)
    #expect(run.thinning == 2)
    #expect(run.revision > revision && run.byteCount < bytes)
    var rounds = 0
    while run.thin() && rounds < 10 { rounds += 1 }
    #expect(rounds == 2)
    #expect(run.lastStep == 2999)
  }
}
