import JSONText
import LogFormats
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

  @Test func fieldsAreKnownByTheirNames() throws {
    let desk = desk([
      candidate(
        [
          "id": 3, "architecture": ["cells": [1, 2]], "scores": ["val_accuracy": 0.5, "loss": 2],
          "latency_ms": 2.5, "measured_latency_ms": 3, "flops": 1e9, "epochs": 4, "seed": 9,
          "nested": ["deep": ["er": true]],
        ], at: 8)
    ])
    let table = desk.state.candidatesTable
    let meanings = table.meanings
    #expect(table.candidates.id(0) == "3")
    #expect(meanings.architecture?.word(0) == "{\"cells\":[1,2]}")
    #expect(table.score(0) == 0.5)
    #expect(meanings.scoreName == "val_accuracy")
    #expect(meanings.latency?.value(0) == 0.0025)
    #expect(meanings.measuredLatency?.value(0) == 0.003)
    #expect(meanings.flops?.value(0) == 1e9)
    #expect(meanings.epochs?.value(0) == 4)
    #expect(meanings.others.map(\.name) == ["scores/loss", "seed", "nested/deep/er"])
    let row = try #require(desk.state.listModel(of: CandidatesView()).rows.first)
    #expect(row.value("latency") == .number(0.0025) && row.value("seed") == .number(9))
    #expect(row.step == 8)
  }

  /// A score that is no measurement says so wherever it stands.
  @Test func theNameOfTheScoreIsShown() {
    let events = [
      candidate(["id": "a", "score": 1, "parameters": 5, "score_name": "synthetic fitness"]),
      candidate(["id": "b", "score": 2, "parameters": 6, "score_name": "synthetic fitness"]),
    ]
    var desk = desk(events)
    #expect(desk.screen.contains { $0.contains("synthetic fitness by parameters") })
    #expect(desk.screen.contains { $0.contains("rank") && $0.contains("synthetic fitness") })
    desk.state.setFilter("score>1")
    #expect(ids(desk) == ["b"])
  }

  @Test func theBestComesFirstAndTheNewestRecordCounts() {
    let desk = desk(search)
    #expect(ids(desk) == ["a", "b", "7", "d"])
    let table = desk.state.candidatesTable
    #expect(table.meanings.state?.word(0) == "finished")
    #expect(table.meanings.architecture?.word(0) == "c3 c3")
    #expect(table.candidates.step(0) == 5)
    #expect(table.front == [0])
    #expect(table.meanings.scoreName == "accuracy")
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
    let path = Desk.path + "/candidates/b"
    desk.press(.down)
    #expect(desk.press(.enter) == [.follow(path: path, .open)])
    #expect(desk.state.view == "candidates")
    desk.send(.notFollowed(problem: "there is no run"))
    #expect(desk.told.contains("there is no run"))
    desk.find(path, name: "b")
    desk.send(.followed(path: path, .open))
    #expect(desk.state.selectedPath == path)
    #expect(desk.state.view == "curves")
    // From there the table is still that of the search, and Escape leads back to it.
    desk.press(.character("3"))
    #expect(ids(desk) == ["a", "b", "7", "d"])
    #expect(desk.press(.enter) == [])
    #expect(desk.state.view == "curves")
    desk.press(.escape)
    #expect(desk.state.selectedPath == Desk.path && desk.state.view == "candidates")
    #expect(CandidatesSteering(desk.state)?.id == "b")
  }

  @Test func spaceShowsCurvesBesideOthers() {
    var desk = desk(search)
    let path = Desk.path + "/candidates/a"
    #expect(desk.press(.character(" ")) == [.follow(path: path, .mark)])
    desk.find(path, name: "a")
    desk.send(.followed(path: path, .mark))
    #expect(desk.state.marked == [path] && desk.state.selectedPath == Desk.path)
    desk.press(.up)
    #expect(desk.screen.contains { $0.hasPrefix("▸●") })
    #expect(desk.press(.character(" ")) == [] && desk.state.marked == [])
  }

  /// An id is a name from outside, not a way to other files.
  @Test(arguments: ["..", ".", "../../etc", "a/b", "/etc", "a\0b"])
  func noIDLeadsElsewhere(id: String) {
    var desk = desk([candidate(["id": .string(id), "score": 1])])
    for key in [Key.enter, .character(" ")] { #expect(desk.press(key) == []) }
    #expect(desk.told.contains { $0.contains("has no run here") })
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

  // MARK: A search that goes on

  /// Numbered candidates of a search whose log has been read.
  private func block(_ count: Int) -> RunEvent {
    var block = CandidateBlock()
    for index in 0..<count { block.ids.append("\(index)") }
    block.columns = [.init(name: "score", values: .numbers((0..<count).map { Double($0) }))]
    return .candidates(block)
  }

  @Test func aShortTableShowsEveryChangeAtOnce() {
    var desk = desk([block(2000)])
    desk.send(.frame)
    for score in [5000, 6000] as [Int64] {
      desk.log([candidate(["id": "7", "score": .integer(score)])])
      desk.send(.frame)
      #expect(desk.state.cachedCandidates?.score(7) == Double(score))
    }
  }

  @Test func aLongTableIsMadeAnewNowAndThen() {
    var desk = desk([block(100_000)])
    desk.send(.frame)
    var tablesMade = 0
    var key = desk.state.cachedCandidates?.key
    for score in 0..<100 as Range<Int64> {
      desk.now += 0.1
      desk.log([candidate(["id": "7", "score": .integer(1_000_000 + score)])])
      desk.send(.frame)
      if desk.state.cachedCandidates?.key != key { tablesMade += 1 }
      key = desk.state.cachedCandidates?.key
    }
    // Ten seconds, a second's rest for each 100,000 rows.
    #expect((8...10).contains(tablesMade))
    // The last change is shown, though nothing more comes.
    desk.log([candidate(["id": "7", "score": 2_000_000])])
    desk.send(.frame)
    #expect(desk.state.cachedCandidates?.score(7) != 2_000_000)
    #expect(!desk.state.hasOldCandidates)
    desk.now += 2
    desk.send(.clock(wallSeconds: 5))
    #expect(desk.state.hasOldCandidates)
    desk.send(.frame)
    #expect(desk.state.cachedCandidates?.score(7) == 2_000_000)
    #expect(!desk.state.hasOldCandidates)
  }

  // MARK: Steering

  private func steered(_ state: JSON, epochs: JSON = 4, declares: Bool = true) -> Desk {
    var desk = desk([candidate(["id": "7", "state": state, "score": 1, "epochs": epochs])])
    var manifest = Samples.manifest
    if declares { manifest.declares.append(.init(command: "candidate")) }
    desk.log([.manifest(manifest), .liveness(.alive), Samples.phase(.training)])
    return desk
  }

  @Test func aCandidateIsPausedAtOnceAndGoesOn() {
    var desk = steered("running")
    #expect(desk.press(.character("p")).request == .candidate(id: "7", action: .pause))
    desk.log([candidate(["id": "7", "state": "paused"])])
    let effects = desk.press(.character("p"))
    #expect(effects.first?.sent?.path == Desk.path)
    #expect(effects.request == .candidate(id: "7", action: .resume))
    // What was asked is not asked twice.
    desk.deliver(effects)
    #expect(desk.told.contains("asked: resume candidate 7"))
    #expect(desk.press(.character("p")) == [])
  }

  @Test func killingAsksFirst() {
    var desk = steered("waiting")
    #expect(desk.press(.character("x")) == [])
    #expect(desk.screen.contains { $0.contains("Kill candidate 7?") })
    #expect(desk.press(.escape) == [] && desk.state.dialog == nil)
    #expect(desk.press(.character("x"), .character("n")) == [] && desk.state.dialog == nil)
    let effects = desk.press(.character("x"), .enter)
    #expect(effects.request == .candidate(id: "7", action: .kill))
    #expect(desk.state.dialog == nil)
  }

  @Test func promotingAsksForEpochs() {
    var desk = steered("finished", epochs: 3.5)
    desk.press(.character("t"))
    #expect(desk.screen.contains { $0.contains("epochs: 12") })
    desk.type("4")
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("it has 4 epochs already") })
    desk.press(.backspace)
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("type a number of epochs") })
    desk.type("20")
    #expect(
      desk.press(.enter).request == .candidate(id: "7", action: .promote(epochs: 20)))
  }

  @Test func aFullRunIsStartedWhateverTheSearchDoes() {
    var desk = steered("failed", declares: false)
    desk.log([.liveness(.dead)])
    desk.press(.character("f"))
    #expect(
      desk.press(.enter) == [
        .startRunOfCandidate(searchPath: Desk.path, id: "7", epochs: 12)
      ])
  }

  @Test func keysThatCannotActSayWhy() {
    func refusal(_ key: Character, _ desk: Desk) -> String {
      var desk = desk
      #expect(desk.press(.character(key)) == [])
      #expect(desk.state.dialog == nil)
      return desk.told.last ?? ""
    }
    for key in ["p", "x"] as [Character] {
      #expect(refusal(key, steered("finished")) == "not now: candidate 7 is finished")
      #expect(
        refusal(key, steered("running", declares: false))
          == "not now: this run does not take candidate")
    }
    #expect(refusal("t", steered("failed")) == "not now: candidate 7 is failed")
    for key in ["p", "x", "t"] as [Character] {
      var dead = steered("running")
      dead.log([.liveness(.dead)])
      #expect(refusal(key, dead) == "not now: no engine is running; nntop resume continues it")
    }
    #expect(refusal("f", desk(search)) == "not now: this log is no search of nntop")
    #expect(
      refusal("t", desk([Samples.scalar("loss", 1, 1)]))
        == "not now: there is no search in this log")
  }

  @Test func strangeEpochsAreNone() {
    for epochs: JSON in [.number(.nan), .number(1e300), -5, "many", .null] {
      var desk = steered("running", epochs: epochs)
      desk.press(.character("t"))
      #expect(desk.screen.contains { $0.contains("epochs: 3") })
    }
  }

  // MARK: Growth

  /// While a log is first read the table is made anew only when it has grown a good deal.
  @Test func aGrowingTableIsNotSortedAllTheTime() {
    var desk = desk((0..<100).map { candidate(["id": .integer($0), "score": .integer($0)]) })
    func read(_ more: Range<Int64>, hasMore: Bool) {
      var batch = LogBatch()
      batch.events = more.map { candidate(["id": .integer($0), "score": .integer($0)]) }
      batch.hasMore = hasMore
      batch.progress = .init(read: 1, size: 2)
      desk.send(.log(path: Desk.path, batch))
      desk.send(.frame)
    }
    desk.send(.frame)
    read(100..<110, hasMore: true)
    #expect(ids(desk).count == 100)
    read(110..<125, hasMore: true)
    #expect(ids(desk).count == 125)
    read(125..<126, hasMore: false)
    #expect(ids(desk).count == 126)
  }
}
