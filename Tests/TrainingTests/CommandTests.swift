import Glibc
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// What people ask and what they are answered.
@Suite struct CommandTests {
  typealias Wish = TestRun.Wish

  private func wrong(_ id: Int, _ members: JSON) -> JSON {
    var record: JSON = ["v": 1, "id": .string(TestRun.id(id)), "t": 0, "by": "test"]
    for member in members.members ?? [] { record[member.name] = member.value }
    return record
  }

  // MARK: Answers

  @Test func everyIdGetsExactlyOneAnswer() throws {
    let run = try TestRun()
    let refused: [(JSON, String)] = [
      ([:], "\"command\" is missing"),
      (["command": "dance"], "this run knows no command \"dance\""),
      (["command": "set_learning_rate"], "either \"value\" or \"scale\""),
      (["command": "set_learning_rate", "value": 1, "scale": 1], "either \"value\" or \"scale\""),
      (["command": "set_learning_rate", "value": -1], "\"value\" must be a number from 0"),
      (["command": "set_learning_rate", "value": "fast"], "\"value\" must be a number from 0"),
      (["command": "set_learning_rate", "scale": 1e300], "from 0 to 1e6"),
      (["command": "prune", "sparsity": 0.5], "\"method\" is missing"),
      (["command": "prune", "method": "magnitude"], "\"sparsity\" must be a number"),
      (["command": "prune", "method": "magnitude", "sparsity": 1], "between 0 and 1"),
      (["command": "prune", "method": "guess", "sparsity": 0.5], "known are magnitude"),
      (
        ["command": "prune", "method": "magnitude", "sparsity": 0.5, "scope": "half"],
        "\"scope\" must be global, layer or layers"
      ),
      (
        ["command": "prune", "method": "magnitude", "sparsity": 0.5, "scope": "layer"],
        "must name at least one layer"
      ),
      (
        [
          "command": "prune", "method": "magnitude", "sparsity": 0.5, "scope": "layer",
          "layers": ["linear7"],
        ], "prunable are linear1, linear2"
      ),
      (["command": "undo"], "there is nothing to undo"),
      (["command": "resume"], "is not paused"),
    ]
    try run.train(ready: { _ in
      do {
        for (index, one) in refused.enumerated() {
          try run.write(wrong(index, one.0))
          try run.write(wrong(index, one.0))
        }
        try run.append(
          "\nno json\n{\"command\":\"stop\"}\n[1]\n7\n\n{\"v\":1,".utf8,
          to: run.directory.controlPath)
        try run.write(["id": "tooshort", "command": "stop"])
        try run.write(["id": "ABCDEF0123456789", "command": "stop"])
        try run.write(["id": 7, "command": "stop"])
        try run.ask(Wish(4, .learningRate(0.01)), id: TestRun.id(100))
        try run.ask(Wish(5, .learningRate(0.02)), id: TestRun.id(100))
        try run.ask(Wish(0, .checkpoint), id: TestRun.id(101))
        try run.ask(Wish(0, .prune(0.5, preview: true)), id: TestRun.id(102))
      } catch { Issue.record(error) }
    })
    for (index, one) in refused.enumerated() {
      let answer = try run.answer(TestRun.id(index))
      #expect(answer.answer.status == .refused)
      #expect(answer.answer.reason?.contains(one.1) == true, "\(answer.answer)")
    }
    #expect(try run.answer(TestRun.id(100)).step == 4)
    let checkpoint = try run.answer(TestRun.id(101)).answer
    #expect(checkpoint.new == "step-000000000-00.safetensors" && checkpoint.status == .applied)
    #expect(try run.answer(TestRun.id(102)).answer.status == .previewed)
    #expect(try run.answers().count == refused.count + 3)
  }

  @Test func whatWasAskedWhileNoEngineRanIsRefused() throws {
    let run = try TestRun()
    try run.train([Wish(6, .stop), Wish(3, .prune(0.2))])
    try run.ask(Wish(0, .prune(0.9)), id: TestRun.id(20))
    try run.write(wrong(21, ["command": "dance"]))
    try run.train(ready: { _ in
      do { try run.ask(Wish(0, .prune(0.5)), id: TestRun.id(22)) } catch { Issue.record(error) }
    })
    for id in [20, 21] {
      let answer = try run.answer(TestRun.id(id)).answer
      #expect(answer.status == .refused && answer.reason == "no engine was running")
    }
    #expect(try run.answer(TestRun.id(22)).answer.status == .applied)
    #expect(try run.answers().count == 5)
  }

  @Test func whatIsAskedWhileTheEngineStartsIsObeyed() throws {
    let run = try TestRun()
    try run.ask(Wish(0, .prune(0.9)), id: TestRun.id(1))
    let files = WatchedFileSystem()
    var isAsked = false
    files.onRead = { path in
      guard !isAsked, path == run.directory.manifestPath else { return }
      isAsked = true
      do { try run.ask(Wish(0, .prune(0.5)), id: TestRun.id(2)) } catch { Issue.record(error) }
    }
    try run.train(files: files)
    #expect(isAsked)
    #expect(try run.answer(TestRun.id(1)).answer.status == .refused)
    #expect(try run.answer(TestRun.id(2)).answer.status == .applied)
  }

  @Test func aCommandForAStepThatNeverComesIsRefusedAtTheEnd() throws {
    let run = try TestRun()
    try run.train([Wish(1000, .prune(0.5)), Wish(24, .checkpoint)])
    let answer = try run.answer(TestRun.id(0))
    #expect(answer.answer.status == .refused)
    #expect(answer.step == TestRun.steps)
    #expect(try run.answer(TestRun.id(1)).answer.status == .applied)
    let stopped = try TestRun()
    try stopped.train([Wish(12, .prune(0.5)), Wish(6, .stop)])
    #expect(try stopped.answer(TestRun.id(0)).answer.status == .refused)
  }

  @Test func anAnswerIsOnTheDiskBeforeItsEffect() throws {
    let run = try TestRun(["optimizer.learningRate=0.04"])
    let files = WatchedFileSystem()
    var session: TrainingSession?
    var seen: [String] = []
    files.onChange = { change in
      guard change.path == run.directory.journalPath, let session else { return }
      let text = String(decoding: change.bytes, as: UTF8.self)
      if change.kind == .synchronize || text.contains("\"answer\"") {
        seen.append("\(change.kind) \(session.sparsities().total) \(session.learningRate)")
      }
    }
    try run.train(
      [Wish(3, .learningRate(0.02)), Wish(4, .prune(0.5))], files: files,
      ready: { session = $0.session },
      behindStep: { engine in
        if engine.session.state.step == 3 { seen = [] }
        if engine.session.state.step == 5 { seen.append("end") }
      })
    #expect(
      seen.prefix { $0 != "end" } == [
        // The state before a change is kept, and announced, first.
        "synchronize 0.0 0.04", "synchronize 0.0 0.04",
        "write 0.0 0.04", "synchronize 0.0 0.04",
        "synchronize 0.0 0.02", "synchronize 0.0 0.02",
        "write 0.0 0.02", "synchronize 0.0 0.02",
      ])
  }

  /// Records have 4,096 bytes; a command that cannot be recorded is refused, and no text that comes
  /// from outside makes a record too long.
  @Test func noCommandIsTooLongForTheJournal() throws {
    let run = try TestRun()
    let many = [String](repeating: "linear1", count: 380)
    let wide = String(repeating: "e" + String(repeating: "\u{301}", count: 40), count: 400)
    try run.train(ready: { _ in
      do {
        try run.ask(Wish(2, .prune(0.5, layers: many)), id: TestRun.id(1))
        let longer: JSON = [
          "command": "prune", "method": .string(wide), "sparsity": 0.5, "scope": "layer",
          "layers": [.string(wide)],
        ]
        for (id, record) in [
          (2, wrong(2, longer)), (3, wrong(3, ["command": .string(wide)])),
        ] {
          #expect(record["id"] == .string(TestRun.id(id)))
          try run.append(("\n" + record.text() + "\n").utf8, to: run.directory.controlPath)
        }
      } catch { Issue.record(error) }
    })
    for id in 2...3 { #expect(try run.answer(TestRun.id(id)).answer.status == .refused) }
    _ = try run.answer(TestRun.id(1))
    try JournalTests.checkRecords(of: run)
  }

  // MARK: Pausing and stopping

  @Test func aPausedRunWaitsAndGoesOnWhenAsked() throws {
    let run = try TestRun()
    let files = WatchedFileSystem()
    var stepsWhilePaused: [Int] = []
    var engine: Engine?
    files.onChange = { change in
      // A paused engine synchronizes its log and then waits.
      guard let running = engine, running.isPaused, change.kind == .synchronize else { return }
      stepsWhilePaused.append(running.session.state.step)
      guard stepsWhilePaused.count == 2 else { return }
      do {
        try run.ask(Wish(0, .pause), id: TestRun.id(50))
        try run.ask(Wish(0, .prune(0.5)), id: TestRun.id(51))
        try run.ask(Wish(0, .resume), id: TestRun.id(52))
      } catch { Issue.record(error) }
    }
    let trained = try run.train([Wish(7, .pause)], files: files, ready: { engine = $0 })
    engine = nil
    #expect(trained.outcome == .finished)
    #expect(stepsWhilePaused.allSatisfy { $0 == 7 })
    #expect(try run.phases().map(\.name) == [.starting, .training, .paused, .training, .finished])
    #expect(try run.answer(TestRun.id(50)).answer.reason == "is paused already")
    #expect(try run.answer(TestRun.id(51)).step == 7)
    let expected = try TestRun().train([Wish(7, .prune(0.5))]).state
    #expect(trained.state.difference(from: expected) == "")
  }

  // MARK: Learning rate

  private func learningRates(_ run: TestRun) throws -> [Float] {
    try run.points("optimizer/learning_rate").joined().map(\.value)
  }

  @Test func aNewLearningRateScalesTheRestOfTheSchedule() throws {
    let overrides = [
      #"learningRateSchedule={"kind": "cosine", "finalFactor": 0.1}"#,
      "optimizer.learningRate=0.08",
    ]
    let run = try TestRun(overrides)
    try run.train([
      Wish(10, .learningRate(0.02)), Wish(16, .learningRate(times: 0.5)), Wish(20, .undo),
    ])
    let schedule = CosineSchedule(finalFactor: 0.1)
    func scheduled(_ position: Int) -> Double {
      0.08
        * schedule.factor(
          at: position,
          of: RunLength(updates: TestRun.steps, updatesPerEpoch: TestRun.stepsPerEpoch))
    }
    let scale = 0.02 / scheduled(10)
    // The undo goes back to the state, and the place in the schedule, before the second change.
    let changes = [(0..<10, 1), (10..<16, scale), (16..<20, scale * 0.5), (16..<24, scale)]
    let expected = changes.flatMap { positions, change in
      positions.map { Float(scheduled($0) * change) }
    }
    #expect(try learningRates(run) == expected)
    let answer = try run.answer(TestRun.id(0)).answer
    #expect(answer.old?.double == scheduled(10) && answer.new?.double == 0.02)
    let undone = try run.answer(TestRun.id(2)).answer
    #expect(undone.status == .applied && undone.reason == "learning rate at step 16")
    #expect(undone.new?.double == scheduled(16) * scale)
  }

  @Test func aLearningRateOfZeroCanBeLeftAgain() throws {
    let run = try TestRun(["optimizer.learningRate=0.04"])
    try run.train([Wish(2, .learningRate(0)), Wish(4, .learningRate(0.01))])
    #expect(
      try learningRates(run)
        == [0.04, 0.04, 0, 0] + [Float](repeating: 0.01, count: TestRun.steps - 4))
  }

  // MARK: Prune

  @Test(arguments: ["sgd", "adamw"])
  func prunedWeightsStayZeroInWeightsAndMoments(optimizer: String) throws {
    let run = try TestRun([
      "optimizer.kind=\(optimizer)", "optimizer.weightDecay=0.1",
    ])
    var checks = 0
    try run.train(
      [Wish(6, .prune(0.5)), Wish(12, .prune(0.8))],
      behindStep: { engine in
        let session = engine.session
        if session.state.step <= 6 { return }
        let sparsity = session.state.step <= 12 ? 0.5 : 0.8
        let total = session.prunableLayers.reduce(0) { $0 + $1.parameter.value.count }
        #expect(abs(session.sparsities().total - sparsity) * Double(total) <= 0.5)
        for layer in session.prunableLayers {
          let name = layer.parameter.name
          let tensors =
            [layer.parameter.value]
            + session.optimizer.state
            .filter { $0.name.hasSuffix("." + name) }.map(\.tensor)
          #expect(tensors.count == (optimizer == "sgd" ? 2 : 3))
          let mask = try #require(layer.parameter.mask)
          for tensor in tensors {
            let revived = (0..<mask.count).count { mask[$0] == 0 && tensor[$0] != 0 }
            #expect(revived == 0)
            checks += 1
          }
          #expect((0..<mask.count).contains { mask[$0] != 0 && layer.parameter.value[$0] != 0 })
        }
      })
    #expect(checks == 18 * 2 * (optimizer == "sgd" ? 2 : 3))
  }

  @Test func aPruneSaysWhatItChanges() throws {
    let run = try TestRun()
    try run.train([Wish(6, .prune(0.5, layers: ["linear2"])), Wish(7, .prune(0.75))])
    let (hidden, last) = (784 * 6, 60)
    let one = try run.answer(TestRun.id(0)).answer
    #expect(one.layers.map(\.name) == ["linear1", "linear2"])
    #expect(one.layers.map(\.before) == [0, 0] && one.layers.map(\.after) == [0, 0.5])
    #expect(one.layers.map(\.parameters) == [Int64(hidden), 30])
    #expect(one.layers.map(\.flops) == [Int64(2 * hidden), 60])
    #expect(one.new?.double == 30 / Double(hidden + last))
    let all = try run.answer(TestRun.id(1)).answer
    #expect(all.old == one.new && all.new?.double == 0.75)
    let pruned = try run.journal().compactMap { record -> JournalRecord.Prune? in
      if case .prune(let prune) = record.entry { return prune }
      return nil
    }
    #expect(pruned.map(\.scope) == ["linear2", "global"])
    #expect(pruned.map(\.after) == [30 / Double(hidden + last), 0.75])
    let left = [hidden + 30 + 16, (hidden + last) / 4 + 16].map { Int64($0) }
    #expect(pruned.map(\.size.parameters) == left)
    // Sparsity and density show the prune at its step.
    #expect(
      try run.points("sparsity/linear2").joined().contains { $0.step == 6 && $0.value == 0.5 })
    let grids = try run.events().joined().contains {
      if case .grid("density/linear2", 6, _, let grid) = $0 {
        return grid.values.reduce(0, +) / Float(grid.values.count) == 0.5
      }
      return false
    }
    #expect(grids)
  }

  @Test func aPreviewChangesNothing() throws {
    let run = try TestRun()
    let trained = try run.train([Wish(6, .prune(0.5, preview: true))])
    #expect(trained.state.difference(from: try TestRun().train().state) == "")
    let preview = try run.answer(TestRun.id(0)).answer
    let real = try TestRun()
    try real.train([Wish(6, .prune(0.5))])
    let applied = try real.answer(TestRun.id(0)).answer
    #expect(preview.status == .previewed && applied.status == .applied)
    #expect(preview.layers == applied.layers && preview.new == applied.new)
    #expect(try run.checkpointNames().contains("step-000000006-00.safetensors") == false)
  }

  @Test func aPruneBelowThePresentSparsityIsRefused() throws {
    let run = try TestRun()
    try run.train([
      Wish(3, .prune(0.5)), Wish(5, .prune(0.4)), Wish(5, .prune(0.5)),
      Wish(6, .prune(0.3, preview: true)),
    ])
    for id in 1...3 {
      let answer = try run.answer(TestRun.id(id)).answer
      #expect(answer.status == .refused)
      #expect(answer.reason?.hasPrefix("50.0% are pruned already") == true)
    }
  }

  @Test func aScheduledPruneActsBetweenTwoEpochs() throws {
    let run = try TestRun([
      #"pruning=[{"epoch": 2, "sparsity": 0.6}, {"epoch": 0, "sparsity": 0.2}]"#
    ])
    var sparsities: [Double] = []
    try run.train(
      [Wish(20, .undo)],
      behindStep: { sparsities.append($0.session.sparsities().total) })
    let (first, second) = (0.2, 0.6)
    #expect(sparsities.count == 24 + 4)
    for (index, sparsity) in sparsities.enumerated() {
      // The undo at step 20 takes back the prune at step 16, for good.
      let wanted = (16...20).contains(index + 1) ? second : first
      #expect(abs(sparsity - wanted) < 1e-3, "step \(index + 1)")
    }
    // Behind no epoch is before the first update.
    #expect(try run.journal().filter { $0.kind == "prune" }.map(\.step) == [0, 16])
  }

  // MARK: Undo

  @Test(arguments: ["sgd", "adamw"])
  func undoBringsBackTheStateBeforeThePruneWhileTheStepGoesOn(optimizer: String) throws {
    let run = try TestRun(["optimizer.kind=\(optimizer)", "learningRateSchedule.kind=cosine"])
    let files = WatchedFileSystem()
    var (before, after): (Fingerprint?, Fingerprint?)
    var engine: Engine?
    files.onChange = { change in
      guard let engine, after == nil else { return }
      if String(decoding: change.bytes, as: UTF8.self).contains("\"kind\":\"undo\"") {
        after = Fingerprint(engine.session)
      }
    }
    let trained = try run.train(
      [Wish(6, .prune(0.9)), Wish(8, .learningRate(times: 2)), Wish(9, .undo), Wish(10, .undo)],
      files: files, ready: { engine = $0 },
      behindStep: { running in
        let state = running.session.state
        if state.step == 6 { before = Fingerprint(running.session) }
        // The learning rate's undo comes first; the one to look at is the prune's.
        if state.step == 10 { after = nil }
        if state.step == 11 {
          #expect(state.position == 7 && state.learningRateScale == 1 && state.undoStack.isEmpty)
          #expect(running.session.optimizer.stepCount == 7 || optimizer == "sgd")
          #expect(running.session.prunableLayers.allSatisfy { $0.parameter.mask == nil })
        }
      })
    engine = nil
    let (old, new) = (try #require(before), try #require(after))
    #expect(new.tensors == old.tensors)
    #expect(new.state.hasPrefix("step 10 position 6 scale 1.0 updates 6 "))
    #expect(trained.state.state.hasPrefix("step 28 position 24 "))
    let undone = try run.journal().compactMap { record -> JournalRecord.Undo? in
      if case .undo(let undo) = record.entry { return undo }
      return nil
    }
    #expect(undone.map(\.command) == ["set_learning_rate", "prune"])
    #expect(undone.map(\.restoredStep) == [8, 6] && undone.map(\.finalStep) == [25, 28])
    #expect(try run.phases().last?.finalStep == 28)
    let answer = try run.answer(TestRun.id(3)).answer
    #expect(answer.reason == "prune at step 6" && answer.new?.double == 0)
  }

  /// At one step, so that nothing else is different from a run in which nobody did anything.
  @Test func undoLeavesNoTrace() throws {
    let trained = try TestRun().train([
      Wish(6, .learningRate(0.001)), Wish(6, .prune(0.3)), Wish(6, .prune(0.9)), Wish(6, .undo),
      Wish(6, .undo), Wish(6, .undo),
    ])
    #expect(trained.state.difference(from: try TestRun().train().state) == "")
  }

  @Test func undoTakesBackEightChangesAndNoMore() throws {
    let run = try TestRun(["optimizer.learningRate=0.05", "checkpoint.keep=1"])
    let changes = (1...9).map { step in
      step % 2 == 0 ? Wish(step, .prune(Double(step) / 10)) : Wish(step, .learningRate(times: 0.5))
    }
    let undos = (0..<10).map { Wish(10 + $0 / 3, .undo) }
    try run.train(changes + undos)
    let statuses = try (9..<19).map { try run.answer(TestRun.id($0)).answer }
    #expect(statuses.prefix(8).allSatisfy { $0.status == .applied })
    for answer in statuses.suffix(2) {
      #expect(answer.status == .refused && answer.reason == "there is nothing to undo")
    }
    // Only the oldest change, of the learning rate, is left.
    #expect(try learningRates(run).last == 0.025)
    #expect(try run.points("sparsity/total").joined().last?.value == 0)
  }

  @Test func undoWorksBehindAResume() throws {
    let wishes = [Wish(3, .prune(0.5)), Wish(5, .learningRate(times: 0.1)), Wish(7, .prune(0.8))]
    let undos = [Wish(14, .undo), Wish(15, .undo), Wish(16, .undo), Wish(16, .undo)]
    let overrides = ["checkpoint.everySteps=1", "checkpoint.keep=2"]
    let expected = try TestRun(overrides).train(wishes + undos).state
    let run = try TestRun(overrides)
    try run.train(wishes + [Wish(12, .stop)])
    let trained = try run.train(ready: { _ in
      do {
        for (index, undo) in undos.enumerated() { try run.ask(undo, id: TestRun.id(30 + index)) }
      } catch { Issue.record(error) }
    })
    #expect(trained.state.difference(from: expected) == "")
    #expect(try run.answer(TestRun.id(33)).answer.reason == "there is nothing to undo")
  }

  // MARK: Checkpoints

  @Test func theLastCheckpointsTheBestAndThoseOfUndoStay() throws {
    let run = try TestRun([
      "checkpoint.everySteps=1", "checkpoint.keep=2", "optimizer.learningRate=0.05",
    ])
    // A ruined learning rate makes the first validation the best.
    let trained = try run.train([Wish(4, .prune(0.2)), Wish(9, .learningRate(50))])
    #expect(trained.state.state.contains("step: 8)"))
    #expect(
      try run.checkpointNames() == [
        "step-000000004-00.safetensors", "step-000000008-00.safetensors",
        "step-000000009-00.safetensors",
        "step-000000023-00.safetensors", "step-000000024-00.safetensors",
      ])
    let announced = try run.journal().compactMap { record -> String? in
      if case .checkpoint(let name) = record.entry { return name }
      return nil
    }
    #expect(Set(announced).count == announced.count)
    #expect(Set(announced).isSuperset(of: try run.checkpointNames()))
  }

  @Test func checkpointsAreAlsoWrittenByTime() throws {
    let run = try TestRun(["checkpoint.everySeconds=0.25"])
    try run.train()
    let names = try run.checkpointNames()
    #expect(names.last == "step-000000024-00.safetensors")
    let steps = try run.journal().compactMap { record -> Int? in
      if case .checkpoint(let name) = record.entry {
        return Checkpoint.stepAndChange(of: name)?.step
      }
      return nil
    }
    // The clock goes on by more than 0.05 s a step.
    #expect(Set(steps).count > 4 && Set(steps).count < 12)
  }
}
