import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Testing

@testable import ArchitectureSearch
@testable import Training

/// A search that trains a supernet and then what it came to.
struct DifferentiableSearchTests {
  private static let settings = [
    "space.kind=darts", "space.channels=2", "space.nodes=2", "space.cells=2",
    #"strategy={"kind": "darts", "learningRate": 0.05}"#, "candidates=4", "epochs=2",
    "experiment.data.trainingCount=20", "experiment.data.validationCount=10",
    "experiment.batchSize=10",
  ]

  /// The tiny search names settings of another space.
  private static func search(_ overrides: [String] = []) throws -> TestSearch {
    try TestSearch(
      [#"space={"kind": "darts"}"#] + settings + overrides)
  }

  @Test func theSupernetIsTrainedThenWhatItCameTo() throws {
    let search = try Self.search()
    #expect(try search.run() == .finished)
    let supernet = try search.candidate(0)
    #expect(supernet["architecture"]?.string == "supernet of 6 operations on 6 edges")
    #expect(supernet["choices"]?.array?.isEmpty == true)
    let run = search.candidateRun(0)
    let manifest = try #require(try run.directory.readManifest(LocalFileSystem()))
    #expect(manifest.experiment["architectureSearch"]?["order"]?.integer == 1)
    #expect(manifest.experiment["architectureSearch"]?["learningRate"]?.double == 0.05)
    let chosen = try run.journal().filter { $0.step == 4 }.compactMap { record -> [String]? in
      guard case .other("architecture", let json) = record.entry else { return nil }
      return json["chosen"]?.array?.compactMap(\.string)
    }
    #expect(chosen.count == 2)

    let derived = try search.candidate(1)
    #expect(derived["choices"] == supernet["derived"])
    let model = try #require(
      try search.candidateRun(1).directory.readManifest(LocalFileSystem())
    ).experiment
    #expect(model["architectureSearch"] == .null)
    let cells = (model["model"]?["layers"]?.array ?? []).filter {
      $0["kind"]?.string == "dartsCell"
    }
    #expect(cells.map { $0["edges"]?.array?.compactMap(\.string) ?? [] } == chosen)
    #expect(derived["state"]?.string == "finished")
    #expect(try search.story().count == 4)
    let phases = try TestRun(search.directory, in: search.home).phases()
    #expect(phases.last?.finalStep == 2)
  }

  private static let small = [
    "epochs=1", "space.cells=1", #"space.operations=["none", "skip", "separableConv3x3"]"#,
    "experiment.data.trainingCount=10",
  ]

  @Test func aSearchKilledAtAnyCallEndsAsAnUndisturbedOne() throws {
    let undisturbed = try Self.search(Self.small)
    try undisturbed.run()
    let expected = try undisturbed.story()
    let search = try Self.search(Self.small)
    let files = WatchedFileSystem()
    var (calls, kills) = (0, 0)
    files.onChange = { change in
      calls += 1
      guard calls % 17 == 0 else { return }
      let when = "killed before \(change.kind) of \(change.path), call \(calls)"
      do {
        let copy = try TestSearch(copying: search.directory)
        if try TestRun(copy.directory, in: copy.home).phases().last?.name == .finished { return }
        kills += 1
        #expect(try copy.run() == .finished, "\(when)")
        #expect(try copy.story() == expected, "\(when)")
        #expect(
          try copy.candidate(0)["derived"] == undisturbed.candidate(0)["derived"], "\(when)")
      } catch { Issue.record(error, "\(when)") }
    }
    #expect(try search.run(files: files) == .finished)
    #expect(try search.story() == expected)
    #expect(kills > 5)
  }

  @Test func otherStrategiesSearchTheSameSpace() throws {
    let search = try TestSearch([
      #"space={"kind": "darts", "channels": 2, "nodes": 2}"#, "candidates=2", "epochs=1",
    ])
    #expect(try search.run() == .finished)
    for id in 0..<2 {
      #expect(try search.candidate(id)["state"]?.string == "finished")
      #expect(try search.candidate(id)["choices"]?.array?.count == 6)
    }
  }

  @Test func aSpaceWithoutASupernetIsOneLine() throws {
    let error = #expect(throws: ExperimentError.self) {
      _ = try TestSearch(["strategy=darts"])
    }
    #expect(error?.field == "strategy")
    #expect(error?.problem.contains("the space layers has none; expected the space darts") == true)
  }

  @Test func aSupernetThatIsTooLargeIsOneLine() throws {
    let error = #expect(throws: SearchError.self) {
      _ = try Self.search(["limits.memoryMegabytes=1", "space.channels=64"])
    }
    #expect(error?.description.contains("the supernet needs about") == true)
  }

  @Test func whatBreaksALimitIsSaidAndNotTrained() throws {
    // Cells with one convolution keep it; a supernet of nothing else comes to three of them.
    let search = try Self.search([
      #"space.operations=["none", "separableConv3x3"]"#, "limits.parameters=200",
    ])
    #expect(try search.run() == .finished)
    #expect(try search.candidate(1)["id"] == nil)
    let alerts = try search.journal().compactMap {
      if case .alert(let text) = $0.entry { text } else { nil }
    }
    #expect(alerts.count == 1)
    #expect(alerts.first?.contains("parameters, at most 200 are allowed") == true)
  }
}
