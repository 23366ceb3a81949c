import OperatingSystem
import TensorFiles
import TestSupport
import Testing

@testable import nntop

/// `nntop prune FILE` with methods that remove channels.
struct PruneFileChannelTests {
  typealias Samples = PruneFileSamples

  private func refusal(_ words: String...) -> String? {
    do {
      let arguments = try Arguments(
        words + ["--json"], options: PruneCommand.command.options, command: "nntop prune")
      _ = try PruneCommand(arguments).run()
      return nil
    } catch { return "\(error)" }
  }

  /// A convolution, a hidden layer and the classes, on two dimensions that glyphs have.
  private func experiment(_ home: TemporaryDirectory) throws -> String {
    let text = """
      {"data": {"kind": "glyphs", "trainingCount": 64, "validationCount": 16}, "model": {"layers": [
        {"kind": "convolution", "channels": 4, "kernel": 3, "stride": 4}, "relu", "flatten",
        {"kind": "linear", "outputs": 6}, "relu", {"kind": "linear", "outputs": 10}]}}
      """
    return try home.write(Array(text.utf8), to: "e.json")
  }

  /// As an `nn.Sequential` names its tensors; the convolution leaves 7 times 7 places.
  private func file(
    _ home: TemporaryDirectory, further: [(name: String, shape: [Int], values: [Float])] = []
  ) throws -> String {
    let path = home.path("m.safetensors")
    let scaled = (0..<4).flatMap { Samples.weights(9, scale: [3, 1, 4, 2][$0]) }
    try Samples.write(
      [
        ("0.weight", [4, 1, 3, 3], scaled), ("0.bias", [4], [1, 2, 3, 4]),
        ("3.weight", [6, 196], Samples.weights(6 * 196)), ("3.bias", [6], Samples.weights(6)),
        ("5.weight", [10, 6], Samples.weights(60)), ("5.bias", [10], Samples.weights(10)),
      ] + further, metadata: [("format", "pt")], to: path)
    return path
  }

  /// The rows of least norm go, with the columns that read them: by hand, from the definition.
  @Test func rowsAndTheColumnsThatReadThemGo() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (try file(home), home.path("o.safetensors"))
    let problem = refusal(
      path, "-m", "l2", "--sparsity", "0.5", "-e", try experiment(home), "-l", "convolution1",
      "-o", output)
    #expect(problem == nil)
    func numbers(_ name: String) throws -> ([Float], [Float]) {
      (try Samples.numbers(name, in: path), try Samples.numbers(name, in: output))
    }
    let (convolution, small) = try numbers("0.weight")
    #expect(small == Array(convolution[0..<9]) + Array(convolution[18..<27]))
    #expect(try numbers("0.bias").1 == [1, 3])
    // Flattening puts a channel's 49 places one behind the other.
    let (linear, narrow) = try numbers("3.weight")
    let expected = (0..<6).flatMap { (row: Int) -> [Float] in
      let start = row * 196
      return Array(linear[start..<start + 49]) + Array(linear[start + 98..<start + 147])
    }
    #expect(narrow == expected)
    let (classes, same) = try numbers("5.weight")
    #expect(classes == same)
    let header = try SafetensorsReader(output).header
    #expect(header["0.weight"]?.shape == [2, 1, 3, 3] && header["3.weight"]?.shape == [6, 98])
    #expect(header.metadata.map(\.value) == ["pt"])
    // The network is found in the smaller file, too.
    let again = home.path("again.safetensors")
    #expect(
      refusal(
        output, "-m", "l1", "--sparsity", "0.5", "-e", home.path("e.json"), "-l", "linear1",
        "-o", again) == nil)
    let smaller = try SafetensorsReader(again).header
    #expect(smaller["3.weight"]?.shape == [3, 98] && smaller["5.weight"]?.shape == [10, 3])
  }

  /// Every method of the catalogue that removes channels at once, or a line that says why not.
  @Test(arguments: [
    "randomChannels", "l1", "l2", "taylor", "geometricMedian", "majorityVoting",
    "activationDensity", "linearDependence",
  ])
  func methodsRemoveChannels(kind: String) throws {
    let home = try TemporaryDirectory()
    let (path, output) = (try file(home), home.path("o.safetensors"))
    let experiment = try experiment(home)
    let problem = refusal(path, "-m", kind, "--sparsity", "0.5", "-e", experiment, "-o", output)
    #expect(problem == nil)
    guard problem == nil else { return }
    let shapes = try SafetensorsReader(output).header.tensors.map { $0.shape.reduce(1, *) }
    let before = try SafetensorsReader(path).header.tensors.map { $0.shape.reduce(1, *) }
    #expect(shapes.reduce(0, +) < before.reduce(0, +))
    #expect(try home.names == ["e.json", "m.safetensors", "o.safetensors"])
  }

  @Test func whatCannotBeDoneIsSaid() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (try file(home), home.path("o.safetensors"))
    let experiment = try experiment(home)
    func complaint(_ file: String, _ words: String...) -> String {
      do {
        let arguments = try Arguments(
          [file, "--sparsity", "0.5", "-o", output] + words,
          options: PruneCommand.command.options, command: "nntop prune")
        _ = try PruneCommand(arguments).run()
        return "nothing"
      } catch { return "\(error)" }
    }
    let wrong: [(String, String)] = [
      (complaint(path, "-m", "l2"), "has to know the network: --experiment"),
      (complaint(path, "-m", "l2", "-e", home.path("none.json")), "none.json"),
      (complaint(path, "-m", "l2", "-e", experiment, "-l", "linaer1"), "did you mean linear1"),
      (complaint(path, "-m", "l2", "-e", experiment, "-l", "linear2"), "can be removed"),
      (complaint(path, "-m", "batchNormScale", "-e", experiment), "m.safetensors: "),
      (complaint(path, "-m", "l2", "-e", experiment, "-s", "keepMin=0"), "keepMin: found 0"),
      (complaint(Samples.shapes, "-m", "l2", "-e", experiment), "holds no convolution1.weight"),
      (complaint(home.path("none.safetensors"), "-m", "l2", "-e", experiment), "check the name"),
    ]
    for (found, expected) in wrong {
      #expect(found.contains(expected), "\(found)")
      #expect(!found.contains("\n"))
    }
    #expect(try home.names == ["e.json", "m.safetensors"])
  }
}
