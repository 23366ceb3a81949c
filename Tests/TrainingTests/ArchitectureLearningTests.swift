import JSONText
import NeuralNetwork
import RunLog
import Testing

@testable import Training

/// Runs that learn which operations their layers take.
struct ArchitectureLearningTests {
  /// 8 updates an epoch, 24 in all.
  private static func run(
    _ order: TrainedKind = .firstOrder, _ overrides: [String] = []
  ) throws -> TestRun {
    try TestRun(overrides, experiment: order.experiment)
  }

  private static func records(_ run: TestRun) throws -> [(step: Int64, json: JSON)] {
    try run.journal().compactMap {
      guard case .other("architecture", let json) = $0.entry else { return nil }
      return ($0.step, json)
    }
  }

  private static func words(_ json: JSON?) -> [String] {
    (json?.array ?? []).compactMap(\.string)
  }

  @Test(arguments: [TrainedKind.firstOrder, .secondOrder])
  func sharesEntropyAndWordsAreLogged(_ order: TrainedKind) throws {
    let run = try Self.run(order)
    var shares: [[Double]] = []
    try run.train(behindStep: { shares = $0.session.network.mixtures[0].shares })
    let grids = try run.events().flatMap { events in
      events.compactMap { event -> (step: Int64, grid: Grid)? in
        guard case .grid("architecture/dartsCell1", let step, _, let grid) = event else {
          return nil
        }
        return (step, grid)
      }
    }
    let last = try #require(grids.last)
    #expect(grids.first?.step == 0 && last.step == 24)
    #expect((last.grid.rows, last.grid.columns) == (3, 6))
    #expect(last.grid.values == shares.joined().map { Float($0) })
    for row in shares { #expect(abs(row.reduce(0, +) - 1) < 1e-6) }
    let entropies = try run.points("architecture/entropy").joined().map(\.value)
    let first = try #require(entropies.first)
    // Six operations that count almost the same at first.
    #expect(abs(first - 1.791_759) < 1e-4)
    #expect(try #require(entropies.last) < first - 0.001)

    let records = try Self.records(run)
    #expect(records.map(\.step) == [0, 8, 16, 24])
    let words = try #require(records.last).json
    #expect(words["layer"]?.string == "dartsCell1")
    #expect(Self.words(words["edges"]) == ["0→1", "0→2", "1→2"])
    #expect(
      Self.words(words["operations"]) == DifferentiableCell.Operation.allCases.map(\.rawValue))
    let chosen = Self.words(words["chosen"])
    #expect(chosen.count == 3)
    for (row, word) in zip(shares, chosen) {
      // Both nodes keep all of their edges; "none" is never chosen.
      let strongest = row.indices.dropFirst().max { row[$0] < row[$1] }
      #expect(Self.words(words["operations"])[strongest ?? 0] == word)
    }
    let skips = try #require(try run.points("architecture/skips").joined().last).value
    #expect(Int(skips) == chosen.count { $0 == "skip" })
  }

  @Test func theFirstAndTheSecondOrderDiffer() throws {
    func alpha(_ order: Int) throws -> [[Double]] {
      var shares: [[Double]] = []
      try Self.run(.secondOrder, ["architectureSearch.order=\(order)"]).train(
        behindStep: { shares = $0.session.network.mixtures[0].shares })
      return shares
    }
    let (first, second) = (try alpha(1), try alpha(2))
    #expect(first != second)
    #expect(first[0] != Array(repeating: 1.0 / 6, count: 6))
  }

  @Test func ordinaryRunsHaveNothingOfIt() throws {
    let run = try TestRun()
    try run.train()
    #expect(try Self.records(run).isEmpty)
    let tags = try run.events().flatMap { $0.points.map(\.tag) }
    #expect(!tags.contains { $0.hasPrefix("architecture/") })
    let session = try run.session()
    #expect(Checkpoint.describe(session)["architectureSteps"] == nil)
    #expect(!Checkpoint.tensors(of: session).contains { $0.name.hasPrefix("architecture.") })
  }

  @Test func withoutAnArchitectureSearchNothingIsLearnedOfIt() throws {
    let run = try Self.run(.firstOrder, ["architectureSearch=null"])
    let before = try run.session().network.mixtures
    var after: [MixtureTable] = []
    try run.train(behindStep: { after = $0.session.network.mixtures })
    #expect(after == before)
    #expect(try Self.records(run).isEmpty)
  }

  @Test func aModelThatMixesNothingIsRefused() throws {
    let error = #expect(throws: ExperimentError.self) {
      _ = try TestRun(["architectureSearch={}"])
    }
    #expect(error?.field == "architectureSearch")
    #expect(error?.problem.contains("no layer that mixes operations") == true)
    let order = #expect(throws: ExperimentError.self) {
      _ = try Self.run(.firstOrder, ["architectureSearch.order=3"])
    }
    #expect(order?.field == "architectureSearch.order")
  }

  @Test func skipConnectionsThatTakeOverAreToldOnce() throws {
    func alerts(_ overrides: [String]) throws -> [(step: Int64, text: String)] {
      let run = try Self.run(.firstOrder, overrides)
      try run.train()
      return try run.journal().compactMap {
        if case .alert(let text) = $0.entry { ($0.step, text) } else { nil }
      }
    }
    let found = try alerts([#"model.layers.1.operations=["none", "skip"]"#])
    #expect(found.map(\.step) == [8])
    #expect(
      found.first?.text
        == "skip connections take over: 3 of 3 edges of the architecture that would be derived")
    #expect(
      try alerts([#"model.layers.1.operations=["none", "separableConv3x3"]"#]).isEmpty)
  }

  @Test func halfOfTheEdgesIsACollapse() {
    func isTakenOver(_ chosen: [String]) -> Bool {
      TrainingSession.DerivedArchitecture(tables: [
        MixtureTable(layer: "cell", edges: [], operations: [], shares: [], chosen: chosen)
      ]).isTakenOverBySkips
    }
    let three = Array(repeating: "skip", count: 3)
    let others = Array(repeating: "maxPool3x3", count: 4)
    #expect(!isTakenOver(three + others + ["none"]))
    #expect(isTakenOver(three + ["skip"] + others + ["none"]))
    #expect(!isTakenOver([]) && !isTakenOver(["none"]))
  }
}
