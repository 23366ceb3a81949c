import Glibc
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct TrainerStateLogTests {
  private let name = "trainer_state.json"

  private func state(
    _ rows: [String], step: Int = 10, stepMax: Int = 30, more: String = ""
  ) -> String {
    """
    {\(more)
      "global_step": \(step), "max_steps": \(stepMax),
      "log_history": [\(rows.joined(separator: ","))]
    }
    """
  }

  private func lines(_ events: [RunEvent]) -> [String] {
    events.points.map { "\($0.tag) \($0.step) \($0.value)" }
  }

  private let rows = [
    #"{"epoch": 0.5, "loss": 2.5, "grad_norm": NaN, "learning_rate": 0.25, "step": 5}"#,
    #"{"epoch": 1.0, "eval_loss": 1.5, "eval_accuracy": 0.75, "step": 10}"#,
  ]
  private let total = #"{"epoch": 3.0, "step": 30, "train_runtime": 9.5, "train_loss": 1.25}"#

  @Test func tagsAreThoseOfTheTrainersTensorBoard() throws {
    let home = try TemporaryDirectory()
    let path = try home.write(
      state(
        rows + [#"{"test_f1": 1, "step": 12, "note": "x", "loss": "0.5"}"#, total], step: 30,
        more: """
          "best_metric": 1.5, "best_model_checkpoint": "out/checkpoint-10", "best_global_step": 10,
          "num_train_epochs": 3, "train_batch_size": 32, "trial_name": null,
          "trial_params": {"learning_rate": 0.5},
          """), to: name)
    let events = try LogFormat.trainerState.readAll(path)
    #expect(
      lines(events) == [
        "train/epoch 5 0.5", "train/loss 5 2.5", "train/grad_norm 5 nan",
        "train/learning_rate 5 0.25", "train/epoch 10 1.0", "eval/loss 10 1.5",
        "eval/accuracy 10 0.75", "test/f1 12 1.0", "train/loss 12 0.5", "train/epoch 30 3.0",
        "train/train_runtime 30 9.5", "train/train_loss 30 1.25",
      ])
    let modified = try LocalFileSystem().status(at: path).modifiedSeconds
    #expect(events.points.allSatisfy { $0.wallTime == modified })
    let others = events.filter { if case .scalars = $0 { false } else { true } }
    #expect(
      others == [
        .hyperparameters([
          Hyperparameter(name: "num_train_epochs", value: 3),
          Hyperparameter(name: "train_batch_size", value: 32),
          Hyperparameter(name: "learning_rate", value: 0.5),
        ]),
        .expected(finalStep: 30),
        .text(
          tag: "best_metric", step: 10, wallTime: modified, "1.5 at out/checkpoint-10"),
        .outcome(.finished),
      ])
  }

  @Test(arguments: [(30, true, true), (29, true, false), (30, false, false)])
  func itHasFinishedWithTheTotalsAtTheLastStep(step: Int, hasTotal: Bool, isOver: Bool) throws {
    let home = try TemporaryDirectory()
    let path = try home.write(state(rows + (hasTotal ? [total] : []), step: step), to: name)
    #expect(try LogFormat.trainerState.readAll(path).contains(.outcome(.finished)) == isOver)
  }

  @Test func stepsThatRepeatAfterAResumeAreToldAgain() throws {
    let home = try TemporaryDirectory()
    let path = try home.write(
      state([#"{"loss": 3, "step": 5}"#, #"{"loss": 2, "step": 10}"#, #"{"loss": 1, "step": 5}"#]),
      to: name)
    let events = try LogFormat.trainerState.readAll(path)
    #expect(lines(events) == ["train/loss 5 3.0", "train/loss 10 2.0", "train/loss 5 1.0"])
  }

  @Test func aNewStateTakesThePlaceOfTheOldOne() throws {
    let home = try TemporaryDirectory()
    let path = try home.write(state(Array(rows[..<1])), to: name)
    var log = try LogFormat.trainerState.open(path)
    log.read()
    #expect(log.events.points.count == 4)
    #expect(log.read() == [])
    try home.write(state(rows), to: name)
    log.read()
    #expect(log.restarts == 1)
    #expect(log.events.points.count == 7)
  }

  @Test func aHalfWrittenStateKeepsTheOldOne() throws {
    let home = try TemporaryDirectory()
    let clock = ManualClock()
    let path = try home.write(state(Array(rows[..<1])), to: name)
    try setModified(path, clock.wallSeconds())
    var log = try LogFormat.trainerState.open(path, clock: clock)
    log.read()
    let whole = Array(state(rows).utf8)
    for cut in stride(from: 0, to: whole.count, by: 7) {
      try home.write(Array(whole[..<cut]), to: name)
      try setModified(path, clock.wallSeconds() + Double(cut) * 1e-3)
      #expect(log.read() == [], "cut at \(cut)")
    }
    clock.advance(bySeconds: 1.5)
    #expect(log.read() == [])
    clock.advance(bySeconds: 1)
    let troubles = log.read().troubles
    #expect(troubles.count == 1)
    guard case .unreadable(let file, 0, let reason) = try #require(troubles.first) else {
      Issue.record("\(troubles)")
      return
    }
    #expect(file == name)
    #expect(reason.hasPrefix("line "))
    #expect(log.read() == [])
    #expect(log.restarts == 0)
    try home.write(whole, to: name)
    log.read()
    #expect(log.restarts == 1)
    #expect(log.events.points.count == 7)
    #expect(log.events.troubles == [.readable(file: name)])
  }

  @Test func everyCutAndDamageIsSurvived() throws {
    let home = try TemporaryDirectory()
    let whole = Array(state(rows + [total]).utf8)
    let path = try home.write(whole, to: name)
    for cut in whole.indices.dropLast() {
      try home.write(Array(whole[..<cut]), to: name)
      let events = try LogFormat.trainerState.readAll(path)
      #expect(events.points.isEmpty, "cut at \(cut)")
    }
    var random = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      var bytes = whole
      bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      try home.write(bytes, to: name)
      _ = try LogFormat.trainerState.readAll(path)
    }
  }

  @Test(arguments: [
    ("{\"global_step\": 1}", "it has no log_history"), ("[]", "it has no log_history"),
    ("{\"log_history\": {}}", "it has no log_history"),
  ])
  func aDocumentWithoutAHistoryIsToldOf(text: String, reason: String) throws {
    let home = try TemporaryDirectory()
    let clock = ManualClock()
    let path = try home.write(text, to: name)
    try setModified(path, clock.wallSeconds() - 10)
    var log = try LogFormat.trainerState.open(path, clock: clock)
    #expect(log.read() == [.trouble(.unreadable(file: name, offset: 0, reason: reason))])
  }

  @Test func aHistoryWithoutRowsIsARunThatHasNotBegun() throws {
    let home = try TemporaryDirectory()
    let path = try home.write("{\"log_history\": [1, null, []], \"max_steps\": -1}", to: name)
    #expect(try LogFormat.trainerState.readAll(path) == [])
  }

  @Test func aDocumentThatIsTooLargeIsRefused() throws {
    let home = try TemporaryDirectory()
    let path = try home.write("{", to: name)
    #expect(truncate(path, 64 << 20 + 1) == 0)
    let events = try LogFormat.trainerState.readAll(path)
    #expect(
      events.troubles
        == [.unreadable(file: name, offset: 0, reason: "it is larger than 64 MiB")])
  }

  // MARK: Directories

  @Test func theStateThatWasWrittenLastIsRead() throws {
    let home = try TemporaryDirectory()
    let files = LocalFileSystem()
    for step in [5, 20, 100] {
      try files.createDirectory(home.path("checkpoint-\(step)"), permissions: 0o777)
      try home.write(
        state(["{\"loss\": 1, \"step\": \(step)}"], step: step), to: "checkpoint-\(step)/\(name)")
      try setModified(home.path("checkpoint-\(step)/\(name)"), 1_600_000_000 + Double(step))
    }
    try files.createDirectory(home.path("checkpoint-best"), permissions: 0o777)
    var log = try LogFormat.trainerState.open(home.path)
    #expect(lines(log.read()) == ["train/loss 100 1.0"])
    // A resumed training writes an earlier one anew.
    try home.write(state(["{\"loss\": 2, \"step\": 20}"]), to: "checkpoint-20/\(name)")
    try setModified(home.path("checkpoint-20/\(name)"), 1_600_000_500)
    #expect(lines(log.read()) == ["train/loss 20 2.0"])
    #expect(log.restarts == 1)
    // When that is removed, what it told stays.
    try files.remove(home.path("checkpoint-20/\(name)"))
    #expect(log.read() == [])
    // After a copy the one of the whole training counts, whichever was copied first.
    try home.write(state(["{\"loss\": 3, \"step\": 101}"]), to: name)
    try setModified(home.path(name), 1_600_001_000)
    try setModified(home.path("checkpoint-100/\(name)"), 1_600_001_001)
    #expect(lines(log.read()) == ["train/loss 101 3.0"])
    #expect(log.events.troubles == [])
  }

  @Test func aTrainingIsOneRun() throws {
    let home = try TemporaryDirectory()
    let files = LocalFileSystem()
    for directory in ["a", "a/checkpoint-5", "a/runs", "b", "b/checkpoint-7", "c", "d"] {
      try files.createDirectory(home.path(directory), permissions: 0o777)
    }
    try home.write(state(rows), to: "a/\(name)")
    try home.write(state(rows), to: "a/checkpoint-5/\(name)")
    try home.write("x", to: "a/runs/events.out.tfevents.1.h")
    try home.write(state(rows), to: "b/checkpoint-7/\(name)")
    try home.write("{}", to: "c/config.json")
    var finder = RunFinder(files: files)
    let runs = try finder.runs(at: home.path)
    #expect(runs.map(\.name) == ["a", "b"])
    #expect(try finder.runs(at: home.path("b/checkpoint-7")).count == 1)
    #expect(try finder.runs(at: home.path("b/checkpoint-7/\(name)")).count == 1)
    var forced = RunFinder(files: files, format: .trainerState)
    #expect(try forced.runs(at: home.path("d")) == [])
    #expect(try forced.runs(at: home.path("c/config.json")).count == 1)
  }

  private func setModified(_ path: String, _ seconds: Double) throws {
    let time = timespec(
      tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    var times = [time, time]
    try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
  }
}
