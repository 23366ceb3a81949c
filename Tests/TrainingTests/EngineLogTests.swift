import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// What a run's event files hold.
@Suite struct EngineLogTests {
  typealias Wish = TestRun.Wish

  @Test func aRunLogsEveryStepInOrderAndEveryEpoch() throws {
    let run = try TestRun([#"pruning=[{"epoch": 1, "sparsity": 0.5}]"#])
    try run.train([Wish(5, .prune(0.2)), Wish(5, .prune(0.3)), Wish(9, .undo)])
    let finalStep = Int64(25)
    for tag in ["train/loss", "optimizer/learning_rate", "optimizer/gradient_norm"] {
      #expect(try run.points(tag).joined().map(\.step) == Array(1...finalStep), "\(tag)")
    }
    for tag in ["val/loss", "val/accuracy"] {
      #expect(try run.points(tag).joined().map(\.step) == [0, 8, 16, 24, 25], "\(tag)")
    }
    #expect(try run.points("train/accuracy").joined().map(\.step) == [8, 16, 24, 25])
    let events = try #require(try run.events().first)
    var last: [String: Int64] = [:]
    var tags: Set<String> = []
    for point in events.points {
      tags.insert(point.tag)
      #expect(point.step >= last[point.tag] ?? 0, "\(point.tag)")
      #expect(point.value.isFinite && point.wallTime > 1_700_000_000)
      last[point.tag] = point.step
    }
    #expect(
      tags.isSuperset(of: [
        "sparsity/total", "sparsity/linear1", "sparsity/linear2", "gradient_norm/linear1",
        "weight_norm/linear2", "dead_units/relu1", "throughput/samples_per_second", "time/data_ms",
        "time/forward_ms", "time/backward_ms", "time/update_ms", "system/cpu_percent",
        "system/memory_mb",
      ]))
  }

  @Test func theFirstFileBeginsWithItsSessionAndTheSettings() throws {
    let run = try TestRun()
    try run.train()
    let events = try #require(try run.events().first)
    guard case .sessionStarted(step: 0, _) = try #require(events.first) else {
      Issue.record("\(String(describing: events.first))")
      return
    }
    let settings = events.compactMap { event -> [Hyperparameter]? in
      if case .hyperparameters(let all) = event { return all }
      return nil
    }
    let names = try #require(settings.first).map(\.name)
    #expect(
      Set(names).isSuperset(of: [
        "batchSize", "epochs", "optimizer.kind", "optimizer.learningRate", "seed",
      ]))
    let histograms = events.compactMap { event -> Double? in
      if case .histogram("weights/linear1", _, _, let histogram) = event {
        return histogram.bins.reduce(0) { $0 + $1.count }
      }
      return nil
    }
    #expect(!histograms.isEmpty && histograms.allSatisfy { $0 == 784 * 6 })
  }

  @Test func validationsOfTheLogAreThoseOfTheWeights() throws {
    let run = try TestRun()
    var validation: Validation?
    try run.train(behindStep: { engine in
      if engine.session.state.step == 16 { validation = engine.session.validate() }
    })
    let expected = try #require(validation)
    let loss = try run.points("val/loss").joined().first { $0.step == 16 }
    let accuracy = try run.points("val/accuracy").joined().first { $0.step == 16 }
    #expect(loss?.value == Float(expected.loss))
    #expect(accuracy?.value == expected.accuracy.map { Float($0) })
    let untrained = try TestRun().session().validate()
    #expect(try run.points("val/loss").joined().first?.value == Float(untrained.loss))
  }

  @Test func aResumedRunBeginsANewFileBehindItsCheckpoint() throws {
    let overrides = ["checkpoint.everySteps=10"]
    let undisturbed = try TestRun(overrides)
    try undisturbed.train()
    let run = try TestRun(overrides)
    var copy: TestRun?
    try run.train(behindStep: { engine in
      if engine.session.state.step == 15 { copy = try TestRun(copying: run.directory) }
    })
    let killed = try #require(copy)
    let path = try #require(try killed.eventFiles().first)
    let bytes = try killed.bytes(of: path)
    let journal = try killed.bytes(of: killed.directory.journalPath)
    try killed.train(clock: ScriptedClock(startSeconds: 900))
    #expect(try killed.bytes(of: path) == bytes)
    #expect(try killed.bytes(of: killed.directory.journalPath).starts(with: journal))
    let files = try killed.events()
    #expect(files.count == 2)
    guard case .sessionStarted(step: 11, _) = try #require(files[1].first) else {
      Issue.record("\(String(describing: files[1].first))")
      return
    }
    #expect(try killed.points("train/loss")[1].map(\.step) == Array(11...24))
    #expect(try killed.points("val/loss")[1].map(\.step) == [16, 24])
    let restored = try killed.journal().first { $0.kind == "restore" }
    #expect(restored?.step == 10)
    // The second file goes on with the very numbers of the first.
    for tag in ["train/loss", "val/loss", "optimizer/gradient_norm"] {
      let both = try killed.points(tag)
      let joined = both[0].filter { $0.step <= 10 } + both[1]
      #expect(
        joined.map(\.value) == (try undisturbed.points(tag).joined().map(\.value)), "\(tag)")
    }
  }

  @Test func everythingOfAStepIsInTheLogBeforeItsCheckpointIsAnnounced() throws {
    let run = try TestRun(["checkpoint.everySteps=5"])
    let files = WatchedFileSystem()
    var announced = 0
    files.onChange = { change in
      guard change.kind == .write, change.path == run.directory.journalPath,
        String(decoding: change.bytes, as: UTF8.self).contains("\"kind\":\"checkpoint\"")
      else { return }
      do {
        let line = try JSONReader(options: .record).read(change.bytes)
        let step = try #require(line["step"]?.integer)
        // The best state is announced with a later one.
        #expect(try run.points("train/loss").joined().last?.step ?? 0 >= step)
        #expect(try run.points("val/loss").joined().last?.step ?? -1 >= step / 8 * 8)
        announced += 1
      } catch { Issue.record(error) }
    }
    try run.train(files: files)
    #expect(announced > 6)
  }
}
