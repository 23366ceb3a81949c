import JSONText
import RunLog
import TestSupport
import Testing

@testable import RunModel

/// All that can be seen of a run, comparable; numbers by their bits, since a NaN equals nothing.
private struct Observed: Equatable {
  struct Points: Equatable {
    var steps: ChunkedArray<Int64>
    var wallTimes: ChunkedArray<Double>
    var values: [UInt32]
    var superseded: Int
  }

  var series: [String: Points]
  var marks: [Run.Mark]
  var commands: [Run.Command]
  var journal: [JournalRecord]
  var phase: JournalRecord.Phase?
  var steps: [Int64?]
  var lastWallTime: Double
  var state: Run.State
  var undoable: String?
  var remainingSeconds: Double?
  var hyperparameters: [Hyperparameter]
  var gridSteps: [String: Int64]
  var alerts: [Run.Alert]
  var layerNames: [String]
  var startedWallTime: Double?
  /// As words, since a NaN equals nothing.
  var stages: String
  var rounds: [Run.PruningRound]
  var pruning: JournalRecord.Pruning?
  var pruningSince: Int64?
  var candidates: [String]

  init(_ run: Run) {
    series = Dictionary(
      uniqueKeysWithValues: run.series.map { tag, one in
        let points = Points(
          steps: one.steps, wallTimes: one.wallTimes, values: one.values.map(\.bitPattern),
          superseded: one.supersededCount)
        return (tag, points)
      })
    (marks, commands, phase) = (run.marks, run.commands, run.phase)
    journal = Array(run.journal)
    steps = [run.lastStep, run.finalStep, run.stepsPerEpoch]
    lastWallTime = run.lastWallTime
    (state, undoable, remainingSeconds) = (run.state, run.undoable, run.remainingSeconds())
    hyperparameters = run.hyperparameters
    gridSteps = run.grids.mapValues(\.step)
    (stages, rounds) = ("\(run.stages)", run.rounds)
    (pruning, pruningSince) = (run.pruning?.pruning, run.pruning?.since)
    (alerts, layerNames, startedWallTime) = (run.alerts, run.layerNames, run.startedWallTime)
    candidates = (0..<run.candidates.count).map { row in
      "\(run.candidates.id(row)) \(run.candidates.column("score")?.number(row) ?? .nan)"
    }
  }
}

/// The files of a run that a made-up engine wrote: what is in each, in the order of its bytes.
private struct History {
  var events: [RunEvent] = []
  var journal: [RunEvent] = []
  var control: [RunEvent] = []

  private static let tags = [
    "train/loss", "val/loss", "optimizer/learning_rate", "sparsity/a", "val/accuracy",
    "time/forward_ms", "time/update_ms",
  ]

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var step: Int64 = 0
    let sessions = Int.random(in: 1...4, using: &random)
    for session in 0..<sessions {
      events.append(.sessionStarted(step: step + 1, wallTime: Double(session) * 100))
      if session == 0 {
        events.append(.hyperparameters([Hyperparameter(name: "batch", value: 8)]))
      } else {
        note(step, .restore(name: "step-\(step)"))
      }
      note(step, .phase(.init(.training, finalStep: 500, stepsPerEpoch: 50)))
      let length = Int64.random(in: 5...60, using: &random)
      for next in step + 1...step + length { train(next, &random) }
      step = Int64.random(in: max(0, step - 20)...step + length, using: &random)
    }
    let ends: [JournalRecord.Phase.Name] = [.training, .paused, .finished, .failed, .stopped]
    note(step, .phase(.init(ends.randomElement(using: &random) ?? .failed, reason: "so")))
  }

  private mutating func note(_ step: Int64, _ entry: JournalRecord.Entry) {
    journal.append(RunModelTests.journal(step, entry))
  }

  private mutating func train(_ step: Int64, _ random: inout SeededGenerator) {
    for tag in Self.tags where Bool.random(using: &random) {
      let value = Int.random(in: 0..<30, using: &random) == 0 ? Float.nan : Float(step)
      events.append(scalar(tag, step, value))
    }
    switch Int.random(in: 0..<20, using: &random) {
    case 0: note(step, .checkpoint(name: "step-\(step)"))
    case 1: note(step, .alert("plateau"))
    case 2:
      let grid = Grid(rows: 1, columns: 1, values: [0.5])
      events.append(.grid(tag: "density/a", step: step, wallTime: 0, grid))
    case 3...7: command(step, &random)
    case 8: journal.append(pruning("aofp", at: step, isOver: Bool.random(using: &random)))
    case 9: journal.append(round(.random(in: 0...3, using: &random), at: step, sparsity: 0.8))
    case 10: journal.append(pruned("aofp", at: step, from: 0, to: 0.8))
    case 11...13:
      note(step, .other(kind: "candidate", ["id": .integer(step % 7), "score": .integer(step)]))
    default: break
    }
  }

  /// A command that is asked now and answered now, later, or never.
  private mutating func command(_ step: Int64, _ random: inout SeededGenerator) {
    let requests: [ControlCommand.Request] = [
      .pause, .resume, .checkpoint, .halveLearningRate, .pruneToFourFifths, .undo,
    ]
    let request = requests.randomElement(using: &random) ?? .pause
    let id = "id\(control.count)"
    control.append(asked(id, request))
    let place = Int.random(in: 0...3, using: &random)
    guard place > 0 else { return }
    let answer = answered(
      id, at: step, request, status: place == 1 ? .refused : .applied, old: .number(0.1),
      new: .number(0.05))
    // Behind what was answered since: as a command with at_step.
    journal.insert(answer, at: max(0, journal.count - Int.random(in: 0...2, using: &random)))
    if request == .pruneToFourFifths { journal.append(pruned(at: step)) }
    if request == .undo {
      journal.append(undone("prune", at: step, to: step - 1, final: 500 + step))
    }
  }

  /// The three files read in random pieces, each in its own order.
  func interleaved(seed: UInt64) -> [RunEvent] {
    var random = SeededGenerator(seed: seed)
    var files = [events[...], journal[...], control[...]]
    var result: [RunEvent] = []
    while let file = files.indices.filter({ !files[$0].isEmpty }).randomElement(using: &random) {
      let piece = Int.random(in: 1...20, using: &random)
      result += files[file].prefix(piece)
      files[file] = files[file].dropFirst(piece)
    }
    return result
  }
}

struct RunFoldTests {
  @Test(arguments: 0..<60 as Range<UInt64>)
  func theModelIsTheSameInWhateverOrderTheFilesAreRead(seed: UInt64) {
    let history = History(seed: seed)
    let expected = Observed(run(history.events + history.journal + history.control))
    #expect(Observed(run(history.journal + history.control + history.events)) == expected)
    #expect(Observed(run(history.control + history.journal + history.events)) == expected)
    for order in 0..<20 as Range<UInt64> {
      let found = Observed(run(history.interleaved(seed: seed &* 1000 &+ order)))
      #expect(found == expected, "order \(order)")
    }
  }

  @Test func aRestartSupersedesLaterPointsOfEveryTag() {
    let tags = ["a", "b", "c"]
    var events = (1...20).flatMap { step in tags.map { scalar($0, step) } }
    events.append(.sessionStarted(step: 11, wallTime: 900))
    let run = run(events)
    for tag in tags { #expect(run.series[tag]?.steps == ChunkedArray(1...10)) }
    #expect(run.lastStep == 10)
    #expect(run.lastWallTime == 900)
    #expect(run.series["a"]?.supersededCount == 10)
  }

  @Test func nothingGrowsWithoutEnd() {
    var run = Run(path: "runs/a", name: "a")
    for index in 0..<6000 {
      run.apply(journal(Int64(index), .note("\(index)")))
      run.apply(asked("id\(index)", .pause))
      run.apply(.trouble(.unreadable(file: "f\(index)", offset: 0, reason: "r")))
    }
    #expect(run.journal.count == 5000)
    #expect(run.journal.last?.entry == .note("5999"))
    #expect(run.commands.count == 1000)
    #expect(run.commands.last?.id == "id5999")
    #expect(run.troubles.count == 100)
    for index in 0..<6000 {
      let name = "step-\(index)"
      run.apply(journal(Int64(index), .checkpoint(name: name)))
      if index % 10 == 0 { run.apply(pruned(at: Int64(index))) }
    }
    #expect(run.marks.count == 2000)
    // What the engine does by itself goes first.
    #expect(run.marks.count { $0.kind == .prune } == 600)
  }

  @Test func troubleIsToldOnceAndCountsGrow() {
    var run = Run(path: "runs/a", name: "a")
    run.apply(.trouble(.skippedRecords(file: "x", count: 1)))
    run.apply(.trouble(.skippedRecords(file: "y", count: 1)))
    run.apply(.trouble(.skippedRecords(file: "x", count: 3)))
    let revision = run.revision
    run.apply(.trouble(.skippedRecords(file: "x", count: 3)))
    run.apply(.liveness(.unknown))
    #expect(run.revision == revision)
    #expect(
      run.troubles == [
        .skippedRecords(file: "y", count: 1), .skippedRecords(file: "x", count: 3),
      ])
  }

  @Test func troubleThatIsOverIsForgotten() {
    let events: [RunEvent] = [
      .trouble(.unreadable(file: "x", offset: 3, reason: "gone")), .trouble(.diskFull(true)),
      .trouble(.skippedRecords(file: "x", count: 1)),
      .trouble(.unreadable(file: "x", offset: 9, reason: "gone again")),
    ]
    #expect(
      run(events).troubles == [
        .diskFull(true), .skippedRecords(file: "x", count: 1),
        .unreadable(file: "x", offset: 9, reason: "gone again"),
      ])
    let over: [RunEvent] = [.trouble(.readable(file: "x")), .trouble(.diskFull(false))]
    #expect(run(events + over).troubles == [.skippedRecords(file: "x", count: 1)])
    #expect(run(over).troubles == [])
  }

  @Test func theManifestNamesTheRun() {
    let manifest = RunManifest(
      name: "digits", created: 1, version: "1", arguments: [], seed: 1, threads: 1, host: "box",
      experiment: [:], declares: [])
    let run = run([
      .trouble(.missing(file: "run.json", consequence: "it can be watched, not steered")),
      .manifest(manifest), .engineOutput(["bye"]),
    ])
    #expect(run.name == "digits")
    #expect(run.manifest == manifest)
    #expect(run.engineOutput == ["bye"])
    // What was missing has come.
    #expect(run.troubles.isEmpty)
  }
}
