import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors
import Testing

@testable import Training

/// Every pruning method on a run: asked for, undone, finished early, killed anywhere.
@Suite struct PruningRunTests {
  typealias Wish = TestRun.Wish

  static let methods = PruningCatalogue.all.map { $0.kind }

  private func request(_ method: String, _ target: Double = 0.5) -> ControlCommand.Request {
    .prune(.init(method: method, sparsity: target, isPreview: false))
  }

  private func run(_ overrides: [String] = []) throws -> TestRun {
    try TestRun(overrides, experiment: TrainedKind.residual.experiment)
  }

  private func wasApplied(_ run: TestRun, _ id: Int) throws -> Bool {
    try run.answer(TestRun.id(id)).answer.status == .applied
  }

  @Test(arguments: methods)
  func aRunKilledAnywhereEndsAsAnUndisturbedOne(_ method: String) throws {
    let wishes = [
      Wish(3, request(method)), Wish(11, .undo), Wish(12, request(method, 0.25)),
      Wish(18, .finishPruning), Wish(20, request("magnitude", 0.9)), Wish(21, .undo),
    ]
    let overrides = ["checkpoint.everySteps=4"]
    let undisturbed = try run(overrides)
    let expected = try undisturbed.train(wishes)
    #expect(expected.outcome == .finished)
    let answers = try (0..<wishes.count).map { try wasApplied(undisturbed, $0) }
    let first = try undisturbed.answer(TestRun.id(0)).answer
    #expect(answers[0] && answers[1], "\(first)")
    let run = try run(overrides)
    let files = WatchedFileSystem()
    var (calls, kills) = (0, 0)
    files.onChange = { change in
      if change.kind == .synchronize { return }
      calls += 1
      if calls % 11 != 0 { return }
      let when = "\(method) killed before \(change.kind) of \(change.path), call \(calls)"
      do {
        let copy = try TestRun(copying: run.directory)
        if try copy.phases().last?.name == .finished { return }
        kills += 1
        let trained = try KillTests.resume(copy, attempt: 1, wishes)
        KillTests.check(copy, trained, expected.state, when)
      } catch { Issue.record(error, "\(when)") }
    }
    let trained = try run.train(wishes, files: files)
    #expect(trained.state.difference(from: expected.state) == "")
    #expect(kills > 5)
  }

  /// Weights, masks, shapes and what the optimizer remembers.
  @Test(arguments: methods)
  func anUndoPutsAllBack(_ method: String) throws {
    let run = try run()
    var (before, behind): (Fingerprint?, Fingerprint?)
    try run.train(
      [Wish(6, request(method)), Wish(9, .undo), Wish(9, .checkpoint)],
      behindStep: { engine in
        let session = engine.session
        if session.state.step == 6 { before = Fingerprint(session) }
        if session.state.step == 9 { behind = Fingerprint(session) }
      })
    let session = try run.session()
    try Checkpoint(
      run.directory.checkpointsPath + "/step-000000009-01.safetensors", fitting: session,
      files: LocalFileSystem()
    ).restore(session)
    #expect(try #require(behind).tensors != before?.tensors)
    #expect(Fingerprint(session).tensors == before?.tensors)
    #expect(session.state.pruning == nil && session.learner.widths.isEmpty)
  }

  @Test(arguments: methods)
  func thePreviewChangesNothing(_ method: String) throws {
    let run = try run()
    var wish = ControlCommand.PruneRequest(method: method, sparsity: 0.5, isPreview: true)
    wish.settings = .object([])
    let trained = try run.train([Wish(6, .prune(wish))])
    #expect(trained.state.difference(from: try self.run().train().state) == "")
    #expect(try run.answer(TestRun.id(0)).answer.status == .previewed)
  }

  @Test(arguments: methods)
  func theExperimentAsksForIt(_ method: String) throws {
    let run = try run([
      "pruning=[{\"epoch\": 1, \"method\": \"\(method)\", \"sparsity\": 0.5}]"
    ])
    let trained = try run.train()
    #expect(trained.outcome == .finished)
    let last = try #require(try run.points("sparsity/total").joined().last)
    #expect(last.value > 0.19, "\(method): \(last.value)")
    let alerts = try run.journal().filter { if case .alert = $0.entry { true } else { false } }
    #expect(alerts.isEmpty, "\(alerts)")
  }

  @Test func whatGoesOnKeepsOthersOut() throws {
    let run = try run()
    try run.train([
      Wish(3, request("gradual")), Wish(5, request("magnitude", 0.9)),
      Wish(6, request("gradual")), Wish(7, .finishPruning), Wish(8, .finishPruning),
      Wish(9, request("magnitude", 0.9)),
    ])
    let answers = try (0..<6).map { try run.answer(TestRun.id($0)).answer }
    #expect(
      answers.map(\.status) == [.applied, .refused, .refused, .applied, .refused, .applied])
    #expect(
      answers[1].reason
        == "gradual goes on until step 19: finish it first "
        + "(X, or nntop ctl RUN prune finish)")
    #expect(answers[4].reason == "no pruning goes on")
  }

  @Test func mistakesAreRefusedWithoutATrace() throws {
    let run = try run()
    let wishes: [ControlCommand.PruneRequest] = [
      .init(method: "magnitud", sparsity: 0.5, isPreview: false),
      .init(method: "magnitude", sparsity: 0.5, layers: ["convolution9"], isPreview: false),
      .init(method: "magnitude", sparsity: 0.5, layers: ["batchNorm1"], isPreview: false),
      .init(
        method: "magnitude", sparsity: 0.5, settings: ["perLayr": true], isPreview: false),
      .init(
        method: "magnitude", sparsity: 0.5, settings: ["perLayer": 3], isPreview: false),
      .init(method: "gradual", sparsity: 0.5, settings: ["every": -1], isPreview: false),
    ]
    let trained = try run.train(wishes.map { Wish(6, .prune($0)) })
    #expect(trained.state.difference(from: try self.run().train().state) == "")
    let reasons = try wishes.indices.map {
      try run.answer(TestRun.id($0)).answer.reason ?? ""
    }
    #expect(reasons[0] == "there is no method \"magnitud\"; did you mean magnitude?")
    #expect(reasons[1].hasPrefix("there is no layer \"convolution9\"; prunable are convolution1"))
    #expect(reasons[2].hasPrefix("batchNorm1 cannot be pruned so; prunable are convolution1"))
    #expect(reasons[3] == "perLayr: unknown field; did you mean \"perLayer\"?")
    #expect(reasons[4] == "perLayer: found 3, expected true or false")
    #expect(reasons[5].hasPrefix("every: found -1, expected an integer from 0"))
  }

  @Test func atTheLastStepTimeIsUp() throws {
    let run = try run()
    try run.train([Wish(24, request("gradual")), Wish(24, request("magnitude"))])
    #expect(try run.answer(TestRun.id(0)).answer.status == .refused)
  }

  @Test func roundsRewindAndAreTold() throws {
    let run = try run([
      "pruning=[{\"method\": \"imp\", \"sparsity\": 0.45, \"rewindEpochs\": 1}]"
    ])
    var atRewind: [String: UInt64] = [:]
    let trained = try run.train(behindStep: { engine in
      if engine.session.state.step == 8 { atRewind = Fingerprint(engine.session).tensors }
    })
    #expect(trained.outcome == .finished && !atRewind.isEmpty)
    let rounds = try run.journal().compactMap { record -> JournalRecord.Round? in
      if case .round(let round) = record.entry { return round }
      return nil
    }
    #expect(rounds.map(\.number) == [0, 1, 2, 3])
    #expect(rounds.map(\.epochs) == [3, 2, 2, 2])
    let sparsities = rounds.map { ($0.sparsity * 100).rounded() / 100 }
    #expect(sparsities == [0, 0.2, 0.36, 0.45])
    let steps = try run.points("train/loss").joined().map(\.step)
    #expect(steps == Array(1...Int64(24 + 3 * 16)))
  }
}
