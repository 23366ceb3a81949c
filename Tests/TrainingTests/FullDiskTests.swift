import Glibc
import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// A disk that takes nothing does not stop a training, and nothing is lost that was acknowledged.
@Suite struct FullDiskTests {
  typealias Wish = TestRun.Wish

  private final class Disk {
    let files = WatchedFileSystem()
    var isFull = false
    /// Which calls fail while it is full.
    var failing: (WatchedFileSystem.Change) -> Bool = { $0.kind == .write }

    init() {
      files.onChange = { [unowned self] change throws(SystemError) in
        if isFull && failing(change) { throw change.fails(ENOSPC) }
      }
    }
  }

  private func changes(_ state: TrainingSession.State, _ session: TrainingSession) -> [Double] {
    [session.sparsities().total, state.learningRateScale, Double(state.undoStack.count)]
  }

  @Test func trainingGoesOnAndCommandsTakeEffectWhenTheyCanBeAnswered() throws {
    let run = try TestRun(["checkpoint.everySteps=4"])
    let disk = Disk()
    let clock = ScriptedClock()
    var states: [[Double]] = []
    let trained = try run.train(
      [
        Wish(7, .prune(0.5)), Wish(8, .learningRate(times: 0.5)), Wish(9, .undo),
        Wish(10, .prune(0.7, preview: true)), Wish(10, .checkpoint),
      ], files: disk.files, clock: clock,
      behindStep: { engine in
        let session = engine.session
        switch session.state.step {
        case 6: disk.isFull = true
        case 15:
          disk.isFull = false
          clock.advance(by: 11)
        default: break
        }
        if (6...15).contains(session.state.step) {
          states.append(changes(session.state, session))
        }
      })
    #expect(trained.outcome == .finished)
    // Nothing happened that was not answered.
    #expect(states.count == 10 && states.allSatisfy { $0 == [0, 1, 0] })
    let answers = try (0..<5).map { try run.answer(TestRun.id($0)) }
    #expect(answers.map(\.step) == [15, 15, 15, 15, 15])
    #expect(answers.map(\.answer.status) == [.applied, .applied, .applied, .previewed, .applied])
    // The log is whole again: it waited in memory.
    #expect(try run.points("train/loss").joined().map(\.step) == Array(1...24))
    #expect(try run.points("val/loss").joined().map(\.step) == [0, 8, 16, 24])
    try JournalTests.checkRecords(of: run)
    let undisturbed = try TestRun(["checkpoint.everySteps=4"]).train([
      Wish(15, .prune(0.5)), Wish(15, .learningRate(times: 0.5)), Wish(15, .undo),
    ])
    #expect(trained.state.difference(from: undisturbed.state) == "")
    // And the journal tells of no prune that could not be undone: there was none.
    let notes = try run.journal().filter {
      if case .note(let text) = $0.entry { return text.contains("undone") }
      return false
    }
    #expect(notes.isEmpty, "\(notes.first.map { "\($0)" } ?? "")")
  }

  @Test func theLogIsTriedAgainAfterTenSeconds() throws {
    let run = try TestRun()
    let disk = Disk()
    let clock = ScriptedClock()
    var logged: [Int: Int64] = [:]
    try run.train(
      files: disk.files, clock: clock,
      behindStep: { engine in
        let step = engine.session.state.step
        disk.isFull = (6...10).contains(step)
        if step == 17 { clock.advance(by: 11) }
        logged[step] = try run.points("train/loss").joined().last?.step ?? 0
      })
    // Nothing comes when there is room again, but ten seconds after the failure; then all comes.
    #expect(logged[17] == logged[10] && logged[17, default: 99] < 10)
    #expect(logged[19, default: 0] >= 17)
    #expect(try run.points("train/loss").joined().map(\.step) == Array(1...24))
  }

  @Test func aCheckpointThatFailsLeavesNothingBehind() throws {
    // Rates at which no state of the outage is the best, which would be written afterwards.
    let rates = ["optimizer.learningRate=0.05", "optimizer.weightDecay=0"]
    let run = try TestRun(["checkpoint.everySteps=4"] + rates)
    let disk = Disk()
    var (names, failed): ([[String]], Int) = ([], 0)
    disk.failing = { change in
      // The header fits, the tensors do not.
      guard change.kind == .write, change.path.contains("/step-"), change.bytes.count > 10_000
      else { return false }
      failed += 1
      return true
    }
    let trained = try run.train(
      files: disk.files,
      behindStep: { engine in
        disk.isFull = (5...14).contains(engine.session.state.step)
        names.append(try run.checkpointNames())
      })
    #expect(trained.outcome == .finished && failed == 2)
    #expect(names.joined().allSatisfy { $0.hasSuffix(".safetensors") })
    #expect(try run.checkpointNames().contains("step-000000016-00.safetensors"))
    let announced = try run.journal().compactMap { record -> String? in
      if case .checkpoint(let name) = record.entry { return name }
      return nil
    }
    #expect(announced.contains("step-000000008-00.safetensors") == false)
    let notes = try run.journal().filter { $0.kind == "note" }
    #expect(notes.map(\.step) == [8], "one note for one outage")
    #expect("\(notes)".contains("No space left on device"))
    #expect(trained.state.difference(from: try TestRun(rates).train().state) == "")
  }

  @Test func aPruneWhoseStateCannotBeKeptSaysThatItCannotBeUndone() throws {
    let run = try TestRun([#"pruning=[{"epoch": 1, "sparsity": 0.2}]"#])
    let disk = Disk()
    disk.failing = { $0.kind == .write && $0.path.contains("/step-") }
    try run.train(
      [Wish(9, .prune(0.5)), Wish(10, .undo)], files: disk.files,
      behindStep: { disk.isFull = (5...12).contains($0.session.state.step) })
    let answer = try run.answer(TestRun.id(0)).answer
    #expect(answer.status == .applied)
    #expect(answer.reason?.contains("cannot be undone: ") == true)
    #expect(answer.reason?.contains("No space left on device") == true)
    #expect(
      try run.answer(TestRun.id(1)).answer.reason
        == "prune at step 9 cannot be undone: the state before it could not be kept")
    #expect(
      try run.journal().contains {
        if case .note(let text) = $0.entry {
          return $0.step == 8 && text.contains("prune at step 8 cannot be undone")
        }
        return false
      })
  }

  /// A record that the kernel took whole is out: it must not be written again, whatever
  /// `fdatasync` says, and what it promises holds.
  @Test func anAnswerThatIsWrittenButNotSynchronizedIsGivenOnce() throws {
    let run = try TestRun()
    let disk = Disk()
    disk.failing = { $0.kind == .synchronize }
    let wishes = [Wish(7, .learningRate(times: 0.5)), Wish(8, .learningRate(times: 0.5))]
    var promised: [Int: Bool] = [:]
    let trained = try run.train(
      wishes, files: disk.files,
      behindStep: { engine in
        let step = engine.session.state.step
        disk.isFull = (6...12).contains(step)
        let isApplied = engine.session.state.learningRateScale != 1
        promised[step] = try run.answers().isEmpty != isApplied
      })
    #expect(trained.outcome == .finished)
    #expect(promised.values.allSatisfy { $0 })
    let steps = try (0...1).map { try run.answer(TestRun.id($0)).step }
    let undisturbed = try TestRun().train(zip(steps, wishes).map { Wish($0, $1.request) })
    // What can be undone differs: the states before could not be kept.
    #expect(trained.state.tensors == undisturbed.state.tensors)
  }

  @Test func aDiskThatStaysFullEndsTheRunWithOneLine() throws {
    let run = try TestRun()
    let disk = Disk()
    let outcome = try run.train(
      [Wish(8, .prune(0.5))], files: disk.files,
      behindStep: { if $0.session.state.step == 6 { disk.isFull = true } }
    ).outcome
    guard case .failed(let reason) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(reason.contains("No space left on device") && !reason.contains("\n"))
    // With room again, the run is resumed from its last checkpoint.
    let again = try run.train()
    #expect(again.state.difference(from: try TestRun().train().state) == "")
    #expect(try run.answer(TestRun.id(0)).answer.status == .refused)
  }

  @Test func aRunThatCannotBeMadeLeavesNothing() throws {
    let home = try TemporaryDirectory()
    let experiment = try Experiment(
      ExperimentText(
        source: "small.json", directory: home.path, bytes: Array(TestRun.experiment.utf8),
        overrides: []))
    for kind in [WatchedFileSystem.Change.Kind.create, .write, .synchronize, .rename] {
      let files = WatchedFileSystem()
      let runs = Path.join(home.path, "runs")
      files.onChange = { change throws(SystemError) in
        // The directory itself can be made, except that nothing can.
        if change.kind == kind && (kind != .create || change.path.hasSuffix("/a")) {
          throw SystemError(operation: "create", path: change.path, code: EROFS)
        }
      }
      let creation = RunCreation(
        experiment: experiment, runs: runs, name: "a", arguments: [], version: "")
      let error = #expect(throws: SystemError.self) { try creation.create(files: files) }
      #expect(error?.description.contains("Read-only file system") == true)
      #expect(try LocalFileSystem().entries(of: runs) == [])
    }
  }

  @Test func anEngineInAReadOnlyDirectorySaysSoInOneLine() throws {
    let run = try TestRun()
    let files = WatchedFileSystem()
    files.onChange = { change throws(SystemError) in
      throw SystemError(operation: "open", path: change.path, code: EROFS)
    }
    let error = #expect(throws: SystemError.self) { try run.train(files: files) }
    #expect(
      error?.description == "cannot open \(run.directory.journalPath): Read-only file system")
    #expect(FileLock.probe(run.directory.lockPath) == .free)
  }
}
