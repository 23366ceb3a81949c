import NeuralNetwork
import Tensors
import Testing

@testable import ArchitectureSearch

struct NASBenchSkeletonTests {
  @Test(arguments: [
    ("0100000 0011110 0000001 0000001 0000001 0000001 0000000", "22222", 227_274),
    ("0111100 0010000 0001000 0000100 0000010 0000001 0000000", "00000", 49_979_274),
    ("0111010 0000001 0000001 0000100 0000001 0000001 0000000", "10002", 2_694_282),
    ("0100110 0010000 0001001 0000010 0000010 0000001 0000000", "02001", 8_555_530),
    ("01 00", "", 882_570),
  ])
  func parametersAreThePublishedOnes(rows: String, labels: String, parameters: Int) throws {
    let cell = try NASBenchCell.published(rows, labels)
    #expect(NASBenchSkeleton.published.parameters(of: cell) == parameters)
  }

  @Test func parametersAreThoseOfPython() throws {
    let small = NASBenchSkeleton(channels: 9, stacks: 2, cells: 2)
    for recorded in try NASBenchTruth.cells() {
      #expect(NASBenchSkeleton.published.parameters(of: recorded.cell) == recorded.parameters)
      let parameters = small.parameters(of: recorded.cell, inputChannels: 1, outputs: 7)
      #expect(parameters == recorded.parametersOfSmall, "\(recorded.cell.text)")
    }
  }

  @Test func channelsAreSharedAtTheOutput() throws {
    let inception = try NASBenchCell.inceptionLike()
    #expect(inception.vertexChannels(input: 4, output: 10) == [4, 3, 3, 2, 2, 2, 10])
    // A vertex takes the widest of those that it feeds.
    let fork = try NASBenchCell.published("01000 00110 00001 00001 00000", "012")
    #expect(fork.vertexChannels(input: 4, output: 9) == [4, 5, 5, 4, 9])
    let projection = try NASBenchCell.published("01 00", "")
    #expect(projection.vertexChannels(input: 4, output: 9) == [4, 9])
  }

  /// The layer `cell` has the rule of channels, too.
  @Test func networksHaveTheParametersAndFLOPs() throws {
    let skeleton = NASBenchSkeleton(channels: 7, stacks: 3, cells: 2)
    let pool = WorkerPool(threadCount: 1)
    for cell in try NASBenchTruth.cells().prefix(60).map(\.cell) {
      let plan = NetworkPlan(
        layers: Self.layers(skeleton, cell, outputs: 4), inputShape: [13, 9, 3],
        targets: .classes(count: 4, perSample: 1))
      let network = try Network<Float>(
        plan, batchSizeMax: 1, pool: pool, seed: 1, initializes: false)
      let summary = NetworkSummary(of: network)
      let parameters = skeleton.parameters(of: cell, inputChannels: 3, outputs: 4)
      #expect(summary.parameterCount == parameters, "\(cell.text)")
      let flops = skeleton.flopsPerSample(of: cell, inputShape: (13, 9, 3), outputs: 4)
      #expect(summary.flops == flops, "\(cell.text)")
    }
  }

  /// The layers that the space's model names, for the settings of `skeleton`.
  private static func layers(
    _ skeleton: NASBenchSkeleton, _ cell: NASBenchCell, outputs: Int
  ) -> [any LayerDescription] {
    var layers: [any LayerDescription] = [
      Convolution(channels: skeleton.channels, kernel: 3, padding: 1, bias: false), BatchNorm(),
      ReLU(),
    ]
    for stack in 0..<skeleton.stacks {
      if stack > 0 { layers.append(MaxPool()) }
      for _ in 0..<skeleton.cells {
        layers.append(
          Cell(
            adjacency: cell.adjacencyDigits,
            operations: cell.operations.compactMap { Cell.Operation(rawValue: $0.name) },
            channels: skeleton.channels << stack))
      }
    }
    return layers + [GlobalAveragePool(), Linear(outputs: outputs)]
  }
}
