import OperatingSystem
import RunLog
import TensorFiles
import Testing

@testable import Training

/// Runs that begin with the weights of a file.
@Suite struct InitialWeightsTests {
  private static let experiment = """
    {
      "data": { "kind": "glyphs", "trainingCount": 40, "validationCount": 20 },
      "model": { "layers": [
        { "kind": "convolution", "channels": 2, "kernel": 4, "stride": 4 }, "batchNorm", "flatten",
        { "kind": "linear", "outputs": 10 }
      ] },
      "batchSize": 20, "epochs": 1, "threads": 1
    }
    """

  private static func numbers(_ count: Int, _ scale: Float) -> [Float] {
    (0..<count).map { Float($0 % 11 + 1) * scale }
  }

  /// By PyTorch's names: the place in the list of layers, and the role.
  private static let tensors: [TensorSample.Named] = [
    ("0.weight", [2, 1, 4, 4], numbers(32, 0.01)), ("0.bias", [2], numbers(2, 0.1)),
    ("1.weight", [2], numbers(2, 1)), ("1.bias", [2], numbers(2, 0.2)),
    ("1.running_mean", [2], numbers(2, 0.3)), ("1.running_var", [2], numbers(2, 2)),
    ("3.weight", [10, 98], numbers(980, 0.001)), ("3.bias", [10], numbers(10, 0.05)),
  ]
  private static let ownNames = [
    "0": "convolution1", "1": "batchNorm1", "3": "linear1",
  ]

  private func run(_ path: String) throws -> TestRun {
    try TestRun(["initialWeights=\(path)"], experiment: Self.experiment)
  }

  /// The tensors of a run that has not made a step, by PyTorch's names.
  private func loaded(_ run: TestRun) throws -> [String: [Float]] {
    var found: [String: [Float]] = [:]
    try run.train(ready: { engine in
      let network = engine.session.network
      for one in network.parameters { found[one.moduleName] = Array(one.value.buffer) }
      for one in network.statistics { found[one.moduleName] = Array(one.value.buffer) }
    })
    return found
  }

  @Test func aFileWithPyTorchsNamesIsLoaded() throws {
    let home = try TemporaryDirectory()
    let path = home.path + "/module.safetensors"
    try TensorSample.write(Self.tensors, to: path)
    let found = try loaded(try run(path))
    #expect(found.count == Self.tensors.count)
    for (name, _, values) in Self.tensors { #expect(found[name] == values, "\(name)") }
  }

  @Test func aCheckpointIsLoaded() throws {
    let parent = try TestRun(experiment: Self.experiment)
    let state = try parent.train().state
    let name = try #require(try parent.checkpointNames().max())
    let path = parent.directory.checkpointsPath + "/" + name
    let file = try SafetensorsFile.read(path)
    let found = try loaded(try run(path))
    #expect(state.tensors.count > Self.tensors.count)
    for (place, own) in Self.ownNames {
      for (name, values) in found where name.hasPrefix(place + ".") {
        #expect(try file.float32(own + name.dropFirst(place.count)) == values, "\(name)")
      }
    }
  }

  /// PyTorch counts the batches of a normalisation, which nothing here needs.
  @Test func aCountOfBatchesIsPassedOver() throws {
    let home = try TemporaryDirectory()
    let path = home.path + "/module.safetensors"
    try TensorSample.write(Self.tensors + [("1.num_batches_tracked", [], [7])], to: path)
    #expect(try loaded(try run(path)).count == Self.tensors.count)
  }

  private func write(_ type: ElementType, _ shape: [Int], for name: String, to path: String) throws
  {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 14, alignment: 16)
    defer { bytes.deallocate() }
    _ = bytes.initializeMemory(as: UInt8.self, repeating: 0)
    let size = type == .float64 ? 8 : 4
    let entries = Self.tensors.map { tensor -> SafetensorsTensor in
      let isChanged = tensor.name == name
      let shape = isChanged ? shape : tensor.shape
      let count = shape.reduce(1, *) * (isChanged ? size : 4)
      return SafetensorsTensor(
        name: tensor.name, type: isChanged ? type : .float32, shape: shape,
        bytes: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
    try SafetensorsWriter().write(entries, to: path)
  }

  private func expectNothingCreated(_ path: String, says words: [String]) throws {
    let home = try TemporaryDirectory()
    let text = try ExperimentText(
      source: "small.json", directory: home.path, bytes: Array(Self.experiment.utf8),
      overrides: ["initialWeights=\(path)"])
    let creation = RunCreation(
      experiment: try Experiment(text), runs: home.path + "/runs", name: "run", arguments: [],
      version: "test")
    let error = #expect(throws: (any Error).self) { try creation.create() }
    let message = error.map { "\($0)" } ?? ""
    for word in words { #expect(message.contains(word), "\(message)") }
    #expect(!message.contains("\n"))
    #expect(try LocalFileSystem().entries(of: home.path) == [])
  }

  @Test func whatDoesNotFitIsOneLineAndCreatesNothing() throws {
    let home = try TemporaryDirectory()
    let path = home.path + "/module.safetensors"
    try expectNothingCreated(path, says: [path, "No such file"])
    try TensorSample.write(Self.tensors.filter { $0.name != "3.bias" }, to: path)
    try expectNothingCreated(
      path, says: ["--set initialWeights", "holds no 3.bias of shape [10]", "0.weight"])
    try TensorSample.write(Self.tensors.filter { $0.name != "1.running_mean" }, to: path)
    try expectNothingCreated(path, says: ["holds no 1.running_mean of shape [2]"])
    try TensorSample.write(Self.tensors + [("4.weight", [1], [1])], to: path)
    try expectNothingCreated(path, says: ["holds 4.weight, for which the model has no place"])
    try TensorSample.write(
      Self.tensors.filter { $0.name != "0.bias" } + [("0.bias", [2], [1, .nan])], to: path)
    try expectNothingCreated(path, says: ["0.bias holds numbers that are not finite"])
    try write(.float32, [980], for: "3.weight", to: path)
    try expectNothingCreated(
      path, says: ["3.weight is F32 of shape [980]", "needs F32 of shape [10, 98]"])
    try write(.float64, [2], for: "1.running_var", to: path)
    try expectNothingCreated(
      path, says: ["1.running_var is F64 of shape [2]", "needs F32 of shape [2]"])
    try LocalFileSystem().replace(path, with: Array("no tensors".utf8))
    try expectNothingCreated(path, says: [path])
  }

  /// The file is read once: a run that has a checkpoint needs it no more.
  @Test func aResumedRunNeedsTheFileNoMore() throws {
    let home = try TemporaryDirectory()
    let path = home.path + "/module.safetensors"
    try TensorSample.write(Self.tensors, to: path)
    let expected = try run(path).train().state
    let run = try run(path)
    try run.train([.init(1, .stop)])
    try LocalFileSystem().remove(path)
    #expect(try run.train().state.difference(from: expected) == "")
  }
}
