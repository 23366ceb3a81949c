import Tensors

@testable import NeuralNetwork

/// Small networks to prune, with samples.
final class PrunedNetwork {
  let network: Network<Float>
  let graph: ChannelGraph
  let origin: PruningOrigin
  let samples = PruningSamples<Float>()

  private init(_ layers: [any LayerDescription], inputShape: [Int]) throws {
    let plan = NetworkPlan(
      layers: layers, inputShape: inputShape, targets: .classes(count: 4, perSample: 1))
    network = try Network(
      plan, batchSizeMax: 16, pool: WorkerPool(threadCount: 1), seed: 3)
    graph = try ChannelGraph(plan)
    origin = PruningOrigin(network, graph)
    var random = RandomSource.forTest(5)
    for parameter in network.parameters where parameter.role == .normalization {
      for index in 0..<parameter.value.count {
        parameter.value[index] += Float(random.uniform(in: -0.4...0.4))
      }
    }
    for _ in 0..<3 {
      let input: Tensor<Float> = random.tensor([16] + inputShape)
      let labels = (0..<16).map { _ in Int32(random.integer(below: 4)) }
      labels.withUnsafeBufferPointer { labels in
        guard let start = labels.baseAddress else { return }
        samples.append(input, .classes(start, perSample: 1), rows: 16, lengths: nil)
      }
    }
  }

  static func all() throws -> [PrunedNetwork] {
    [
      try PrunedNetwork(
        [Linear(outputs: 20), ReLU(), Linear(outputs: 12), ReLU(), Linear(outputs: 4)],
        inputShape: [16]),
      try PrunedNetwork(
        [
          Convolution(channels: 8, kernel: 3, padding: 1), BatchNorm(), ReLU(),
          Residual(branch: [
            Convolution(channels: 12, kernel: 3, padding: 1), BatchNorm(), ReLU(),
            Convolution(channels: 8, kernel: 3, padding: 1), BatchNorm(),
          ]), ReLU(), MaxPool(), Flatten(), Linear(outputs: 16), BatchNorm(), ReLU(),
          Linear(outputs: 4),
        ], inputShape: [8, 8, 4]),
    ]
  }

  func task(_ target: Double, layers: [String]? = nil) -> PruningTask<Float> {
    PruningTask(
      network, graph, origin: origin, target: target, layers: layers, samples: samples, seed: 9)
  }

  /// nil when the method refuses.
  func decide(
    _ method: any OneShotPruning, _ target: Double, layers: [String]? = nil
  ) -> PruningDecision<Float>? {
    do throws(PruningRefusal) { return try method.decide(task(target, layers: layers)) } catch {
      return nil
    }
  }

  func apply(_ decision: PruningDecision<Float>) {
    for parameter in network.parameters {
      if let mask = decision.masks[parameter.name] { parameter.setMask(mask) }
    }
  }

  /// Whether as many parameters remain as a method leaves that counts those.
  func countsParameters(_ cut: ChannelCut, _ target: Double) -> Bool {
    let left = Double(cut.parameterCount(of: network)) / Double(origin.parameterCount)
    return left <= 1 - target && left > 1 - target - 0.15
  }

  var bits: [[UInt32]] {
    network.parameters.map(\.value.bits) + network.statistics.map(\.value.bits)
  }
}
