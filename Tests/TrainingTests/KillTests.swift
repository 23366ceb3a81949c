import OperatingSystem
import RunLog
import Testing

@testable import Training

/// An engine that is killed and resumed ends where an undisturbed one does, bit for bit.
@Suite struct KillTests {
  typealias Wish = TestRun.Wish

  static let wishes = [
    Wish(3, .learningRate(0.02)), Wish(3, .prune(0.3)), Wish(5, .pause), Wish(5, .resume),
    Wish(6, .learningRate(times: 0.5)), Wish(8, .prune(0.35)),
    Wish(9, .prune(0.6, layers: ["linear1"])), Wish(11, .undo), Wish(13, .undo),
    Wish(14, .checkpoint), Wish(17, .prune(0.7)), Wish(19, .prune(0.9, preview: true)),
    Wish(19, .undo), Wish(20, .learningRate(times: 3)),
  ]

  static func run(_ optimizer: String) throws -> TestRun {
    try TestRun([
      "optimizer.kind=\(optimizer)", "learningRateSchedule.kind=cosine",
      "checkpoint.everySteps=7",
      #"pruning=[{"epoch": 0, "sparsity": 0.1}, {"epoch": 1, "sparsity": 0.2}, "#
        + #"{"epoch": 2, "sparsity": 0.5}]"#,
    ])
  }

  /// Resumes a run and asks again, for its step, what was not answered before the kill.
  static func resume(
    _ run: TestRun, attempt: Int, _ wishes: [Wish] = wishes,
    files: any FileSystem = LocalFileSystem()
  ) throws -> TestRun.Trained {
    let engineWasAway = "no engine was running"
    let answered = try run.answers().filter { $0.answer.reason != engineWasAway }
    let done = Set(answered.map { ($0.answer.id.suffix(4)) })
    return try run.train(
      files: files,
      ready: { _ in
        for (index, wish) in wishes.enumerated() {
          let id = TestRun.id(attempt << 16 | index)
          if done.contains(id.suffix(4)) { continue }
          do { try run.ask(wish, id: id) } catch { Issue.record(error) }
        }
      })
  }

  /// What must hold of any run that came to its end, however often it was killed.
  static func check(
    _ run: TestRun, _ trained: TestRun.Trained, _ expected: Fingerprint, _ when: String
  ) {
    #expect(trained.outcome == .finished, "\(when)")
    #expect(trained.state.difference(from: expected) == "", "\(when)")
    do {
      let ids = try run.answers().map(\.answer.id)
      #expect(Set(ids).count == ids.count, "two answers to an id, \(when)")
      let unfinished = try run.checkpointNames().filter { $0.hasSuffix(".tmp") }
      #expect(unfinished == [], "\(when)")
    } catch { Issue.record(error, "\(when)") }
  }

  /// Of the writes into a checkpoint that has no name yet, all but the first leave the same.
  private static func matters(_ change: WatchedFileSystem.Change, _ last: String) -> Bool {
    if change.kind == .synchronize { return false }
    return !(change.kind == .write && change.path.hasSuffix(".tmp") && change.path == last)
  }

  /// Before every call that changes a file, and in the middle of every write, the directory is
  /// copied and the copy resumed.
  /// To spare time, AdamW is killed at every third place.
  @Test(arguments: [("sgd", 1), ("adamw", 3)])
  func aRunKilledAtAnyCallEndsAsAnUndisturbedOne(optimizer: String, every: Int) throws {
    let expected = try Self.run(optimizer).train(Self.wishes).state
    let run = try Self.run(optimizer)
    let files = WatchedFileSystem()
    var (kills, lastWritten) = (0, "")
    files.onChange = { change in
      guard Self.matters(change, lastWritten) else { return }
      if change.kind == .write { lastWritten = change.path }
      for isTorn in [false, true] where !isTorn || change.kind == .write {
        let when =
          "killed \(isTorn ? "within" : "before") \(change.kind) of \(change.path), \(kills)"
        do {
          let copy = try TestRun(copying: run.directory)
          if isTorn {
            let path = copy.directory.path + change.path.dropFirst(run.directory.path.count)
            try copy.append(change.bytes.prefix(change.bytes.count / 2), to: path)
          }
          kills += 1
          if try kills % every != 0 || copy.phases().last?.name == .finished { continue }
          Self.check(copy, try Self.resume(copy, attempt: 1), expected, when)
        } catch { Issue.record(error, "\(when)") }
      }
    }
    let trained = try run.train(Self.wishes, files: files)
    #expect(trained.state.difference(from: expected) == "")
    #expect(kills > 100)
  }

  @Test(arguments: ["sgd", "adamw"])
  func aRunKilledTwiceEndsAsAnUndisturbedOne(optimizer: String) throws {
    let expected = try Self.run(optimizer).train(Self.wishes).state
    let run = try Self.run(optimizer)
    try run.train(
      Self.wishes,
      behindStep: { engine in
        let step = engine.session.state.step
        let once = try TestRun(copying: run.directory)
        var twice: TestRun?
        // The second kill comes some steps behind the first, at a place that differs.
        let files = WatchedFileSystem()
        var calls = 0
        files.onChange = { change in
          calls += 1
          if calls != 5 + step * 7 % 40 { return }
          do { twice = try TestRun(copying: once.directory) } catch { Issue.record(error) }
        }
        Self.check(
          once, try Self.resume(once, attempt: 1, files: files), expected, "killed at \(step)")
        guard let twice else { return }
        Self.check(
          twice, try Self.resume(twice, attempt: 2), expected, "killed twice from \(step)")
      })
  }
}
