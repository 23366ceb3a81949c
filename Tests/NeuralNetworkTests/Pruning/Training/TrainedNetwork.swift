import Tensors

@testable import NeuralNetwork

/// A small network with random numbers in all of its parameters and statistics, and what a process
/// works on.
struct TrainedNetwork {
  let network: Network<Float>
  let graph: ChannelGraph
  let samples = PruningSamples<Float>()

  static let classes = 3
  static let rows = 12
  private static let labels: [Int32] = (0..<rows).map { Int32($0 % classes) }

  init(_ layers: [any LayerDescription], inputShape: [Int], seed: UInt32 = 1) throws {
    let plan = NetworkPlan(
      layers: layers, inputShape: inputShape,
      targets: .classes(count: Self.classes, perSample: 1))
    network = try Network(
      plan, batchSizeMax: Self.rows, pool: WorkerPool(threadCount: 1), seed: 1)
    graph = try ChannelGraph(plan)
    var random = RandomSource.forTest(seed)
    for parameter in network.parameters {
      parameter.value.copy(from: random.tensor(parameter.value.shape))
    }
    for statistic in network.statistics {
      for index in 0..<statistic.value.count {
        statistic.value[index] = Float(random.uniform(in: 0.5...2))
      }
    }
    let input: Tensor<Float> = random.tensor([Self.rows] + inputShape)
    Self.labels.withUnsafeBufferPointer { labels in
      guard let start = labels.baseAddress else { return }
      samples.append(input, .classes(start, perSample: 1), rows: Self.rows, lengths: nil)
    }
  }

  func task(_ target: Double = 0.5, layers: [String]? = nil) -> PruningTask<Float> {
    PruningTask(
      network, graph, origin: PruningOrigin(network, graph), target: target, layers: layers,
      samples: samples, seed: 5)
  }

  func stage(length: Int, learningRateSum: Double = 1) -> PruningStage<Float> {
    PruningStage(
      optimizer: SGD(learningRate: 0.1).makeOptimizer(network.parameters, pool: network.pool),
      length: length, updatesPerEpoch: length, learningRateSum: learningRateSum)
  }

  /// Makes the first layer and normalisations give numbers that a rectifier lets through.
  func keepUnitsAlive() {
    network.parameters[1].value.fill(10)
    for parameter in network.parameters where parameter.role == .normalization {
      parameter.value.fill(parameter.name.hasSuffix("bias") ? 20 : 1)
    }
    for statistic in network.statistics {
      statistic.value.fill(statistic.name.hasSuffix("var") ? 1 : 0)
    }
  }

  /// Of all samples, as evaluated.
  var outputs: [Float] { outputs(of: network) }

  func outputs(of network: Network<Float>) -> [Float] {
    var result: [Float] = []
    samples.forEach { input, _, pass in
      let output = network.forward(input, pass)
      result += output.array.prefix(pass.rows * Self.classes)
    }
    return result
  }

  /// A pass in both directions, as in training, that leaves no trace in statistics.
  func learn(_ network: Network<Float>) {
    samples.forEach { input, targets, pass in
      _ = network.learn(
        input, targets,
        Pass(rows: pass.rows, isTraining: true, updatesStatistics: false, step: 0))
    }
  }

  /// The network without some channels.
  func slimmed(by cut: ChannelCut) throws -> Network<Float> {
    let small = try Network<Float>(
      network.plan.narrowed(cut.widths), batchSizeMax: Self.rows, pool: network.pool, seed: 1)
    for (from, to) in zip(network.parameters, small.parameters) {
      cut.copy(from.name, from.value, into: to.value)
    }
    for (from, to) in zip(network.statistics, small.statistics) {
      cut.copy(from.name, from.value, into: to.value)
    }
    return small
  }
}
