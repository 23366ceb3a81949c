import Glibc
import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

@Suite struct ResumeTests {
  typealias Wish = TestRun.Wish

  /// A copy of a run at some step, as a kill there would leave it.
  private func killed(
    _ run: TestRun, at step: Int, _ wishes: [Wish] = []
  ) throws -> TestRun {
    var copy: TestRun?
    try run.train(
      wishes,
      behindStep: { engine in
        if engine.session.state.step == step { copy = try TestRun(copying: run.directory) }
      })
    return try #require(copy)
  }

  @Test func aRunKilledBeforeItsFirstCheckpointBeginsAgain() throws {
    let expected = try TestRun().train().state
    let run = try TestRun()
    let files = WatchedFileSystem()
    var copy: TestRun?
    files.onChange = { change in
      guard change.kind == .create, change.path.contains("step-000000000-00") else { return }
      do { copy = try TestRun(copying: run.directory) } catch { Issue.record(error) }
    }
    try run.train(files: files)
    let killed = try #require(copy)
    #expect(
      !LocalFileSystem().exists(killed.directory.checkpointsPath + "/step-000000000-00.safetensors")
    )
    #expect(try killed.train().state.difference(from: expected) == "")
  }

  /// The journal is the redo log: an acknowledged command takes effect although the engine that
  /// acknowledged it was killed before.
  @Test func anAnswerWithoutEffectIsMadeTrueByTheResume() throws {
    let wishes = [Wish(11, .learningRate(0.01)), Wish(11, .prune(0.5)), Wish(13, .undo)]
    let expected = try TestRun(["checkpoint.everySteps=10"]).train(wishes).state
    let killed = try killed(try TestRun(["checkpoint.everySteps=10"]), at: 10)
    for (index, wish) in wishes.enumerated() {
      let record = JournalRecord(
        wallTime: 0, step: Int64(wish.step),
        .answer(.init(id: TestRun.id(index), status: .applied, request: wish.request.json)))
      try killed.append(Array((record.json.text() + "\n").utf8), to: killed.directory.journalPath)
    }
    #expect(try killed.train().state.difference(from: expected) == "")
    for index in wishes.indices { _ = try killed.answer(TestRun.id(index)) }
  }

  @Test func commandsThatChangeNoNumberAreNotDoneAgain() throws {
    let wishes = [Wish(9, .pause), Wish(9, .resume), Wish(9, .prune(0.5, preview: true))]
    let killed = try killed(try TestRun(), at: 12, wishes)
    #expect(try killed.train().state.difference(from: try TestRun().train().state) == "")
    #expect(
      try killed.phases().map(\.name) == [
        .starting, .training, .paused, .training, .starting, .training, .finished,
      ])
  }

  @Test func aNewCommandMayComeBeforeAPromisedOne() throws {
    let early = Wish(8, .learningRate(times: 0.3))
    let late = [Wish(12, .prune(0.5)), Wish(12, .learningRate(times: 2)), Wish(15, .undo)]
    let overrides = ["checkpoint.everySteps=100"]
    let expected = try TestRun(overrides).train([early] + late).state
    // Prunes keep the state before them, so the checkpoint of step 12 has to go as well.
    let killed = try killed(try TestRun(overrides), at: 18, late)
    for name in try killed.checkpointNames() where !name.contains("-000000000-") {
      LocalFileSystem().discard(killed.directory.checkpointsPath + "/" + name)
    }
    var killedAgain: TestRun?
    let again = try killed.train(
      ready: { _ in
        do { try killed.ask(early, id: TestRun.id(99)) } catch { Issue.record(error) }
      },
      behindStep: { engine in
        if engine.session.state.step == 10 {
          killedAgain = try TestRun(copying: killed.directory)
        }
      })
    #expect(again.state.difference(from: expected) == "")
    // In the journal the early command now stands behind the late ones.
    #expect(try killedAgain?.train().state.difference(from: expected) == "")
  }

  @Test(arguments: ["cut", "a bit", "empty", "another network", "gone"])
  func aDamagedNewestCheckpointIsPassedOver(damage: String) throws {
    let overrides = ["checkpoint.everySteps=6"]
    let wishes = [Wish(7, .prune(0.4)), Wish(13, .learningRate(0.02)), Wish(14, .undo)]
    let expected = try TestRun(overrides).train(wishes).state
    let killed = try killed(try TestRun(overrides), at: 16, wishes)
    let newest = try #require(try killed.checkpointNames().last)
    #expect(newest == "step-000000013-00.safetensors")
    let path = killed.directory.checkpointsPath + "/" + newest
    var bytes = try killed.bytes(of: path)
    switch damage {
    case "cut": bytes.removeLast(1000)
    case "a bit": bytes[2] ^= 1
    case "empty": bytes = []
    case "another network":
      let other = try TestRun(["model.layers.0.outputs=7"])
      try other.train()
      bytes = try other.bytes(
        of: other.directory.checkpointsPath + "/step-000000024-00.safetensors")
    default: break
    }
    if damage == "gone" {
      LocalFileSystem().discard(path)
    } else {
      try LocalFileSystem().replace(path, with: bytes)
    }
    #expect(try killed.train().state.difference(from: expected) == "")
    let restored = try killed.journal().compactMap { record -> String? in
      if case .restore(let name) = record.entry { return name }
      return nil
    }
    #expect(restored == ["step-000000012-00.safetensors"])
  }

  @Test func aRunWhoseCheckpointsAreAllDamagedBeginsAgainAndCanBeResumed() throws {
    let expected = try TestRun().train().state
    let killed = try killed(try TestRun(), at: 5)
    for name in try killed.checkpointNames() {
      try LocalFileSystem().replace(killed.directory.checkpointsPath + "/" + name, with: [1, 2, 3])
    }
    let again = try self.killed(killed, at: 3)
    let session = try TestRun().session()
    for name in try again.checkpointNames() {
      _ = try Checkpoint(
        again.directory.checkpointsPath + "/" + name, fitting: session, files: LocalFileSystem())
    }
    #expect(try again.train().state.difference(from: expected) == "")
  }

  /// What cannot be read now may be whole: no resume without it, and nothing is removed.
  @Test func aCheckpointThatCannotBeReadNowIsNotTakenForDamaged() throws {
    let overrides = ["checkpoint.everySteps=6"]
    let expected = try TestRun(overrides).train().state
    let run = try killed(try TestRun(overrides), at: 20)
    let names = try run.checkpointNames()
    let files = WatchedFileSystem()
    files.onRead = { path throws(SystemError) in
      if Path.name(of: path).hasPrefix("step-000000018") {
        throw SystemError(operation: "open", path: path, code: EIO)
      }
    }
    #expect(throws: SystemError.self) { try run.train(files: files) }
    #expect(try run.checkpointNames() == names)
    #expect(try run.train().state.difference(from: expected) == "")
  }

  /// When the newest checkpoints are damaged, the stretch behind an older one is trained again,
  /// and a new command makes it another: files of the old one must not come back.
  @Test func aCheckpointOfAnAbandonedStretchIsNeverTaken() throws {
    let overrides = ["checkpoint.everySteps=6"]
    let change = Wish(10, .learningRate(times: 0.1))
    let expected = try TestRun(overrides).train([change]).state
    let run = try killed(try TestRun(overrides), at: 20)
    #expect(try run.checkpointNames().contains("step-000000018-00.safetensors"))
    for name in try run.checkpointNames() where name > "step-000000007" {
      try LocalFileSystem().replace(run.directory.checkpointsPath + "/" + name, with: [1, 2, 3])
    }
    var copies: [TestRun] = []
    try run.train(
      ready: { engine in
        #expect(engine.session.state.step == 6)
        do { try run.ask(change, id: TestRun.id(1)) } catch { Issue.record(error) }
      },
      behindStep: { engine in
        if [11, 13].contains(engine.session.state.step) {
          copies.append(try TestRun(copying: run.directory))
        }
      })
    #expect(copies.count == 2)
    for copy in copies {
      #expect(try copy.train().state.difference(from: expected) == "")
    }
  }

  /// An undo behind a resume leaves the file that it used as long as the checkpoint stays that
  /// was resumed from: it may be needed again.
  @Test func whatTheRestoredCheckpointCanUndoStays() throws {
    let overrides = ["checkpoint.everySteps=5", "checkpoint.keep=2"]
    let expected = try TestRun(overrides).train([Wish(3, .prune(0.5)), Wish(14, .undo)]).state
    let run = try TestRun(overrides)
    try run.train([Wish(3, .prune(0.5)), Wish(12, .stop)])
    var copy: TestRun?
    try run.train(
      ready: { _ in
        do { try run.ask(Wish(14, .undo), id: TestRun.id(9)) } catch { Issue.record(error) }
      },
      behindStep: { engine in
        if engine.session.state.step == 17 { copy = try TestRun(copying: run.directory) }
      })
    let killed = try #require(copy)
    for name in try killed.checkpointNames() where name > "step-000000012-99" {
      try LocalFileSystem().replace(killed.directory.checkpointsPath + "/" + name, with: [])
    }
    #expect(try killed.train().state.difference(from: expected) == "")
  }

  @Test func whatAKilledWriteLeftIsRemoved() throws {
    let killed = try killed(try TestRun(), at: 4)
    let leftover = killed.directory.checkpointsPath + "/step-000000004-00.safetensors.4711.tmp"
    try LocalFileSystem().replace(leftover, with: [0])
    try killed.train()
    #expect(!LocalFileSystem().exists(leftover))
  }

  @Test func aStoppedRunResumesAndAFinishedOneRefuses() throws {
    let expected = try TestRun().train().state
    let run = try TestRun()
    #expect(try run.train([Wish(11, .stop)]).outcome == .stopped)
    #expect(try run.checkpointNames().last == "step-000000011-00.safetensors")
    #expect(try run.phases().last?.name == .stopped)
    #expect(try run.train().state.difference(from: expected) == "")
    #expect(try run.phases().last?.name == .finished)
    let journal = try run.bytes(of: run.directory.journalPath)
    let refusal = #expect(throws: EngineError.self) { try run.train() }
    #expect(refusal?.description == "\(run.directory.path) is finished: there is nothing to resume")
    #expect(try run.bytes(of: run.directory.journalPath) == journal)
  }

  @Test func theLastCheckpointIsTheStateInWhichTheRunEnded() throws {
    for optimizer in ["sgd", "adamw"] {
      let run = try TestRun(["optimizer.kind=\(optimizer)"])
      let trained = try run.train([Wish(20, .prune(0.5)), Wish(24, .learningRate(times: 2))])
      let session = try TestRun(["optimizer.kind=\(optimizer)"]).session()
      let newest = try #require(try run.checkpointNames().last)
      #expect(newest == "step-000000024-01.safetensors")
      try Checkpoint(
        run.directory.checkpointsPath + "/" + newest, fitting: session, files: LocalFileSystem()
      ).restore(session)
      #expect(Fingerprint(session).difference(from: trained.state) == "")
    }
  }

  /// In a process of its own, because of the signal.
  @Test func aSignalStopsTheRunAsACommandDoes() async {
    await #expect(processExitsWith: .success) {
      let run = try TestRun()
      let signals = try SignalPipe([SIGTERM, SIGINT])
      let trained = try run.train(
        signals: signals,
        behindStep: { engine in
          guard engine.session.state.step == 5 else { return }
          kill(getpid(), SIGTERM)
          // It may come to another thread, a little later.
          _ = Readiness.wait(for: [signals.descriptor], timeoutSeconds: 10)
        })
      #expect(trained.outcome == .stoppedBySignal(SIGTERM))
      #expect(try run.checkpointNames().last == "step-000000005-00.safetensors")
      let last = try #require(try run.phases().last)
      #expect(last.name == .stopped && last.reason == "terminated")
      #expect(try run.train().state.difference(from: try TestRun().train().state) == "")
    }
  }

  @Test func aRunIsTrainedByOneEngineAtATime() throws {
    let run = try TestRun()
    var refusal: String?
    try run.train(
      behindStep: { engine in
        guard engine.session.state.step == 1 else { return }
        do { try run.train() } catch { refusal = "\(error)" }
      })
    #expect(refusal == "\(run.directory.path) is being trained by another engine")
    #expect(FileLock.probe(run.directory.lockPath) == .free)
  }

  @Test func anEngineThatCannotStartLeavesTheLockAndSaysWhyInTheJournal() throws {
    let run = try TestRun()
    var manifest = try #require(try run.directory.readManifest(LocalFileSystem()))
    manifest.experiment["data"] = [
      "kind": "idx", "images": "/nowhere/images", "labels": "/nowhere/labels",
    ]
    try run.directory.write(manifest, LocalFileSystem())
    #expect(throws: (any Error).self) { try run.train() }
    #expect(FileLock.probe(run.directory.lockPath) == .free)
    let last = try #require(try run.phases().last)
    #expect(last.name == .failed)
    #expect(last.reason?.contains("/nowhere/images") == true)
    #expect(last.reason?.contains("\n") == false)
  }
}
