import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// What a search does with its candidates.
@Suite struct SearchEngineTests {
  private static let halving = ["strategy=successiveHalving", "epochs=3", "candidates=6"]

  @Test func aSearchTrainsItsCandidatesAsRunsOfTheirOwn() throws {
    let search = try TestSearch()
    #expect(try search.run() == .finished)
    for id in 0..<5 {
      let run = search.candidateRun(id)
      #expect(try run.phases().last?.name == .finished)
      let accuracy = try #require(try run.points("val/accuracy").last?.last?.value)
      let told = try search.candidate(id)
      #expect(told["score"]?.double == Double("\(accuracy)"))
      #expect(told["epochs"]?.double == 2)
      let manifest = try #require(try run.directory.readManifest(LocalFileSystem()))
      let weights = manifest.layers.reduce(0) { $0 + $1.shape.reduce(1, *) }
      #expect(Int(told["parameters"]?.integer ?? 0) > weights)
    }
    let phases = try TestRun(search.directory, in: search.home).phases()
    #expect(phases.last?.name == .finished)
    #expect(phases.last?.finalStep == 5)
  }

  @Test func theSameSeedGivesTheSameSearch() throws {
    let stories = try (0..<2).map { _ in
      let search = try TestSearch(Self.halving)
      try search.run()
      return try search.story()
    }
    #expect(stories[0] == stories[1])
    let other = try TestSearch(Self.halving + ["seed=2"])
    try other.run()
    #expect(try other.story() != stories[0])
  }

  @Test func promotedCandidatesContinueFromTheirCheckpoint() throws {
    let search = try TestSearch(Self.halving)
    try search.run()
    let promoted = try #require(
      try (0..<6).first { try search.candidate($0)["epochs_target"]?.integer == 3 })
    let run = search.candidateRun(promoted)
    let steps = try run.points("train/loss").map { $0.map(\.step) }
    #expect(steps == [[1, 2], [3, 4, 5, 6]])
    #expect(try run.journal().contains { if case .restore = $0.entry { true } else { false } })
  }

  @Test func aSpaceThatIsUsedUpEndsTheSearch() throws {
    let search = try TestSearch(["space.hidden=0", "candidates=4"])
    #expect(try search.run() == .finished)
    #expect(try search.story().count == 2)
    let end = try TestRun(search.directory, in: search.home).phases().last
    #expect(end?.reason == "nothing else to try was found after 1 of 4")
  }

  /// Before every call by which coordinator or worker change a file the directory is copied, and
  /// the copy resumed: nothing that was finished is trained again, and the search is the same.
  @Test(arguments: ["random", "evolution", "successiveHalving", "hyperband", "bayesian"])
  func aSearchKilledAtAnyCallEndsAsAnUndisturbedOne(strategy: String) throws {
    let settings = ["strategy=\(strategy)", "candidates=4"]
    let undisturbed = try TestSearch(settings)
    try undisturbed.run()
    let expected = try undisturbed.story()
    #expect(expected.count >= 8)

    let search = try TestSearch(settings)
    let files = WatchedFileSystem()
    var (calls, kills) = (0, 0)
    let every = 17
    files.onChange = { change in
      calls += 1
      guard calls % every == 0 else { return }
      let when = "killed before \(change.kind) of \(change.path), call \(calls)"
      do {
        let copy = try TestSearch(copying: search.directory)
        let before = try copy.story()
        if try TestRun(copy.directory, in: copy.home).phases().last?.name == .finished { return }
        kills += 1
        #expect(try copy.run() == .finished, "\(when)")
        let story = try copy.story()
        #expect(story == expected, "\(when)")
        #expect(Array(story.prefix(before.count)) == before, "\(when)")
        for id in 0..<4 where before.contains(where: { $0.hasPrefix("tell \(id) ") }) {
          let sessions = try copy.candidateRun(id).phases().count { $0.name == .starting }
          let asked = expected.count { $0.hasPrefix("ask \(id) ") }
          #expect(sessions <= asked + 1, "\(when)")
        }
      } catch { Issue.record(error, "\(when)") }
    }
    #expect(try search.run(files: files) == .finished)
    #expect(try search.story() == expected)
    #expect(kills > 5)
  }

  @Test func aVanishedWorkersCandidateIsHandedOutAgainOnce() throws {
    let search = try TestSearch(["candidates=2"])
    var lost = 0
    try search.run(train: { worker in
      let run = search.candidateRun(0)
      let starts = try? run.phases().count { $0.name == .starting }
      if LocalFileSystem().exists(run.directory.manifestPath), starts ?? 0 < 2 {
        // As a worker that is killed leaves it.
        try run.append(
          Array((#"{"v":1,"t":1,"step":0,"kind":"phase","phase":"starting"}"# + "\n").utf8),
          to: run.directory.journalPath)
        lost += 1
      } else {
        _ = worker.trainOne()
      }
    })
    #expect(lost == 2)
    #expect(try search.candidate(0)["state"]?.string == "failed")
    #expect(try search.candidate(0)["reason"]?.string?.contains("vanished twice") == true)
    #expect(try search.candidate(1)["state"]?.string == "finished")
  }

  @Test func aCandidateWhoseRunIsGoneBeginsAgain() throws {
    let search = try TestSearch(["candidates=3"])
    var turns = 0
    let outcome = try search.run(train: { worker in
      turns += 1
      if turns == 2 { return try search.ask(.stop, id: 1) }
      _ = worker.trainOne()
    })
    #expect(outcome == .stopped)
    // As a worker that had it leaves it, and then somebody removes it.
    let run = search.candidateRun(1).directory
    let writer = try JSONLinesWriter(
      path: search.directory.journalPath, files: LocalFileSystem())
    var record = CandidateRecord(id: "1")
    (record.phase, record.starts) = (.running, 2)
    try writer.append(JournalRecord(wallTime: 1, step: 1, record.entry).json)
    writer.close()
    try TemporaryDirectory.remove(run.path)
    #expect(try search.run() == .finished)
    #expect(try search.candidate(1)["state"]?.string == "finished")
  }

  @Test func oneThatDivergesHasFailedAndTheSearchGoesOn() throws {
    let search = try TestSearch([
      "candidates=3", "experiment.optimizer.learningRate=1e6",
    ])
    guard case .failed(let reason) = try search.run() else {
      Issue.record("a search of which all failed has failed")
      return
    }
    #expect(reason.hasPrefix("all 3 candidates failed"))
    for id in 0..<3 {
      #expect(try search.candidate(id)["state"]?.string == "failed")
      #expect(try search.candidate(id)["reason"]?.string?.contains("not a finite number") == true)
    }
  }

  @Test func limitsAreKept() throws {
    let search = try TestSearch(["limits.parameters=3200"])
    try search.run()
    for id in 0..<5 {
      let told = try search.candidate(id)
      if told["id"] != nil { #expect(told["parameters"]?.integer ?? .max <= 3200) }
    }
    #expect(try search.story().count > 2)
  }

  @Test func limitsThatNothingKeepsAreOneLine() throws {
    let error = #expect(throws: SearchError.self) {
      _ = try TestSearch(["limits.parameters=10"])
    }
    let text = error?.description ?? ""
    #expect(text.contains("holds nothing that may be trained"))
    #expect(text.contains("at most 10 are allowed"))
  }

  @Test func aJournalOfAnotherSearchIsRefused() throws {
    let search = try TestSearch()
    try search.run(ready: { _ in try search.ask(.stop, id: 1) })
    let copy = try TestSearch(copying: search.directory)
    var manifest = try #require(try copy.directory.readManifest(LocalFileSystem()))
    manifest.experiment["seed"] = 7
    try copy.directory.write(manifest, LocalFileSystem())
    if try copy.story().isEmpty { return }
    let error = #expect(throws: SearchError.self) { try copy.run() }
    #expect(error?.description.contains("cannot be continued") == true)
  }

  // MARK: Commands

  @Test func candidatesObeyAndRefuse() throws {
    let search = try TestSearch(["candidates=3"])
    var turns = 0
    try search.run(train: { worker in
      turns += 1
      if turns == 1 {
        try search.ask(.candidate(id: "0", action: .kill), id: 1)
        try search.ask(.candidate(id: "9", action: .kill), id: 2)
        try search.ask(.candidate(id: "0", action: .resume), id: 3)
        try search.ask(.candidate(id: "0", action: .promote(epochs: 9)), id: 4)
        return
      }
      if turns == 2 {
        try search.ask(.candidate(id: "1", action: .pause), id: 5)
        return
      }
      if turns == 3 {
        try search.ask(.candidate(id: "1", action: .resume), id: 6)
        return
      }
      _ = worker.trainOne()
      if turns == 5 { try search.ask(.candidate(id: "1", action: .promote(epochs: 4)), id: 7) }
    })
    let answers = try search.answers()
    #expect(
      answers.map(\.status) == [
        .applied, .refused, .refused, .refused, .applied, .applied, .applied,
      ])
    #expect(try search.candidate(0)["state"]?.string == "killed")
    #expect(try search.candidate(1)["epochs"]?.double == 4)
    #expect(try search.candidateRun(1).points("train/loss").last?.last?.step == 8)
  }

  @Test func aPausedSearchHandsNothingOut() throws {
    let search = try TestSearch(["candidates=2"])
    var turns = 0
    try search.run(train: { worker in
      turns += 1
      if turns == 1 {
        try search.ask(.pause, id: 1)
        try search.ask(.resume, id: 2)
      }
      _ = worker.trainOne()
    })
    let phases = try TestRun(search.directory, in: search.home).phases().map(\.name)
    #expect(phases == [.starting, .training, .paused, .training, .finished])
  }

  @Test func aStoppedSearchGoesOn() throws {
    let undisturbed = try TestSearch(Self.halving)
    try undisturbed.run()
    let search = try TestSearch(Self.halving)
    var turns = 0
    let outcome = try search.run(train: { worker in
      _ = worker.trainOne()
      turns += 1
      if turns == 4 { try search.ask(.stop, id: 1) }
    })
    #expect(outcome == .stopped)
    #expect(try search.run() == .finished)
    #expect(try search.story() == undisturbed.story())
  }
}
