import RunLog
import RunModel
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

struct MemoryBudgetTests {
  private static let points: Int64 = 20_000

  /// Runs that have a few long curves each, with spikes and what is no number.
  private func desk(runs: Int = 2, points: Int64 = points) -> Desk {
    var random = SeededGenerator(seed: 7)
    var desk = Desk(rows: 24, columns: 200)
    for run in 0..<runs {
      let path = "runs/\(run)"
      desk.find(path, name: "\(run)")
      desk.log(
        ["train/loss", "val/loss", "x"].flatMap { tag in
          (0..<points).map { step in
            let value: Float = step % 777 == 3 ? .nan : .random(in: -5...5, using: &random)
            return Samples.scalar(tag, step, step == 1234 ? 99 : value)
          }
        }, path: path)
    }
    return desk
  }

  private func bytes(_ desk: Desk) -> Int { desk.state.runs.reduce(0) { $0 + $1.run.byteCount } }

  @Test func aFrameKeepsToTheBudget() {
    for share in [0.9, 0.5, 0.2, 0.1] {
      var desk = desk()
      let before = desk.state.runs.map { $0.run.series }
      desk.state.settings.memoryBudgetBytes = Int(Double(bytes(desk)) * share)
      #expect(bytes(desk) > desk.state.settings.memoryBudgetBytes)
      desk.send(.frame)
      #expect(bytes(desk) <= desk.state.settings.memoryBudgetBytes)
      for (run, old) in zip(desk.state.runs, before) {
        #expect(Set(run.run.series.keys) == Set(old.keys))
        for (tag, series) in run.run.series {
          #expect(series.extent == old[tag]?.extent, "\(tag)")
          #expect(series.steps.first == 0 && series.steps.last == Self.points - 1)
          #expect(series.last == old[tag]?.last)
        }
      }
    }
  }

  /// No more is thrown away than has to be.
  @Test func whatFitsIsNotThinned() {
    var desk = desk(runs: 1)
    desk.state.settings.memoryBudgetBytes = bytes(desk)
    desk.send(.frame)
    #expect(desk.state.runs[0].run.thinning == 1)
    desk.state.settings.memoryBudgetBytes -= 1
    desk.send(.frame)
    #expect(desk.state.runs[0].run.thinning == 2)
    #expect(desk.state.runs[0].run.series.values.count { $0.thinning == 1 } == 2)
  }

  @Test func theFooterSaysHowMuchWasThinned() {
    var desk = desk(runs: 1)
    #expect(desk.screen.last?.contains("thinned") == false)
    desk.state.settings.memoryBudgetBytes = bytes(desk) / 5
    desk.send(.frame)
    let thinning = desk.state.runs[0].run.thinning
    #expect(thinning >= 4)
    #expect(
      desk.screen.last?.contains("points thinned \(thinning)×: minima and maxima kept") == true)
  }

  /// Short curves stay as they are, even if that is too much.
  @Test(arguments: [0, 1, 5000])
  func whatCannotBeMetDoesNotGoOnForEver(budget: Int) {
    var desk = desk()
    desk.state.settings.memoryBudgetBytes = budget
    desk.send(.frame)
    let left = bytes(desk)
    #expect(left > budget)
    #expect(desk.state.runs.flatMap { $0.run.series.values.map(\.count) }.allSatisfy { $0 > 100 })
    desk.send(.frame)
    #expect(bytes(desk) == left)
  }

  /// A run that goes on is thinned again and again, and keeps its extremes.
  @Test func aRunThatGrowsStaysWithin() {
    var desk = desk(runs: 1, points: 3000)
    desk.state.settings.memoryBudgetBytes = bytes(desk)
    for round in 1...5 as ClosedRange<Int64> {
      desk.log(
        (0..<3000).map { Samples.scalar("x", round * 3000 + $0, 0) }, path: "runs/0")
      desk.send(.frame)
      #expect(bytes(desk) <= desk.state.settings.memoryBudgetBytes)
    }
    #expect(desk.state.runs[0].run.series["x"]?.extent.maximum == 99)
    #expect(desk.state.runs[0].run.series["x"]?.lastStep == 17_999)
  }
}
