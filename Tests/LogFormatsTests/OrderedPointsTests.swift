import RunLog
import Testing

@testable import LogFormats

struct OrderedPointsTests {
  private func points(_ steps: [Int64], tag: String = "a") -> OrderedPoints {
    var points = OrderedPoints()
    for (index, step) in steps.enumerated() {
      _ = points.append(tag: tag, step: step, wallTime: 0, value: Double(index))
    }
    return points
  }

  @Test func orderedStepsStayAsTheyCame() {
    var points = points([1, 2, 2, 5])
    points.order()
    #expect(points.sortingCount == 0)
    #expect(points.entries.map(\.value) == [0, 1, 2, 3])
  }

  @Test func eachTagHasItsOwnOrder() {
    var points = points([10, 20])
    _ = points.append(tag: "b", step: 5, wallTime: 0, value: 9)
    points.order()
    #expect(points.sortingCount == 0)
  }

  @Test func ofEqualStepsTheOneThatCameLastIsLast() {
    var points = points([3, 1, 3, 1, 2])
    points.order()
    #expect(points.sortingCount == 1)
    #expect(points.entries.map(\.step) == [1, 1, 2, 3, 3])
    #expect(points.entries.map(\.value) == [1, 3, 4, 0, 2])
  }

  @Test func theRunIsToldAnewOnlyWhenItsOrderChanged() {
    var run = StoredRun()
    var telling = StoredRunTelling()
    func tell() -> LogBatch {
      var batch = LogBatch()
      run.points.order()
      telling.tell(run, at: 0, into: &batch)
      return batch
    }
    #expect(tell().events == [])
    for step in [4, 2] as [Int64] {
      _ = run.points.append(tag: "a", step: step, wallTime: 0, value: 1)
    }
    let first = tell()
    #expect(!first.isRestart)
    #expect(first.events.points.map(\.step) == [2, 4])
    _ = run.points.append(tag: "a", step: 3, wallTime: 0, value: 1)
    let second = tell()
    #expect(second.isRestart)
    #expect(second.events.points.map(\.step) == [2, 3, 4])
    #expect(tell().events == [])
  }

  @Test func anOrderThatAlwaysChangesIsNotToldAllTheTime() {
    var run = StoredRun()
    var telling = StoredRunTelling()
    func tell(at now: Double) -> Bool {
      _ = run.points.append(tag: "a", step: 0, wallTime: 0, value: 1)
      run.points.order()
      var batch = LogBatch()
      telling.tell(run, at: now, into: &batch)
      return batch.isRestart
    }
    for step in 1...50_000 as ClosedRange<Int64> {
      _ = run.points.append(tag: "a", step: step, wallTime: 0, value: 1)
    }
    // The first time, nothing was told before.
    #expect([0, 0.1, 0.3, 0.5, 0.7, 1.3].map(tell) == [false, true, false, false, true, true])
    run.generation += 1
    #expect(tell(at: 1.4))
  }

  @Test func manyPointsComeInPortions() {
    var run = StoredRun()
    run.outcome = .finished
    for step in 0..<450_000 as Range<Int64> {
      _ = run.points.append(tag: "a", step: step, wallTime: 0, value: 1)
    }
    var telling = StoredRunTelling()
    var counts: [Int] = []
    var isOver = false
    for _ in 0..<10 where !isOver {
      var batch = LogBatch()
      telling.tell(run, at: 0, into: &batch)
      counts.append(batch.events.points.count)
      isOver = !batch.hasMore
      #expect(batch.events.contains(.outcome(.finished)) == isOver)
    }
    #expect(counts == [100_000, 100_000, 100_000, 100_000, 50_000])
  }
}
