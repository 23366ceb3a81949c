import OperatingSystem
import RunLog
import TensorFiles
import Testing

@testable import Training

/// Runs of every kind repeat, resume and go back bit for bit.
@Suite struct TrainedKindTests {
  typealias Wish = TestRun.Wish

  private func run(_ kind: TrainedKind, _ overrides: [String] = []) throws -> TestRun {
    try TestRun(overrides, experiment: kind.experiment)
  }

  @Test(arguments: TrainedKind.allCases)
  func theNumberOfThreadsChangesNoBit(_ kind: TrainedKind) throws {
    let states = try [1, 2, 3].map { threads in
      let trained = try run(kind, kind.threadedOverrides + ["threads=\(threads)"]).train()
      #expect(trained.outcome == .finished)
      return trained.state
    }
    #expect(states[1].difference(from: states[0]) == "")
    #expect(states[2].difference(from: states[0]) == "")
  }

  private static let wishes = [
    Wish(2, .learningRate(times: 0.5)), Wish(4, .prune(0.3)), Wish(6, .undo),
    Wish(9, .prune(0.5)), Wish(11, .schedule(["kind": "cosine", "finalFactor": 0.1])),
    Wish(13, .checkpoint), Wish(16, .undo), Wish(18, .undo), Wish(20, .learningRate(0.002)),
  ]

  /// Before every seventh call that changes a file the directory is copied and the copy resumed.
  @Test(arguments: TrainedKind.allCases)
  func aRunKilledAnywhereEndsAsAnUndisturbedOne(_ kind: TrainedKind) throws {
    let overrides = ["checkpoint.everySteps=5"]
    let expected = try run(kind, overrides).train(Self.wishes).state
    let run = try run(kind, overrides)
    let files = WatchedFileSystem()
    var (calls, kills) = (0, 0)
    files.onChange = { change in
      if change.kind == .synchronize { return }
      calls += 1
      if calls % 7 != 0 { return }
      let when = "killed before \(change.kind) of \(change.path), call \(calls)"
      do {
        let copy = try TestRun(copying: run.directory)
        if try copy.phases().last?.name == .finished { return }
        kills += 1
        let trained = try KillTests.resume(copy, attempt: 1, Self.wishes)
        KillTests.check(copy, trained, expected, when)
      } catch { Issue.record(error, "\(when)") }
    }
    let trained = try run.train(Self.wishes, files: files)
    #expect(trained.state.difference(from: expected) == "")
    #expect(kills > 15)
  }

  @Test(arguments: TrainedKind.allCases)
  func anUndoPutsAllTensorsBack(_ kind: TrainedKind) throws {
    let run = try run(kind)
    var (before, changed): (Fingerprint?, Fingerprint?)
    try run.train(
      [Wish(10, .prune(0.6)), Wish(15, .undo), Wish(15, .checkpoint)],
      behindStep: { engine in
        switch engine.session.state.step {
        case 10: before = Fingerprint(engine.session)
        case 15: changed = Fingerprint(engine.session)
        default: return
        }
      })
    let session = try run.session()
    try Checkpoint(
      run.directory.checkpointsPath + "/step-000000015-01.safetensors", fitting: session,
      files: LocalFileSystem()
    ).restore(session)
    let tensors = try #require(before).tensors
    #expect(Fingerprint(session).tensors == tensors)
    #expect(session.state.position == 10 && session.state.step == 15)
    #expect(try #require(changed).tensors != tensors)
  }

  @Test(arguments: TrainedKind.allCases)
  func aCheckpointHoldsStatisticsMomentsAndAverages(_ kind: TrainedKind) throws {
    let run = try run(kind)
    var expected: [(name: String, values: [Float])] = []
    try run.train(
      [Wish(13, .checkpoint)],
      behindStep: { engine in
        let session = engine.session
        guard session.state.step == 13 else { return }
        let network = session.network
        expected = network.parameters.map { ($0.name, Array($0.value.buffer)) }
        expected += network.statistics.map { ($0.name, Array($0.value.buffer)) }
        expected += session.optimizer.state.map { ($0.name, Array($0.tensor.buffer)) }
        expected += (session.average?.state ?? []).map { ($0.name, Array($0.tensor.buffer)) }
        expected += (session.learner.architecture?.state ?? []).map {
          ("architecture." + $0.name, Array($0.tensor.buffer))
        }
      })
    let file = try SafetensorsFile.read(
      run.directory.checkpointsPath + "/step-000000013-00.safetensors")
    #expect(Set(file.tensors.map(\.name)) == Set(expected.map(\.name)))
    for (name, values) in expected {
      #expect(try file.float32(name) == values, "\(name)")
    }
    let names = expected.map(\.name)
    #expect(
      names.contains("batchNorm1.running_mean")
        == [.residual, .firstOrder, .secondOrder].contains(kind))
    let isSearch = kind == .firstOrder || kind == .secondOrder
    #expect(names.contains { $0.hasPrefix("architecture.") } == isSearch)
    let isAveraged = kind == .residual || kind == .groupNorm
    #expect(names.contains { $0.hasPrefix("average.") } == isAveraged)
    #expect(names.contains("average.batchNorm1.running_var") == (kind == .residual))
    #expect(expected.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    #expect(expected.filter { $0.values.allSatisfy { $0 == 0 } }.map(\.name) == [])
  }
}
