import JSONText
import RunLog
import RunModel
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

struct CandidatesViewTests {
  private func candidate(_ json: JSON, at step: Int64 = 0) -> RunEvent {
    Samples.journal(step, .other(kind: "candidate", json))
  }

  private var search: [RunEvent] {
    [
      candidate(["id": "a", "state": "training", "architecture": "c3 c3", "parameters": 100]),
      candidate(["id": "b", "state": "finished", "scores": ["accuracy": 0.9], "parameters": 300]),
      candidate(["id": 7, "state": "finished", "scores": ["accuracy": 0.8], "parameters": 400]),
      candidate(["id": "a", "state": "finished", "scores": ["accuracy": 0.95]], at: 5),
      candidate(["state": "no id"]), candidate("no object"),
      candidate(["id": "d", "scores": "wrong", "parameters": ["x"], "state": 3]),
    ]
  }

  private func desk(_ events: [RunEvent], rows: Int = 40, columns: Int = 140) -> Desk {
    var desk = Desk(rows: rows, columns: columns)
    desk.find(Desk.path)
    desk.log(events)
    desk.press(.character("3"))
    return desk
  }

  private func ids(_ desk: Desk) -> [String] {
    desk.state.listModel(of: CandidatesView()).rows.map(\.id)
  }

  @Test func recordsAreReadWhateverTheyHold() throws {
    let record = try #require(
      CandidateRecord(
        [
          "id": 3, "architecture": ["cells": [1, 2]], "scores": ["val_accuracy": 0.5, "loss": 2],
          "latency_ms": 2.5, "flops": 1e9, "epochs": 4, "seed": 9, "nested": ["deep": ["er": true]],
        ], step: 8))
    #expect(record.id == "3")
    #expect(record.architecture == "{\"cells\":[1,2]}")
    #expect(record.score == 0.5)
    #expect(record.scoreName == "val_accuracy")
    #expect(record.latencySeconds == 0.0025)
    #expect(record.flops == 1e9)
    #expect(record.epochs == 4)
    #expect(record.others.map(\.name) == ["scores/loss", "seed", "nested/deep/er"])
    #expect(CandidateRecord(["id": ""], step: 0) == nil)
    #expect(CandidateRecord(["id": true], step: 0) == nil)
    #expect(CandidateRecord(.null, step: 0) == nil)
  }

  @Test func theBestComesFirstAndTheNewestRecordCounts() {
    let desk = desk(search)
    #expect(ids(desk) == ["a", "b", "7", "d"])
    let table = desk.state.candidatesTable
    #expect(table.records[0].state == "finished")
    #expect(table.records[0].architecture == "c3 c3")
    #expect(table.records[0].step == 5)
    #expect(table.front == [0])
    #expect(table.scoreName == "accuracy")
    #expect(!table.isOfRuns)
    #expect(desk.screen.contains { $0.contains("Pareto front") })
  }

  @Test func aFilterComparesScoresAndCosts() {
    var desk = desk(search)
    desk.press(.character("/"))
    desk.type("accuracy>0.85 and parameters<200")
    desk.press(.enter)
    #expect(ids(desk) == ["a"])
  }

  @Test func dLeavesOutWhatIsTheSame() {
    var desk = desk([
      candidate(["id": "a", "score": 1, "parameters": 5, "epochs": 3]),
      candidate(["id": "b", "score": 2, "parameters": 6, "epochs": 3]),
    ])
    func columns() -> [String] { desk.state.listModel(of: CandidatesView()).columns.map(\.name) }
    #expect(columns().contains("epochs"))
    desk.press(.character("d"))
    #expect(columns() == ["rank", "id", "score", "pareto", "parameters"].filter { $0 != "pareto" })
    desk.press(.character("d"))
    #expect(columns().contains("epochs"))
  }

  @Test func enterOpensTheRunOfACandidate() {
    var desk = desk(search)
    desk.press(.enter)
    #expect(desk.told.contains { $0.contains("has no run here") })
    desk.find(Desk.path + "/candidates/b", name: "b")
    desk.press(.down, .enter)
    #expect(desk.state.selectedPath == Desk.path + "/candidates/b")
    #expect(desk.state.view == "curves")
    // From there the table is still that of the search.
    desk.press(.character("3"))
    #expect(ids(desk) == ["a", "b", "7", "d"])
  }

  @Test func runsServeAsCandidatesWhereThereIsNoSearch() {
    var desk = desk([
      Samples.scalar("val/accuracy", 1, 0.5), Samples.scalar("val/accuracy", 2, 0.25),
      .hyperparameters([.init(name: "batch", value: 64)]),
    ])
    desk.find("runs/other", name: "other")
    desk.log([Samples.scalar("val/accuracy", 1, 0.75)], path: "runs/other")
    #expect(ids(desk) == ["runs/other", Desk.path])
    let rows = desk.state.listModel(of: CandidatesView()).rows
    #expect(rows[1].value("val/accuracy") == .number(0.5))
    #expect(rows[1].value("batch") == .number(64))
    #expect(desk.screen.contains { $0.contains("the runs serve as candidates") })
    desk.press(.character(" "))
    #expect(desk.state.marked == ["runs/other"])
  }

  /// The plain twin: every point against every other.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func theFrontIsWhatNothingBeats(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let strange: [Double] = [.nan, .infinity, -.infinity]
    let points = (0..<Int.random(in: 0...60, using: &random)).map { _ in
      let isStrange = Int.random(in: 0..<10, using: &random) == 0
      let score = Double(Int.random(in: -5...5, using: &random))
      return (
        cost: Double(Int.random(in: 0...8, using: &random)),
        score: isStrange ? strange.randomElement(using: &random) ?? 0 : score
      )
    }
    let isSmaller = seed % 2 == 0
    func beats(_ one: (cost: Double, score: Double), _ other: (cost: Double, score: Double)) -> Bool
    {
      let (first, second) = isSmaller ? (-one.score, -other.score) : (one.score, other.score)
      return one.score.isFinite && one.cost <= other.cost && first >= second
        && (one.cost < other.cost || first > second)
    }
    let plain = points.indices.filter { index in
      points[index].score.isFinite && !points.contains { beats($0, points[index]) }
    }
    #expect(
      CandidatesParetoFront.indices(points, isBetterWhenSmaller: isSmaller) == Array(plain))
  }

  @Test func everySizeIsDrawn() {
    let evil = JSON.string(Samples.hostile)
    let hostile = candidate([
      "id": evil, "architecture": evil, "state": evil, "score": .number(.infinity),
      "parameters": .number(-1e300), "latency": .number(.nan), Samples.hostile: evil,
    ])
    let rest = (0..<50).map { index in
      candidate(["id": .integer(index), "score": .number(Double(index)), "parameters": 1e308])
    }
    for (rows, columns) in [(1, 1), (2, 9), (9, 30), (24, 80), (60, 15), (200, 500)] {
      var desk = desk([hostile] + rest, rows: rows, columns: columns)
      for key in [Key.down, .tab, .pageDown, .character("d"), .end, .enter] {
        desk.press(key)
        _ = desk.screen
      }
      #expect(HostileTextTests.harmful(render(desk.state)) == [])
    }
  }
}
