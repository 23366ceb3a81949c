import Tensors
import Testing

@testable import NeuralNetwork

/// What others can stand for goes without a trace.
struct LinearDependenceTests {
  private static let rows = 48

  private func samples(_ shape: [Int]) -> PruningSamples<Float> {
    var random = RandomSource.forTest(91)
    let samples = PruningSamples<Float>()
    let input: Tensor<Float> = random.tensor([Self.rows] + shape)
    let labels = (0..<Self.rows).map { _ in Int32(random.integer(below: 3)) }
    labels.withUnsafeBufferPointer { labels in
      guard let start = labels.baseAddress else { return }
      samples.append(input, .classes(start, perSample: 1), rows: Self.rows, lengths: nil)
    }
    return samples
  }

  private func network(_ plan: NetworkPlan) throws -> Network<Float> {
    let network = try Network<Float>(
      plan, batchSizeMax: Self.rows, pool: WorkerPool(threadCount: 1), seed: 4)
    var random = RandomSource.forTest(92)
    for parameter in network.parameters where parameter.role != .weight {
      for index in 0..<parameter.value.count {
        parameter.value[index] += Float(random.uniform(in: -0.3...0.3))
      }
    }
    return network
  }

  /// Makes output `copy` of a layer twice output `original`.
  private func double(
    _ original: Int, into copy: Int, of layer: String, _ network: Network<Float>
  ) throws {
    for parameter in network.parameters where parameter.name.hasPrefix("\(layer).") {
      let length = parameter.value.count / parameter.value.shape[0]
      for index in 0..<length {
        parameter.value[copy * length + index] = 2 * parameter.value[original * length + index]
      }
    }
  }

  /// The largest difference that a cut makes to the outputs.
  private func difference(
    _ task: PruningTask<Float>, _ decision: PruningDecision<Float>
  ) throws -> Float {
    let network = task.network
    let cut = ChannelCut(task.graph, removing: decision.removed)
    let small = try Network<Float>(
      network.plan.narrowed(cut.widths), batchSizeMax: Self.rows, pool: network.pool, seed: 1)
    for (from, to) in zip(network.parameters, small.parameters) {
      cut.copy(from.name, decision.values[from.name] ?? from.value, into: to.value)
    }
    for (from, to) in zip(network.statistics, small.statistics) {
      cut.copy(from.name, from.value, into: to.value)
    }
    let input = try #require(task.samples.batches.first).input
    let before = network.forward(input, .evaluation(rows: Self.rows)).array
    let after = small.forward(input, .evaluation(rows: Self.rows)).array
    return zip(before, after).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  private static let plans = [
    NetworkPlan(
      layers: [Linear(outputs: 10), ReLU(), Linear(outputs: 6), ReLU(), Linear(outputs: 3)],
      inputShape: [7], targets: .classes(count: 3, perSample: 1)),
    NetworkPlan(
      layers: [
        Convolution(channels: 10, kernel: 3, padding: 1), ReLU(),
        Convolution(channels: 6, kernel: 3), ReLU(), MaxPool(), Flatten(), Linear(outputs: 3),
      ], inputShape: [8, 8, 2], targets: .classes(count: 3, perSample: 1)),
  ]

  /// One of each ten has a double, and one is always 0.
  @Test(arguments: plans.indices)
  func aDoubleGoesWithoutATrace(index: Int) throws {
    let plan = Self.plans[index]
    let network = try network(plan)
    let graph = try ChannelGraph(plan)
    let name = graph.groups[0].name
    try double(3, into: 7, of: name, network)
    for parameter in network.parameters where parameter.name.hasPrefix("\(name).") {
      let length = parameter.value.count / parameter.value.shape[0]
      for index in 0..<length { parameter.value[5 * length + index] = 0 }
    }
    let task = PruningTask(
      network, graph, origin: PruningOrigin(network, graph), target: 0.2, layers: [name],
      samples: samples(plan.inputShape), seed: 1)
    let decision = try LinearDependencePruning(damping: 1e-9).decide(task)
    #expect(decision.removed.contains(5))
    #expect(decision.removed.contains(3) || decision.removed.contains(7))
    #expect(try difference(task, decision) < 1e-4)
    let bare = try LinearDependencePruning(repairs: false, damping: 1e-9).decide(task)
    #expect(bare.removed == decision.removed)
    #expect(try difference(task, bare) > 0.01)
  }

  /// A layer that gets one number plus constants: all but one channel go.
  @Test func constantsGoIntoTheBias() throws {
    let plan = Self.plans[0]
    let network = try network(plan)
    let graph = try ChannelGraph(plan)
    for parameter in network.parameters where parameter.name == "linear1.weight" {
      for index in 7..<parameter.value.count { parameter.value[index] = 0 }
    }
    let task = PruningTask(
      network, graph, origin: PruningOrigin(network, graph), target: 0.9, layers: ["linear1"],
      samples: samples(plan.inputShape), seed: 1)
    let decision = try LinearDependencePruning(damping: 1e-9).decide(task)
    #expect(decision.removed.sorted() == Array(1..<10))
    #expect(try difference(task, decision) < 1e-4)
  }

  @Test func whatIsMaskedStaysZero() throws {
    let plan = Self.plans[0]
    let network = try network(plan)
    let graph = try ChannelGraph(plan)
    let weight = try #require(network.parameters.first { $0.name == "linear2.weight" })
    let mask = Tensor<Float>(shape: weight.value.shape)
    for index in 0..<mask.count { mask[index] = index % 3 == 0 ? 0 : 1 }
    weight.setMask(mask)
    let task = PruningTask(
      network, graph, origin: PruningOrigin(network, graph), target: 0.5,
      samples: samples(plan.inputShape), seed: 1)
    let values = try #require(
      try LinearDependencePruning().decide(task).values["linear2.weight"])
    #expect((0..<mask.count).allSatisfy { mask[$0] != 0 || values[$0] == 0 })
    #expect(values.array != weight.value.array)
  }

  @Test func aimsAtParametersAcrossLayers() throws {
    for isPerLayer in [true, false] {
      let plan = Self.plans[1]
      let network = try network(plan)
      let graph = try ChannelGraph(plan)
      let origin = PruningOrigin(network, graph)
      let task = PruningTask(
        network, graph, origin: origin, target: 0.6, samples: samples(plan.inputShape), seed: 1)
      let choice = ChannelChoice(counts: .parameters, perLayer: isPerLayer)
      let decision = try LinearDependencePruning(choice).decide(task)
      func left(_ removed: [Int]) -> Double {
        let count = ChannelCut(graph, removing: removed).parameterCount(of: network)
        return Double(count) / Double(origin.parameterCount)
      }
      #expect(left(decision.removed) <= 0.4)
      #expect(left(Array(decision.removed.dropLast())) > 0.4 || !isPerLayer)
    }
  }

  @Test func anInverseIsAnInverse() throws {
    var random = RandomSource.forTest(93)
    for size in [1, 2, 63, 64, 65, 150] {
      var matrix = SymmetricMatrix(size: size)
      let rows = (0..<2 * size * size).map { _ in random.uniform(in: -1...1) }
      matrix.addMoments(of: rows, count: 2 * size)
      let inverse = try #require(matrix.inverse)
      let product = SymmetricMatrix.product(
        matrix.values, inverse.values, rows: size, inner: size, columns: size)
      for row in 0..<size {
        for column in 0..<size {
          let expected: Double = row == column ? 1 : 0
          #expect(abs(product[row * size + column] - expected) < 1e-9)
        }
      }
    }
    var bad = SymmetricMatrix(size: 3)
    #expect(bad.inverse == nil)
    bad.addToDiagonal(.nan)
    #expect(bad.inverse == nil)
  }
}
