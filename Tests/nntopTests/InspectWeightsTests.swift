import JSONText
import OperatingSystem
import TensorFiles
import TestSupport
import Testing

@testable import nntop

/// `nntop inspect` of weights: which files a path means, and what a row says.
struct InspectWeightsTests {
  typealias Samples = PruneFileSamples
  private let files = LocalFileSystem()

  private func names(_ path: String) throws -> [String]? {
    try WeightFiles(path, files: files)?.paths.map(Path.name)
  }

  private func problem(_ path: String) -> String? {
    #expect(throws: Failure.self) { try WeightFiles(path, files: files) }?.description
  }

  @Test func aPathMeansAFileAnIndexARunOrAModel() throws {
    let home = try TemporaryDirectory()
    #expect(try names(Samples.shapes) == ["shapes.safetensors"])
    // By its content where the name does not tell.
    try home.write(try Samples.bytes(Samples.shapes), to: "weights.bin")
    #expect(try names(home.path("weights.bin")) == ["weights.bin"])
    try home.write("{\"model\": []}", to: "experiment.json")
    #expect(try names(home.path("experiment.json")) == nil)
    #expect(try names(home.path("nothing.json")) == nil)
    #expect(problem(home.path)?.contains("neither a run nor a directory") == true)
    try home.write([], to: "b.safetensors")
    try home.write([], to: "a.safetensors")
    #expect(try names(home.path) == ["a.safetensors", "b.safetensors"])
    let map = #"{"weight_map": {"x": "b.safetensors", "y": "a.safetensors", "z": "b.safetensors"}}"#
    try home.write(map, to: "model.safetensors.index.json")
    #expect(
      try names(home.path("model.safetensors.index.json")) == ["a.safetensors", "b.safetensors"])
    #expect(try names(home.path)?.count == 2)
  }

  @Test func anIndexNamesOnlyFilesBesideIt() throws {
    let home = try TemporaryDirectory()
    let path = home.path("m.safetensors.index.json")
    for name in ["/etc/passwd", "../x.safetensors", "a/b", ".hidden"] {
      try home.write(#"{"weight_map": {"x": "\#(name)"}}"#, to: "m.safetensors.index.json")
      #expect(problem(path)?.contains("which is no file beside it") == true, "\(name)")
    }
    try home.write("[1]", to: "m.safetensors.index.json")
    #expect(problem(path)?.contains("it has no weight_map") == true)
    try home.write("{", to: "m.safetensors.index.json")
    #expect(problem(path)?.contains("m.safetensors.index.json: ") == true)
  }

  @Test func ofARunItIsTheNewestCheckpoint() throws {
    let home = try TemporaryDirectory()
    try files.createDirectories(home.path("checkpoints"))
    #expect(problem(home.path)?.contains("no checkpoints yet") == true)
    for name in ["step-000000020-00", "step-000000100-01", "step-000000100-00"] {
      try files.replace(home.path("checkpoints/\(name).safetensors"), with: [])
    }
    #expect(try names(home.path) == ["step-000000100-01.safetensors"])
  }

  /// The numbers are NumPy's, see TensorScanTruth.
  @Test func aRowSaysWhatATensorIsLike() throws {
    let reader = try SafetensorsReader(Samples.shapes)
    let tensor = try #require(reader.header["linear1.weight"])
    let found = try #require(try TensorScan.statistics(of: tensor, in: reader))
    let table = WeightTable([tensor])
    let words = table.row(tensor, found, masked: 0.8).split(separator: " ")
    let expected = [
      "linear1.weight", "F32", "48×64", "80.0%", "80.0%", "-0.4324", "0.4438", "0.009801",
      "0.0881", "4.913", "1,", "0", "80.0%",
    ]
    #expect(words.map(String.init) == expected)
    #expect(table.row(tensor, nil, masked: nil).hasSuffix("not read"))
    let json = WeightTable.json(tensor, found, masked: nil)
    #expect(json["zeros"]?.integer == 2458 && json["zeroRows"]?.integer == 1)
    #expect(json["masked"] == nil && json["count"]?.integer == 3072)
  }

  /// What a terminal would obey is shown as something else.
  @Test func namesAreMadeHarmless() throws {
    let home = try TemporaryDirectory()
    let path = home.path("n.safetensors")
    try Samples.write([("a\u{1B}[2J\nb", [1], [1])], to: path)
    let reader = try SafetensorsReader(path)
    let tensor = try #require(reader.header.tensors.first)
    let row = WeightTable([tensor]).row(tensor, nil, masked: nil)
    #expect(!row.contains("\u{1B}") && !row.contains("\n"))
  }

  /// In a checkpoint masks and optimizer state come behind the weights; others keep their order.
  @Test func ofACheckpointTheWeightsComeFirst() throws {
    let home = try TemporaryDirectory()
    let path = home.path("c.safetensors")
    let tensors: [(name: String, shape: [Int], values: [Float])] = [
      ("average.l.weight", [2], [1, 2]), ("l.weight", [2], [1, 2]), ("mask.l.weight", [2], [1, 0]),
      ("momentum.l.weight", [2], [1, 2]), ("momentum.other", [1], [1]),
    ]
    try Samples.write(tensors, metadata: [("nntop", "{}")], to: path)
    let roles = TensorRoles(try SafetensorsReader(path).header)
    #expect(roles.primary.map(\.name) == ["l.weight", "momentum.other"])
    #expect(
      roles.secondary.map(\.name) == ["mask.l.weight", "average.l.weight", "momentum.l.weight"])
    try Samples.write(tensors, to: path)
    #expect(TensorRoles(try SafetensorsReader(path).header).primary.count == 5)
  }
}
