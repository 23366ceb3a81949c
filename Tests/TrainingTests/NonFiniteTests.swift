import OperatingSystem
import RunLog
import TensorFiles
import Testing

@testable import Training

@Suite struct NonFiniteTests {
  typealias Wish = TestRun.Wish

  private func ruined(_ overrides: [String] = []) throws -> TestRun {
    try TestRun(
      ["optimizer.learningRate=1e6", "checkpoint.everySteps=1", "checkpoint.keep=100"] + overrides)
  }

  private func checkCheckpointsAreFinite(_ run: TestRun) throws {
    let names = try run.checkpointNames()
    #expect(!names.isEmpty)
    for name in names {
      let file = try SafetensorsFile.read(run.directory.checkpointsPath + "/" + name)
      for entry in file.tensors where entry.type == .float32 {
        #expect(try file.float32(entry.name).allSatisfy(\.isFinite), "\(name) \(entry.name)")
      }
    }
  }

  private func alerts(_ run: TestRun) throws -> [String] {
    try run.journal().compactMap {
      if case .alert(let text) = $0.entry { return text }
      return nil
    }
  }

  @Test(arguments: ["pause", "stop"], ["sgd", "adamw"])
  func aHeadlessRunFails(reaction: String, optimizer: String) throws {
    let run = try ruined(["onNonFinite=\(reaction)", "optimizer.kind=\(optimizer)", "epochs=40"])
    let outcome = try run.train([Wish(10_000, .pause)]).outcome
    guard case .failed(let reason) = outcome else {
      // AdamW's steps are bounded, so its weights may stay numbers.
      #expect(optimizer == "adamw" && outcome == .finished)
      return
    }
    #expect(reason.contains("is not a finite number at step "))
    let last = try #require(try run.phases().last)
    #expect(last.name == .failed && last.reason == reason)
    #expect(try alerts(run) == [reason])
    try checkCheckpointsAreFinite(run)
  }

  @Test func aRunWithADashboardPausesAndWaits() throws {
    let run = try ruined()
    let files = WatchedFileSystem()
    var engine: Engine?
    var pausedAt: Int?
    files.onChange = { change in
      guard let running = engine, running.isPaused, change.kind == .synchronize, pausedAt == nil
      else { return }
      pausedAt = running.session.state.step
      do {
        // Nothing that is asked now may keep a state that is ruined.
        try run.ask(Wish(0, .checkpoint), id: TestRun.id(1))
        try run.ask(Wish(0, .prune(0.5)), id: TestRun.id(2))
        try run.ask(Wish(0, .stop), id: TestRun.id(3))
      } catch { Issue.record(error) }
    }
    let outcome = try run.train(files: files, isHeadless: false, ready: { engine = $0 }).outcome
    engine = nil
    #expect(outcome == .stopped)
    let step = try #require(pausedAt)
    let paused = try #require(try run.phases().first { $0.name == .paused })
    #expect(paused.reason?.hasSuffix("is not a finite number at step \(step)") == true)
    #expect(try run.answer(TestRun.id(1)).answer.status == .refused)
    try checkCheckpointsAreFinite(run)
  }

  @Test func aRunThatIsToGoOnTellsOnceAndGoesOn() throws {
    let run = try ruined([
      "onNonFinite=continue", #"pruning=[{"epoch": 2, "sparsity": 0.5}]"#,
    ])
    _ = try run.train()
    // Weights may be ruined some steps before the loss tells.
    let subjects = try alerts(run).map { $0.split(separator: " is not a ")[0] }
    #expect(subjects.contains("the loss") && Set(subjects).count == subjects.count)
    #expect(try run.points("train/loss").joined().map(\.step) == Array(1...24))
    #expect(try run.points("train/loss").joined().contains { !$0.value.isFinite })
    try checkCheckpointsAreFinite(run)
  }

  /// The loss is measured before an update, so weights can be ruined while it is still a number.
  @Test(arguments: [5, 23, 24])
  func weightsThatAreNoNumbersAreNotKept(step: Int) throws {
    let run = try TestRun(["checkpoint.everySteps=1", "checkpoint.keep=100"])
    let outcome = try run.train(behindStep: { engine in
      if engine.session.state.step == step {
        engine.session.prunableLayers[0].parameter.value[3] = .infinity
      }
    }).outcome
    #expect(outcome == .failed("a weight is not a finite number at step \(step)"))
    #expect(try run.checkpointNames().last == Checkpoint.fileName(step: step - 1, change: 0))
    try checkCheckpointsAreFinite(run)
  }

  @Test func anUndoHealsARuinedRun() throws {
    let run = try TestRun(["optimizer.learningRate=0.05"])
    let files = WatchedFileSystem()
    var engine: Engine?
    var isHealed = false
    files.onChange = { change in
      guard let running = engine, running.isPaused, change.kind == .synchronize, !isHealed
      else { return }
      isHealed = true
      do {
        try run.ask(Wish(0, .undo), id: TestRun.id(10))
        try run.ask(Wish(0, .undo), id: TestRun.id(11))
        try run.ask(Wish(0, .resume), id: TestRun.id(12))
      } catch { Issue.record(error) }
    }
    let trained = try run.train(
      [Wish(4, .prune(0.3)), Wish(5, .learningRate(1e6))], files: files, isHeadless: false,
      ready: { engine = $0 })
    engine = nil
    #expect(isHealed && trained.outcome == .finished)
    #expect(try run.answer(TestRun.id(11)).answer.status == .applied)
    try checkCheckpointsAreFinite(run)
  }
}
