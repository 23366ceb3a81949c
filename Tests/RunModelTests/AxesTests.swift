import RunLog
import TestSupport
import Testing

@testable import RunModel

struct AxesTests {
  private func point(_ tag: String, _ step: Int64, at seconds: Double, _ value: Float = 1)
    -> RunEvent
  {
    .scalar(ScalarPoint(tag: tag, step: step, wallTime: seconds, value: value))
  }

  @Test func eachAxisHasItsUnit() throws {
    var events: [RunEvent] = [
      .journal(
        .init(wallTime: 1000, step: 0, .phase(.init(.training, stepsPerEpoch: 50))))
    ]
    events += (1...100).map { point("loss", $0 * 10, at: 1000 + Double($0) / 2) }
    let run = run(events)
    let loss = try #require(run.series["loss"])
    let expected: [TimeAxis: (x: Double, extent: ClosedRange<Double>)] = [
      .step: (200, 10...1000), .epoch: (4, 0.2...20), .relative: (10, 0.5...50),
      .wall: (1010, 1000.5...1050),
    ]
    for axis in TimeAxis.allCases {
      let (x, extent) = try #require(expected[axis])
      #expect(run.isAvailable(axis))
      #expect(run.axisValue(of: loss, at: 19, on: axis) == x)
      #expect(run.axisValue(of: loss, at: 100, on: axis).isNaN)
      #expect(run.extent(on: axis) == extent)
      #expect(run.firstIndex(in: loss, atOrAfter: x, on: axis) == 19)
      #expect(run.firstIndex(in: loss, atOrAfter: x + 0.001, on: axis) == 20)
      #expect(run.firstIndex(in: loss, atOrAfter: -.infinity, on: axis) == 0)
      #expect(run.firstIndex(in: loss, atOrAfter: .infinity, on: axis) == 100)
      #expect(run.step(at: x, on: axis) == 200)
      #expect(run.axisValue(ofStep: 200, on: axis) == x)
    }
    #expect(run.step(at: 1010.2, on: .wall) == 200)
    #expect(run.step(at: 1010.3, on: .wall) == 210)
    #expect(run.step(at: 9999, on: .wall) == 1000)
    #expect(run.axisValue(ofStep: 204, on: .wall) == 1010)
  }

  @Test func withoutPointsOrEpochsThereIsNoPlace() {
    let run = run([])
    #expect(TimeAxis.allCases.allSatisfy { run.extent(on: $0) == nil })
    #expect(!run.isAvailable(.epoch) && run.isAvailable(.wall))
    #expect(run.axisValue(ofStep: 3, on: .epoch) == nil)
    #expect(run.axisValue(ofStep: 3, on: .relative) == nil)
    for x in [Double.nan, .infinity, -.infinity, 1e300] {
      for axis in TimeAxis.allCases { _ = run.step(at: x, on: axis) }
    }
    #expect(run.step(at: 1e300, on: .step) == .max)
  }

  /// Fractions count exactly; whole numbers by the step at which the newest of them came.
  @Test(arguments: [false, true])
  func aForeignLogTellsItsEpochs(isWhole: Bool) throws {
    var run = run((1...95).map { scalar("train/loss", $0 * 10) })
    #expect(run.extent(on: .epoch) == nil)
    for step in stride(from: 10, through: 950, by: 10) as StrideThrough<Int64> {
      let epochs = Float(step) / 100
      run.apply(scalar("train/epoch", step, isWhole ? epochs.rounded(.down) : epochs))
    }
    #expect(run.stepsInEpoch == 100)
    #expect(run.extent(on: .epoch) == 0.1...9.5)
    #expect(run.step(at: 2.5, on: .epoch) == 250)
    run.apply(scalar("train/epoch", 960, .nan))
    #expect(run.stepsInEpoch == 100)
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func aClockThatGoesBackDoesNotBreakTheSearch(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var (run, times) = (Run(path: "a", name: "a"), [Double]())
    var now = 1000.0
    for step in 0..<500 as Range<Int64> {
      now += Int.random(in: 0..<50, using: &random) == 0 ? -20 : 1
      let odd = Int.random(in: 0..<60, using: &random) == 0
      let time = odd && step > 0 ? Double.nan : now
      times.append(max(times.last ?? time, time.isNaN ? 0 : time))
      run.apply(point("loss", step, at: time))
      if step == 400 {
        run.apply(.sessionStarted(step: 301, wallTime: now))
        times.removeLast(times.count - 301)
      }
    }
    let loss = try #require(run.series["loss"])
    #expect(times.indices.allSatisfy { run.axisValue(of: loss, at: $0, on: .wall) == times[$0] })
    for _ in 0..<100 {
      let x = Double.random(in: 0...1600, using: &random)
      let expected = times.firstIndex { $0 >= x } ?? times.count
      #expect(run.firstIndex(in: loss, atOrAfter: x, on: .wall) == expected)
    }
    #expect(loss.wallTimes.count == loss.count)
  }

  @Test func timesInOrderCostNothing() {
    var (ordered, other) = (TimeSeries(), TimeSeries())
    for step in 0..<1000 as Range<Int64> {
      ordered.append(step: step, wallTime: Double(step), value: 0)
      other.append(step: step, wallTime: step == 0 ? 5 : Double(step), value: 0)
    }
    #expect(other.byteCount == ordered.byteCount + 8000)
  }
}
