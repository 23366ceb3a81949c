import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Cells of NAS-Bench-101.
struct CellTests {
  private static let inceptionLike =
    "0111010" + "0000001" + "0000001" + "0000100" + "0000001" + "0000001" + "0000000"

  private func reason(
    _ adjacency: String, _ count: Int, channels: Int = 8, _ shape: [Int] = [4, 4, 3]
  ) -> String {
    do throws(ShapeMismatch) {
      let cell = Cell(
        adjacency: adjacency, operations: Array(repeating: .conv3x3, count: count),
        channels: channels)
      return "gives \(try cell.outputShape(for: shape))"
    } catch {
      return error.reason
    }
  }

  @Test func mistakesSayWhatIsWrong() {
    #expect(reason("0100", 0) == "gives [4, 4, 8]")
    #expect(reason("010001000", 1, channels: 1, [5, 2]) == "gives [5, 2, 1]")
    #expect(reason("0100", 0, [4]) == "got samples of [4], needs images [height, width, channels]")
    let digits = "adjacency needs the digits 0 and 1 of a square matrix of 2 to 7 vertices, row by "
    #expect(reason("", 0) == digits + "row; found 0 characters")
    #expect(reason("0", 0) == digits + "row; found 1 characters")
    #expect(reason("0200", 0) == digits + "row; found 4 characters")
    #expect(reason(String(repeating: "0", count: 64), 6) == digits + "row; found 64 characters")
    #expect(
      reason("0100", 1) == "a cell of 2 vertices has 0 operations between input and output; found 1"
    )
    #expect(
      reason("010101000", 1) == "adjacency has an edge from vertex 1 to 0: edges lead forward")
    #expect(
      reason("010011000", 1) == "adjacency has an edge from vertex 1 to 1: edges lead forward")
    #expect(reason("0000", 0) == "vertex 0 is on no path from the input to the output")
    #expect(reason("001001000", 1) == "vertex 1 is on no path from the input to the output")
    #expect(reason("011000000", 1) == "vertex 1 is on no path from the input to the output")
    let all = "01111" + "00111" + "00011" + "00001" + "00000"
    #expect(reason(all, 3) == "adjacency has 10 edges, at most 9 are allowed")
    #expect(
      reason("0110" + "0001" + "0001" + "0000", 2, channels: 1)
        == "channels, 1, are fewer than the 2 operations that make up the output")
  }

  /// Channels of cells of the published table's code, counted by hand.
  @Test func channelsFollowThePapersRule() throws {
    func channels(_ adjacency: String, _ count: Int, _ channels: Int) throws -> [Int] {
      try CellGraph(
        adjacency: adjacency, operationCount: count, inputChannels: 9, channels: channels
      ).channels
    }
    #expect(try channels("0100", 0, 7) == [9, 7])
    #expect(try channels(Self.inceptionLike, 5, 128) == [9, 32, 32, 32, 32, 32, 128])
    #expect(try channels(Self.inceptionLike, 5, 7) == [9, 2, 2, 2, 2, 1, 7])
    // Vertex 1 feeds 2 and 3, of which 2 has one more.
    #expect(
      try channels("01000" + "00110" + "00001" + "00001" + "00000", 3, 5) == [9, 3, 3, 2, 5])
  }

  /// The networks of the published table, at its size, have as many parameters as it says.
  @Test(
    arguments: [
      ("0100", [], 882_570),
      (inceptionLike, [.conv1x1, .conv3x3, .conv3x3, .conv3x3, .maxPool3x3], 2_694_282),
      (
        "0100000" + "0011110" + "0000001" + "0000001" + "0000001" + "0000001" + "0000000",
        Array(repeating: .maxPool3x3, count: 5), 227_274
      ),
      (
        "0111100" + "0010000" + "0001000" + "0000100" + "0000010" + "0000001" + "0000000",
        Array(repeating: .conv3x3, count: 5), 49_979_274
      ),
    ] as [(String, [Cell.Operation], Int)])
  func parametersAreThoseOfThePublishedNetworks(
    adjacency: String, operations: [Cell.Operation], expected: Int
  ) throws {
    var layers: [any LayerDescription] = [
      Convolution(channels: 128, padding: 1, bias: false), BatchNorm(), ReLU(),
    ]
    for stack in 0..<3 {
      if stack > 0 { layers.append(MaxPool()) }
      let cell = Cell(adjacency: adjacency, operations: operations, channels: 128 << stack)
      layers += [cell, cell, cell]
    }
    layers += [GlobalAveragePool(), Linear(outputs: 10)]
    let plan = NetworkPlan(
      layers: layers, inputShape: [32, 32, 3], targets: .classes(count: 10, perSample: 1))
    let network = try Network<Float>(
      plan, batchSizeMax: 1, pool: WorkerPool(threadCount: 1), seed: 1, initializes: false)
    #expect(network.parameters.reduce(0) { $0 + $1.value.count } == expected)
    #expect(Set(network.parameters.map(\.name)).count == network.parameters.count)
  }

  /// Layers within a cell are counted by everyone who names layers without making them.
  @Test func namesBehindACellAreTheSameForPruning() throws {
    let cell = Cell(
      adjacency: Self.inceptionLike,
      operations: [.conv1x1, .conv3x3, .conv3x3, .conv3x3, .maxPool3x3], channels: 7)
    let plan = NetworkPlan(
      layers: [
        Convolution(channels: 4, padding: 1), cell, Convolution(channels: 5, padding: 1), cell,
        GlobalAveragePool(), Linear(outputs: 3),
      ], inputShape: [4, 4, 2], targets: .classes(count: 3, perSample: 1))
    let network = try Network<Double>(
      plan, batchSizeMax: 2, pool: WorkerPool(threadCount: 1), seed: 1)
    let graph = try ChannelGraph(plan)
    let leaves = graph.leaves.map(\.name).filter { !$0.hasPrefix("cell") }
    #expect(leaves == network.leaves.map(\.name))
    let names = network.parameters.map(\.name)
    #expect(Set(names).subtracting(graph.axes.keys) == [])
    let narrowed = plan.narrowed(["convolution10": 2])
    let small = try Network<Double>(
      narrowed, batchSizeMax: 2, pool: WorkerPool(threadCount: 1), seed: 1)
    #expect(small.parameters.map(\.name) == names)
    let widths = zip(network.parameters, small.parameters).filter {
      $0.value.shape != $1.value.shape
    }.map { $0.0.name }
    #expect(widths.first == "convolution10.weight")
  }
}
