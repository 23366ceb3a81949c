import JSONText
import NeuralNetwork
import OperatingSystem
import Testing

@testable import Training

@Suite struct LatencyTableTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = Path.join(directory.path, "latency.json")
  }

  private static let tick = 1e-6

  private func table(_ files: any FileSystem = LocalFileSystem()) -> LatencyTable {
    LatencyTable(path: path, files: files, clock: ScriptedClock(tickSeconds: Self.tick))
  }

  private func plan(_ layers: [any LayerDescription], _ inputShape: [Int] = [5]) -> NetworkPlan {
    NetworkPlan(
      layers: layers, inputShape: inputShape, targets: .classes(count: 2, perSample: 1))
  }

  private var perceptron: NetworkPlan {
    plan([Linear(outputs: 4), ReLU(), Linear(outputs: 2)])
  }

  /// The clock moves on by a tick whenever it is asked, so each layer takes one.
  @Test func sumsOverLayers() throws {
    let table = table()
    let seconds = try #require(table.prediction(for: perceptron))
    #expect(abs(seconds - 3 * Self.tick) < 1e-9)
    #expect(table.count == 3)
  }

  @Test func knowsLayersOfOtherNetworks() throws {
    let table = table()
    _ = table.prediction(for: perceptron)
    // The same layers but for the last, which stands behind another size.
    _ = table.prediction(
      for: plan([Linear(outputs: 4), ReLU(), Linear(outputs: 3), ReLU(), Linear(outputs: 2)]))
    #expect(table.count == 6)
    // A layer with nothing to rectify behind it is another.
    _ = table.prediction(for: plan([Linear(outputs: 4), Tanh(), Linear(outputs: 2)]))
    #expect(table.count == 9)
  }

  /// What a container does itself counts as well as what is within it.
  @Test func countsWhatContainersHold() throws {
    let block = Residual(branch: [Linear(outputs: 5), Tanh()])
    let table = table()
    let seconds = try #require(table.prediction(for: plan([block, Linear(outputs: 2)])))
    #expect(table.count == 4)
    // Each of its layers makes it look at the clock once more.
    #expect(abs(seconds - 6 * Self.tick) < 1e-9)
  }

  @Test func tellsNothingOfWhatDoesNotFit() {
    #expect(table().prediction(for: plan([Linear(outputs: 3)])) == nil)
    #expect(LatencyTable.measured(plan([]), clock: ScriptedClock()) == nil)
  }

  @Test func refusesWhatIsTooLargeToMeasure() {
    let wide = plan([Linear(outputs: 20_000), Linear(outputs: 20_000), Linear(outputs: 2)])
    let table = table()
    #expect(table.prediction(for: wide) == nil)
    #expect(table.count == 0)
  }

  @Test func measuresTheWhole() throws {
    let seconds = try #require(
      LatencyTable.measured(perceptron, clock: ScriptedClock(tickSeconds: Self.tick)))
    #expect(abs(seconds - Self.tick) < 1e-9)
  }

  @Test func symbolsAreMeasured() {
    let symbols = plan(
      [Embedding(vocabulary: 1, dimension: 3), Flatten(), Linear(outputs: 2)], [4])
    #expect(table().prediction(for: symbols) != nil)
  }

  // MARK: The file

  @Test func isKept() throws {
    let first = table()
    let seconds = first.prediction(for: perceptron)
    try first.save()
    // A slower clock is not asked: all layers are known.
    let second = LatencyTable(path: path, clock: ScriptedClock(tickSeconds: 1))
    #expect(second.count == 3)
    #expect(second.prediction(for: perceptron) == seconds)
  }

  @Test func keepsOtherProcessors() throws {
    let text = """
      {"schema": 1, "seconds": {"another processor": {"linear 1 > 1": 0.5}}}
      """
    try LocalFileSystem().replace(path, with: Array(text.utf8))
    let table = table()
    #expect(table.count == 0)
    _ = table.prediction(for: perceptron)
    try table.save()
    let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 20)
    let json = try JSONReader().read(bytes).json
    let other = json["seconds"]?["another processor"]
    #expect(other?["linear 1 > 1"]?.double == 0.5)
    #expect(json["seconds"]?.members?.count == 2)
  }

  @Test(arguments: [
    "", "{", "[]", "{\"schema\": 1}", "{\"schema\": 2, \"seconds\": {}}",
    "{\"schema\": 1, \"seconds\": {\"P\": 3}}",
    "{\"schema\": 1, \"seconds\": {\"P\": {\"linear\": -1}}}",
    "{\"schema\": 1, \"seconds\": {\"P\": {\"linear\": \"fast\"}}}", "\u{0}\u{1}",
  ])
  func damageIsMeasuredAnew(text: String) throws {
    let processor = MachineReader().processorModel() ?? "unknown processor"
    let own = text.split(separator: "P", omittingEmptySubsequences: false)
      .joined(separator: processor)
    try LocalFileSystem().replace(path, with: Array(own.utf8))
    let damaged = table()
    #expect(damaged.count == 0)
    #expect(damaged.prediction(for: perceptron) != nil)
    try damaged.save()
    #expect(table().count == 3)
  }

  @Test func aFullDiskLeavesTheOldFile() throws {
    let good = table()
    _ = good.prediction(for: perceptron)
    try good.save()
    let files = WatchedFileSystem()
    files.onChange = { (change) throws(SystemError) in
      if change.kind == .write { throw change.fails(28) }
    }
    let failing = table(files)
    _ = failing.prediction(for: plan([Linear(outputs: 2)]))
    #expect(failing.count == 4)
    #expect(throws: SystemError.self) { try failing.save() }
    #expect(table().count == 3)
    files.onChange = nil
    try failing.save()
    #expect(table().count == 4)
  }

  @Test func writesNothingWithoutNews() throws {
    let unchanged = table()
    try unchanged.save()
    #expect(!LocalFileSystem().exists(path))
  }
}
