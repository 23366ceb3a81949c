import Glibc
import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// A second run from the state of a first one.
@Suite struct BranchTests {
  typealias Wish = TestRun.Wish

  private static let noRunLeft = ["run"]

  /// A run whose state has all there is: masks, moments, a changed learning rate, things to undo.
  private static func run() throws -> TestRun {
    try TestRun([
      "optimizer.kind=adamw", "learningRateSchedule.kind=cosine",
      #"pruning=[{"epoch": 1, "sparsity": 0.2}]"#,
    ])
  }
  private static let before = [Wish(3, .learningRate(0.02)), Wish(9, .prune(0.5))]
  private static let step = 11

  private func names(in home: TemporaryDirectory) throws -> [String] {
    try LocalFileSystem().entries(of: home.path)
  }

  private func child(of run: TestRun, _ name: String = "run-branch-1") -> TestRun {
    TestRun(RunDirectory(path: Path.join(run.home.path, name)), in: run.home)
  }

  @Test func aBranchGoesOnAsItsParentDoesBitForBit() throws {
    let run = try Self.run()
    var started: [String] = []
    let trained = try run.train(
      Self.before + [Wish(Self.step, .branch(.init())), Wish(17, .undo)],
      startEngine: { started.append($0.path) })
    let child = child(of: run)
    #expect(started == [child.directory.path])
    #expect(try run.answer(TestRun.id(2)).answer.new == "run-branch-1")
    #expect(try run.answer(TestRun.id(2)).step == Self.step)
    let record = JournalRecord.Entry.branch(name: "run-branch-1", path: child.directory.path)
    #expect(try run.journal().filter { $0.entry == record }.map(\.step) == [Int64(Self.step)])
    #expect(!LocalFileSystem().exists(run.directory.path + "/branch.tmp"))

    // What the parent undoes, the child can undo.
    let branched = try child.train(ready: { engine in
      #expect(engine.session.state.step == Self.step)
      do { try child.ask(Wish(17, .undo), id: TestRun.id(9)) } catch { Issue.record(error) }
    })
    #expect(branched.outcome == .finished)
    #expect(branched.state.difference(from: trained.state) == "")
    #expect(try child.answer(TestRun.id(9)).answer.status == .applied)
    let events = try child.events()
    #expect(
      events.count == 1
        && events[0].contains {
          if case .sessionStarted(Int64(Self.step) + 1, _) = $0 { return true }
          return false
        })
    #expect(try child.points("train/loss").first?.first?.step == Int64(Self.step) + 1)
  }

  @Test func theManifestNamesItsParent() throws {
    let run = try Self.run()
    try run.train([Wish(5, .branch(.init(name: "other")))], startEngine: { _ in })
    let files = LocalFileSystem()
    let parent = try #require(try run.directory.readManifest(files))
    let manifest = try #require(try child(of: run, "other").directory.readManifest(files))
    #expect(manifest.name == "other" && manifest.parent == .init(run: "run", step: 5))
    #expect(manifest.experiment == parent.experiment && manifest.seed == parent.seed)
    #expect(manifest.threads == parent.threads)
    #expect(parent.declares("branch") && manifest.declares("branch"))
    let control = try files.contents(
      of: child(of: run, "other").directory.controlPath, limit: 1 << 20)
    #expect(control.isEmpty)
  }

  /// The changes act before the first update of the child, as if the parent had been asked for
  /// them; the parent goes on without them.
  @Test func theChangesActAtTheFirstStep() throws {
    let (rate, prune) = (ControlCommand.LearningRateChange.scale(0.25), 0.7)
    let expected = try Self.run().train(
      Self.before + [
        Wish(Self.step, .setLearningRate(rate)), Wish(Self.step, .prune(prune)),
      ]
    ).state
    let undisturbed = try Self.run().train(Self.before).state
    let run = try Self.run()
    let branch = ControlCommand.BranchRequest(
      learningRate: rate, prune: .init(method: "magnitude", sparsity: prune, isPreview: false))
    let trained = try run.train(
      Self.before + [Wish(Self.step, .branch(branch))], startEngine: { _ in })
    #expect(trained.state.difference(from: undisturbed) == "")

    let child = child(of: run)
    #expect(try child.train().state.difference(from: expected) == "")
    let answers = try child.answers()
    #expect(answers.map(\.answer.status) == [.applied, .applied])
    #expect(answers.map(\.step) == [Self.step, Self.step])
    #expect(answers.map(\.answer.request) == branch.changes.map { Optional($0.json) })
    let first = try #require(try child.points("optimizer/learning_rate").first?.first)
    #expect(first.step == Int64(Self.step) + 1)
    #expect(Double(first.value) == answers[0].answer.new?.double.map { Double(Float($0)) })
    #expect(answers[0].answer.new?.double != answers[0].answer.old?.double)
    #expect(answers[1].answer.layers.count == 2 && answers[1].answer.new?.double ?? 0 > 0.69)
    var control = JSONLinesReader(path: child.directory.controlPath, files: LocalFileSystem())
    let asked = try control.read().records.compactMap { $0["id"]?.string }
    #expect(asked == answers.map(\.answer.id))
  }

  @Test func whatCannotBeBranchedIsRefusedAndLeavesNothing() throws {
    func prune(_ method: String, _ layers: [String]? = nil, _ sparsity: Double = 0.5)
      -> ControlCommand.BranchRequest
    {
      .init(prune: .init(method: method, sparsity: sparsity, layers: layers, isPreview: false))
    }
    let cases: [(ControlCommand.BranchRequest, String)] = [
      (.init(name: "run"), "there is a run run already"),
      (.init(name: "../run2"), "../run2: a run's name has letters, digits"),
      (.init(name: ""), "a run's name has letters"),
      (.init(learningRate: .value(1e7)), "a learning rate is a number from 0 to 1e6"),
      (prune("guess"), "there is no method \"guess\""),
      (prune("magnitude", ["linear7"]), "there is no layer \"linear7\""),
    ]
    let run = try TestRun()
    var started = 0
    try run.train(
      cases.map { Wish(4, .branch($0.0)) } + [Wish(5, .branch(.init()))],
      startEngine: { child in
        started += 1
        // As an engine would leave it that came as far as its log.
        try LocalFileSystem().replace(child.engineLogPath, with: [1])
        throw EngineError("it does not want to")
      })
    for (index, one) in cases.enumerated() {
      let answer = try run.answer(TestRun.id(index)).answer
      #expect(answer.status == .refused)
      #expect(answer.reason?.contains(one.1) == true, "\(answer)")
    }
    let last = try run.answer(TestRun.id(cases.count)).answer
    #expect(last.status == .refused && started == 1)
    #expect(last.reason == "no branch was made: it does not want to")
    #expect(try names(in: run.home) == Self.noRunLeft)
    #expect(try run.journal().allSatisfy { $0.kind != "branch" })
    let alone = try TestRun()
    try alone.train([Wish(4, .branch(.init()))])
    #expect(try alone.answer(TestRun.id(0)).answer.reason == "this engine starts no others")
    #expect(try names(in: alone.home) == Self.noRunLeft)
  }

  @Test func namesAreNumberedAndNoneIsTakenTwice() throws {
    let run = try TestRun()
    try LocalFileSystem().createDirectory(
      Path.join(run.home.path, "run-branch-2"), permissions: 0o777)
    try run.train(
      [Wish(4, .branch(.init())), Wish(4, .branch(.init())), Wish(6, .branch(.init()))],
      startEngine: { _ in })
    #expect(
      try (0...2).map { try run.answer(TestRun.id($0)).answer.new }
        == ["run-branch-1", "run-branch-3", "run-branch-4"])
  }

  @Test func aNameThatIsTakenAtTheLastMomentIsLeftAlone() throws {
    let run = try TestRun()
    let files = WatchedFileSystem()
    let taken = Path.join(run.home.path, "run-branch-1")
    files.onChange = { change throws(SystemError) in
      guard change.kind == .create, change.path == taken else { return }
      try LocalFileSystem().createDirectory(taken, permissions: 0o777)
    }
    try run.train([Wish(4, .branch(.init()))], files: files, startEngine: { _ in })
    #expect(try run.answer(TestRun.id(0)).answer.new == "run-branch-2")
    #expect(try child(of: run, "run-branch-2").train().outcome == .finished)
    #expect(try LocalFileSystem().entries(of: taken) == [])
  }

  @Test func aBranchThatWasAnsweredIsNoAnswerToALaterWish() throws {
    let run = try TestRun()
    let wish = Wish(4, .branch(.init(name: "child")))
    try run.train([wish, Wish(4, .stop)], startEngine: { _ in })
    try run.ask(wish, id: TestRun.id(7))
    try run.train(startEngine: { _ in })
    let answer = try run.answer(TestRun.id(7)).answer
    #expect(answer.status == .refused && answer.reason == "no engine was running")
  }

  /// Whatever call fails, the branch is refused with that reason, nothing is left, and the
  /// training goes on.
  @Test func aDiskThatFailsRefusesTheBranch() throws {
    let undisturbed = try TestRun().train().state
    let calls = try changes(of: TestRun(), [Wish(4, .branch(.init()))]).count
    #expect(calls > 10)
    for failing in 0..<calls {
      let run = try TestRun()
      let files = WatchedFileSystem()
      var (isBranching, call, failed) = (false, 0, "")
      files.onChange = { change throws(SystemError) in
        isBranching = isBranching || change.path.hasSuffix("/branch.tmp")
        guard isBranching else { return }
        defer { call += 1 }
        if call == failing {
          failed = "\(change.kind) \(change.path)"
          throw change.fails(ENOSPC)
        }
      }
      let trained = try run.train(
        [Wish(4, .branch(.init()))], files: files, startEngine: { _ in isBranching = false })
      #expect(trained.outcome == .finished)
      #expect(trained.state.difference(from: undisturbed) == "", "\(failed)")
      let answer = try run.answer(TestRun.id(0)).answer
      #expect(answer.status == .refused, "\(failed)")
      #expect(answer.reason?.contains("No space left on device") == true, "\(failed)")
      #expect(try names(in: run.home) == Self.noRunLeft, "\(failed)")
      #expect(!LocalFileSystem().exists(run.directory.path + "/branch.tmp"), "\(failed)")
    }
  }

  @Test func aCheckpointThatCannotBeWrittenRefusesTheBranch() throws {
    let run = try TestRun()
    let files = WatchedFileSystem()
    files.onChange = { change throws(SystemError) in
      if change.path.contains("step-000000004") { throw change.fails(ENOSPC) }
    }
    #expect(
      try run.train([Wish(4, .branch(.init()))], files: files, startEngine: { _ in }).outcome
        == .finished)
    let answer = try run.answer(TestRun.id(0)).answer
    #expect(answer.status == .refused)
    #expect(answer.reason?.contains("No space left on device") == true)
    #expect(try names(in: run.home) == Self.noRunLeft)
  }

  /// The calls from the first that makes something of the branch to the start of its engine.
  private func changes(
    of run: TestRun, _ wishes: [Wish]
  ) throws -> [WatchedFileSystem.Change] {
    let files = WatchedFileSystem()
    var (isBranching, changes): (Bool, [WatchedFileSystem.Change]) = (false, [])
    files.onChange = { change in
      isBranching = isBranching || change.path.hasSuffix("/branch.tmp")
      if isBranching { changes.append(change) }
    }
    try run.train(wishes, files: files, startEngine: { _ in isBranching = false })
    return changes
  }

  /// Killed before or within any call from the checkpoint to the answer, a branch is there or is
  /// not: what is there can be resumed, the parent says so once, and makes no second one.
  @Test func aKillLeavesNoChildOrOneThatCanBeResumed() throws {
    let branch = Wish(
      Self.step, .branch(.init(name: "child", learningRate: .scale(0.5))))
    let expected = try Self.run().train(Self.before).state
    let expectedChild = try Self.run().train(
      Self.before + [Wish(Self.step, .learningRate(times: 0.5))]
    ).state
    let run = try Self.run()
    let files = WatchedFileSystem()
    var (kills, children, isOver) = (0, 0, false)
    files.onChange = { change in
      if isOver || change.kind == .synchronize { return }
      let isBranch = change.path.contains("branch.tmp") || change.path.contains("/child")
      let bytes = String(decoding: change.bytes, as: UTF8.self)
      guard isBranch || bytes.contains("child") else { return }
      isOver = bytes.contains(TestRun.id(2))
      for isTorn in [false, true] where !isTorn || change.kind == .write {
        do {
          let home = try TemporaryDirectory()
          let runs = Path.join(home.path, "runs")
          try TemporaryDirectory.copy(run.home.path, to: runs)
          if isTorn {
            let path = runs + change.path.dropFirst(run.home.path.count)
            let half = Array(change.bytes.prefix(change.bytes.count / 2))
            try TestRun(run.directory, in: home).append(half, to: path)
          }
          kills += 1
          let parent = TestRun(RunDirectory(path: Path.join(runs, "run")), in: home)
          let when = "killed \(isTorn ? "within" : "before") \(change.kind) of \(change.path)"
          children += try resume(parent, expected, expectedChild, when) ? 1 : 0
        } catch { Issue.record(error) }
      }
    }
    try run.train(Self.before + [branch], files: files, startEngine: { _ in })
    #expect(isOver && kills > 15)
    #expect(children == 4, "before and within the record and the answer")
  }

  /// Resumes a run that was killed while it branched; true when the child was there.
  private func resume(
    _ parent: TestRun, _ expected: Fingerprint, _ expectedChild: Fingerprint, _ when: String
  ) throws -> Bool {
    let trained = try parent.train(startEngine: { _ in Issue.record("a second child, \(when)") })
    #expect(trained.state.difference(from: expected) == "", "\(when)")
    let answer = try parent.answer(TestRun.id(2)).answer
    let records = try parent.journal().filter { $0.kind == "branch" }
    #expect(!LocalFileSystem().exists(parent.directory.path + "/branch.tmp"), "\(when)")
    let path = Path.join(Path.parent(of: parent.directory.path), "child")
    guard LocalFileSystem().exists(path) else {
      #expect(answer.status == .refused && answer.reason == "no engine was running", "\(when)")
      #expect(records.isEmpty, "\(when)")
      return false
    }
    #expect(answer.status == .applied && answer.new == "child", "\(when)")
    #expect(records.map(\.step) == [Int64(Self.step)], "\(when)")
    let branched = try TestRun(RunDirectory(path: path), in: parent.home).train()
    #expect(branched.outcome == .finished, "\(when)")
    #expect(branched.state.difference(from: expectedChild) == "", "\(when)")
    return true
  }
}
