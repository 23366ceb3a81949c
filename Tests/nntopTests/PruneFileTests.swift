import Glibc
import NeuralNetwork
import OperatingSystem
import TensorFiles
import Tensors
import TestSupport
import Testing

@testable import nntop

/// `nntop prune FILE` and what it promises of the file it writes.
struct PruneFileTests {
  typealias Samples = PruneFileSamples

  /// What the command says when it refuses; nil when it does its work.
  private func refusal(_ words: [String], files: any FileSystem = LocalFileSystem()) -> String? {
    do {
      let arguments = try Arguments(
        words, options: PruneCommand.command.options, command: "nntop prune")
      let command = try PruneCommand(arguments, files: files)
      _ = try command.run()
      return nil
    } catch { return "\(error)" }
  }

  private func prune(_ path: String, _ words: String..., to output: String) throws {
    let problem = refusal([path, "-o", output, "--json"] + words)
    #expect(problem == nil, "\(problem ?? "")")
  }

  /// Two layers whose weights are of different sizes, and what is no weight.
  private func file(_ home: TemporaryDirectory) throws -> String {
    let path = home.path("m.safetensors")
    try Samples.write(
      [
        ("fc1.weight", [50, 40], Samples.weights(2000)),
        ("fc2.weight", [10, 100], Samples.weights(1000, scale: 2)),
        ("fc1.bias", [40], Samples.weights(40, scale: 1e-3)),
        ("norm.weight", [40], Samples.weights(40, scale: 1e-3)),
        ("tok_embeddings.weight", [8, 4], Samples.weights(32, scale: 1e-3)),
      ], metadata: [("format", "pt"), ("by", "a test")], to: path)
    return path
  }

  private static let matrices = ["fc1.weight", "fc2.weight"]

  @Test(arguments: ["magnitude", "random", "lamp", "nm"], [0.25, 0.5, 0.75])
  func everyMethodReachesItsTargetAndTouchesNothingElse(kind: String, sparsity: Double) throws {
    let home = try TemporaryDirectory()
    let (path, output) = (try file(home), home.path("out.safetensors"))
    try prune(path, "--method", kind, "--sparsity", "\(sparsity)", to: output)
    let (before, after) = (try SafetensorsReader(path), try SafetensorsReader(output))
    #expect(try before.headerBytes() == after.headerBytes())
    var zeros = 0
    for tensor in before.header.tensors {
      let old = try Samples.numbers(tensor.name, in: path)
      let new = try Samples.numbers(tensor.name, in: output)
      let isKept = zip(old, new).allSatisfy { $1 == 0 || $0.bitPattern == $1.bitPattern }
      #expect(isKept, "\(tensor.name)")
      if Self.matrices.contains(tensor.name) {
        zeros += new.count { $0 == 0 }
      } else {
        #expect(old == new, "\(tensor.name)")
      }
    }
    #expect(zeros == Int(3000 * sparsity))
    // The same again gives the same bytes.
    let again = home.path("again.safetensors")
    try prune(path, "--method", kind, "--sparsity", "\(sparsity)", to: again)
    #expect(try Samples.bytes(output) == Samples.bytes(again))
    #expect(try home.names == ["again.safetensors", "m.safetensors", "out.safetensors"])
  }

  @Test func magnitudeIsOneThresholdOverAllOrOneForEach() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (try file(home), home.path("out.safetensors"))
    try prune(path, "--sparsity", "0.5", to: output)
    let all = try Self.matrices.flatMap { try Samples.numbers($0, in: path) }
    let threshold = all.map(\.magnitude).sorted()[1500 - 1]
    let kept = try Self.matrices.flatMap { try Samples.numbers($0, in: output) }
    let isRight = zip(all, kept).allSatisfy {
      $0.magnitude < threshold ? $1 == 0 : $0.magnitude > threshold ? $1 == $0 : true
    }
    #expect(isRight)
    let each = home.path("each.safetensors")
    try prune(path, "--sparsity", "0.5", "--per-layer", to: each)
    for name in Self.matrices {
      let numbers = try Samples.numbers(name, in: each)
      #expect(numbers.count { $0 == 0 } == numbers.count / 2)
    }
  }

  /// Equal weights go in the order of the file, across tensors.
  @Test func tiesGoInOrder() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (home.path("t.safetensors"), home.path("o.safetensors"))
    try Samples.write(
      [
        ("a.weight", [2, 3], [0.5, 0.5, 0.5, 0.5, 0.5, 3]),
        ("b.weight", [2, 2], [1, -0.5, 2, 0.5]),
      ],
      to: path)
    try prune(path, "--sparsity", "0.6", to: output)
    #expect(try Samples.numbers("a.weight", in: output) == [0, 0, 0, 0, 0, 3])
    #expect(try Samples.numbers("b.weight", in: output) == [1, 0, 2, 0.5])
  }

  /// LAMP's scores by their definition: squares over the sum of the squares that are not smaller.
  @Test func lampDividesByWhatIsNotSmaller() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (try file(home), home.path("out.safetensors"))
    try prune(path, "--method", "lamp", "--sparsity", "0.8", to: output)
    var scores: [(name: String, score: Double)] = []
    for name in Self.matrices {
      let squares = try Samples.numbers(name, in: path).map { Double($0) * Double($0) }.sorted()
      var sum = 0.0
      for square in squares.reversed() {
        sum += square
        scores.append((name, square / sum))
      }
    }
    let gone = scores.sorted { $0.score < $1.score }.prefix(2400)
    for name in Self.matrices {
      let expected = gone.count { $0.name == name }
      let found = try Samples.numbers(name, in: output).count { $0 == 0 }
      #expect(abs(found - expected) <= 1, "\(name): \(found), \(expected)")
    }
  }

  @Test func ofEveryGroupTheSmallestGo() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (home.path("t.safetensors"), home.path("o.safetensors"))
    try Samples.write(
      [("a.weight", [2, 4], [1, -3, 2, 0.5, 7, 7, 7, -7])], to: path)
    try prune(path, "--method", "nm", "--sparsity", "0.5", to: output)
    #expect(try Samples.numbers("a.weight", in: output) == [0, -3, 2, 0, 0, 0, 7, -7])
    try prune(path, "--method", "nm", "--sparsity", "0.25", "--force", to: output)
    #expect(try Samples.numbers("a.weight", in: output) == [1, -3, 2, 0, 0, 7, 7, -7])
  }

  @Test func randomDependsOnSeedAndNameAlone() throws {
    let home = try TemporaryDirectory()
    let path = try file(home)
    func gone(_ words: String...) throws -> [Bool] {
      let output = home.path("r.safetensors")
      let problem = refusal(
        [path, "-o", output, "--force", "--json", "--method", "random", "--sparsity", "0.5"] + words
      )
      #expect(problem == nil)
      return try Samples.numbers("fc1.weight", in: output).map { $0 == 0 }
    }
    let first = try gone("--layer", "fc1")
    #expect(first.count { $0 } == 1000)
    #expect(try gone("--layer", "fc1") == first)
    #expect(try gone("--layer", "fc1", "--seed", "2") != first)
    // Half of each half: no order to be seen.
    #expect((430...570).contains(first[..<1000].count { $0 }))
  }

  /// The same weights go as in a network of these weights, whether or not a tensor comes in pieces.
  @Test(arguments: ["magnitude", "random", "lamp", "nm"])
  func theMaskIsThatOfANetwork(kind: String) throws {
    let home = try TemporaryDirectory()
    let (path, output) = (home.path("m.safetensors"), home.path("o.safetensors"))
    let shapes = [("linear1", [300, 260]), ("linear2", [10, 300])]
    let network = try Network<Float>(
      NetworkPlan(
        layers: [Linear(outputs: 300), ReLU(), Linear(outputs: 10)], inputShape: [260],
        targets: .classes(count: 10, perSample: 1), loss: CrossEntropy()),
      batchSizeMax: 1, pool: WorkerPool(threadCount: 1), seed: 3)
    for parameter in network.weights.map(\.parameter) { parameter.value.scalars[5] = 0 }
    try Samples.write(
      shapes.enumerated().map { index, layer in
        (
          "\(layer.0).weight", layer.1,
          Array(network.weights[index].parameter.value.buffer)
        )
      }, to: path)
    try prune(path, "--method", kind, "--sparsity", "0.75", "--seed", "9", to: output)
    let type = try #require(PruningCatalogue.all.first { $0.kind == kind })
    let method = try #require(try type.init(SettingsList()) as? any OneShotPruning)
    for parameter in network.weights.map(\.parameter) {
      let mask = Tensor<Float>(shape: parameter.value.shape)
      mask.fill(1)
      mask.scalars[5] = 0
      parameter.setMask(mask)
    }
    let graph = try ChannelGraph(network.plan)
    let decision = try method.decide(
      PruningTask(
        network, graph, origin: PruningOrigin(network, graph), target: 0.75, seed: 9))
    for (name, _) in shapes {
      let mask = try #require(decision.masks["\(name).weight"])
      let kept = try Samples.numbers("\(name).weight", in: output).map { $0 == 0 ? Float(0) : 1 }
      #expect(kept == Array(mask.buffer), "\(name)")
    }
  }

  @Test func aLayerIsNotEmptied() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (home.path("m.safetensors"), home.path("o.safetensors"))
    try Samples.write(
      [("a.weight", [2, 2], [1, 2, 3, 4]), ("b.weight", [1, 2], [0.1, 0.2])], to: path)
    for mode in ["--preview", "--force"] {
      let problem = refusal([path, "--sparsity", "0.5", "-o", output, mode])
      #expect(
        problem == "\(path): b would be left without a weight: prune less, or other layers")
    }
    #expect(try home.names == ["m.safetensors"])
    // In the order of the scores of its layer it keeps one.
    try prune(path, "--sparsity", "0.5", "--method", "lamp", to: output)
    #expect(try Samples.numbers("b.weight", in: output) == [0, 0.2])
  }

  /// F16, BF16 and F64, and zeros that are there already.
  @Test func theSampleOfPyTorch() throws {
    let home = try TemporaryDirectory()
    let output = home.path("o.safetensors")
    try prune(Samples.shapes, "--sparsity", "0.9", to: output)
    let names = ["conv1.weight", "conv2.weight", "linear1.weight", "linear2.weight"]
    let counts = try names.map { try Samples.numbers($0, in: output).count { $0 == 0 } }
    #expect(counts.reduce(0, +) == Int((0.9 * 4488).rounded()))
    #expect(
      try SafetensorsReader(output).headerBytes()
        == SafetensorsReader(Samples.shapes).headerBytes())
  }

  // MARK: Checkpoints of nntop

  /// Masks are made or changed, and what belongs to a weight that goes is 0.
  @Test func ofACheckpointMasksAndStateFollow() throws {
    let home = try TemporaryDirectory()
    let (path, output) = (home.path("c.safetensors"), home.path("o.safetensors"))
    let weights: [Float] = [1, -2, 3, -4]
    try Samples.write(
      [
        ("linear1.weight", [2, 2], weights), ("momentum.linear1.weight", [2, 2], [5, 6, 7, 8]),
        ("average.linear1.weight", [2, 2], [1, 2, 3, 4]), ("linear1.bias", [2], [1, 1]),
      ], metadata: [("nntop", #"{"step":3}"#)], to: path)
    try prune(path, "--sparsity", "0.5", to: output)
    #expect(try Samples.numbers("linear1.weight", in: output) == [0, 0, 3, -4])
    #expect(try Samples.numbers("momentum.linear1.weight", in: output) == [0, 0, 7, 8])
    #expect(try Samples.numbers("average.linear1.weight", in: output) == [0, 0, 3, 4])
    #expect(try Samples.numbers("mask.linear1.weight", in: output) == [0, 0, 1, 1])
    #expect(try SafetensorsFile.read(output).boolean("mask.linear1.weight").count == 4)
    let again = home.path("again.safetensors")
    try prune(output, "--sparsity", "0.75", to: again)
    #expect(try Samples.numbers("mask.linear1.weight", in: again) == [0, 0, 0, 1])
    #expect(
      try SafetensorsReader(again).headerBytes() == SafetensorsReader(output).headerBytes())
    let metadata = try SafetensorsReader(again).header.metadata.map(\.value)
    #expect(metadata == [#"{"step":3}"#])
  }

  // MARK: Refusals

  struct Refused: CustomTestStringConvertible, Sendable {
    let words: [String]
    let complaint: String
    var testDescription: String { words.joined(separator: " ") }

    init(_ words: String..., says complaint: String) {
      self.words = words
      self.complaint = complaint
    }
  }

  static let refusals = [
    Refused("--sparsity", "0", says: "above 0 and below 1"),
    Refused("--sparsity", "1", says: "above 0 and below 1"),
    Refused("--sparsity", "nan", says: "expected a number from 0"),
    Refused("--sparsity", "80", says: "expected a number from 0"),
    Refused(says: "--sparsity: expected a number above 0"),
    Refused("--sparsity", "0.5", "--method", "magnitde", says: "did you mean magnitude?"),
    Refused("--sparsity", "0.5", "--method", "gradual", says: "works while a network learns"),
    Refused("--sparsity", "0.5", "--method", "imp", says: "works while a network learns"),
    Refused("--sparsity", "0.5", "--set", "m=4", says: "m: unknown field"),
    Refused("--sparsity", "0.5", "--set", "m", says: "expected KEY=VALUE"),
    Refused("--sparsity", "0.5", "--set", "perLayer=7", says: "perLayer: found 7, expected true"),
    Refused("--sparsity", "0.5", "-m", "random", "--seed", "-1", says: "whole number from 0"),
    Refused("--sparsity", "0.3", "-m", "nm", says: "sparsity can be 0.25, 0.5, 0.75"),
    Refused("--sparsity", "0.5", "-m", "nm", "--set", "m=1", says: "an integer from 2 to 32"),
    Refused("--sparsity", "0.5", "-m", "l2", says: "--experiment EXPERIMENT.json, or a checkpoint"),
    Refused("--sparsity", "0.9", "-e", "x.json", says: "takes weights, and needs only the file"),
    Refused("--sparsity", "0.5", "-l", "linear3", says: "it has no layer linear3; did you mean"),
    Refused("--sparsity", "0.5", "-l", "norm1.num_batches_tracked", says: "I64 is not pruned"),
    Refused("--sparsity", "0.5", "-l", "norm1", says: "norm1 cannot be pruned"),
    Refused("--sparsity", "0.5", says: "61.19% are pruned already; 50"),
    Refused(
      "--sparsity", "0.2", "--per-layer", "-l", "conv2", says: "25.0% are pruned already"),
    Refused(
      "--sparsity", "0.9999", "--per-layer", "-l", "conv2",
      says: "conv2 would be left without a weight: prune less, or other layers"),
  ]

  @Test(arguments: refusals)
  func whatCannotBeDoneIsSaidAndNothingIsWritten(refused: Refused) throws {
    let home = try TemporaryDirectory()
    let words = [Samples.shapes, "-o", home.path("o.safetensors")] + refused.words
    let problem = try #require(refusal(words))
    #expect(problem.contains(refused.complaint), "\(problem)")
    #expect(!problem.contains("\n"))
    #expect(try home.names.isEmpty)
  }

  /// Files that are wrong, or hold nothing that can be pruned: one line, and nothing is written.
  @Test func wrongFilesAreRefused() throws {
    let home = try TemporaryDirectory()
    let whole = try Samples.bytes(Samples.shapes)
    let entry = #""dtype":"F32","shape":[1,1],"data_offsets""#
    func header(_ text: String, dataCount: Int) -> [UInt8] {
      let length = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Array($0) }
      return length + Array(text.utf8) + Array(repeating: 0, count: dataCount)
    }
    let wrong: [(bytes: [UInt8], complaint: String)] = [
      ([], "begins with 8 bytes"), (Array(whole.dropLast(9)), "the tensors need"),
      (whole + [0], "follow the last tensor"),
      (header(#"{"a.weight":{\#(entry):[4,8]}}"#, dataCount: 8), "begins at 4 of the data"),
      (header(#"{"a.weight":{\#(entry):[0,8]}}"#, dataCount: 8), "needs 4 bytes"),
      (header(#"{"a":{\#(entry):[0,4]},"a":{\#(entry):[4,8]}}"#, dataCount: 8), "appears twice"),
      (header(#"{"a.weight":{\#(entry):[0,4]}}"#, dataCount: 4), "100.0% are pruned already"),
      (header("{}", dataCount: 0), "none of its tensors can be pruned"),
    ]
    for (bytes, complaint) in wrong {
      let path = try home.write(bytes, to: "w.safetensors")
      let problem = refusal([path, "--sparsity", "0.4", "-o", home.path("o.safetensors")])
      #expect(problem?.contains(complaint) == true, "\(problem ?? "nothing")")
      #expect(problem?.contains("\n") == false)
      #expect(try home.names == ["w.safetensors"])
    }
    let types = Repository.path("sample-runs/safetensors/types.safetensors")
    let problem = refusal([types, "--sparsity", "0.5", "--preview"])
    #expect(problem?.contains("F8_E5M2 is not pruned") == true, "\(problem ?? "")")
  }

  @Test func whatIsThereIsNotWrittenOver() throws {
    let home = try TemporaryDirectory()
    let path = try file(home)
    let before = try Samples.bytes(path)
    #expect(
      refusal([path, "--sparsity", "0.5", "-o", path])?.contains("is the file itself") == true)
    try home.write([1, 2], to: "there")
    let other = refusal([path, "--sparsity", "0.5", "-o", home.path("there")])
    #expect(other?.contains("is there already; --force") == true)
    let directory = refusal([path, "--sparsity", "0.5", "--force", "-o", home.path])
    #expect(directory?.contains("it is no file") == true)
    #expect(try Samples.bytes(path) == before && home.bytes(of: "there") == [1, 2])
    #expect(refusal([path, "--sparsity", "0.5", "--preview", "--json"]) == nil)
    #expect(try Samples.bytes(path) == before)
    #expect(refusal([path, "--sparsity", "0.5", "--force", "--json", "-o", path]) == nil)
    #expect(try Samples.bytes(path).count == before.count && Samples.bytes(path) != before)
  }

  /// Whatever call fails, the old file stays and nothing is left behind.
  @Test func aFullDiskLeavesNothingBehind() throws {
    let home = try TemporaryDirectory()
    let path = try file(home)
    let names = try home.names
    var failures = 0
    for calls in 0..<400 {
      let files = FaultyFileSystem()
      files.fail(nil, calls..<calls + 1, with: .failure(code: ENOSPC))
      let output = home.path("o.safetensors")
      let problem = refusal([path, "--sparsity", "0.5", "--json", "-o", output], files: files)
      if problem == nil {
        LocalFileSystem().discard(output)
        if failures > 0 { break }
      } else {
        failures += 1
        LocalFileSystem().discard(output)
        #expect(try home.names == names, "call \(calls)")
      }
    }
    #expect(failures > 10)
  }
}
