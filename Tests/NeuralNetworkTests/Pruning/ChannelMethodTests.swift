import Tensors
import Testing

@testable import NeuralNetwork

/// Methods that remove channels work on every model that has channels, and say so of others.
struct ChannelMethodTests {
  private static let methods = OneShotPruningTests.methods.filter { $0.unit == .channels }

  private static func task(
    _ layers: [any LayerDescription], _ inputShape: [Int], _ target: Double
  ) throws -> PruningTask<Float> {
    let plan = NetworkPlan(
      layers: layers, inputShape: inputShape, targets: .classes(count: 4, perSample: 1))
    let network = try Network<Float>(
      plan, batchSizeMax: 8, pool: WorkerPool(threadCount: 1), seed: 2)
    let graph = try ChannelGraph(plan)
    var random = RandomSource.forTest(61)
    let samples = PruningSamples<Float>()
    let input: Tensor<Float> = random.tensor([8] + inputShape)
    let labels = (0..<8).map { _ in Int32(random.integer(below: 4)) }
    labels.withUnsafeBufferPointer { labels in
      guard let start = labels.baseAddress else { return }
      samples.append(input, .classes(start, perSample: 1), rows: 8, lengths: nil)
    }
    return PruningTask(
      network, graph, origin: PruningOrigin(network, graph), target: target, samples: samples,
      seed: 5)
  }

  private static let models = [
    "lenet-300-100", "lenet-5", "cnn-32-64", "vgg-small", "resnet20", "plainnet",
  ]

  @Test(arguments: methods, models)
  func everyModelCanBeCut(type: any OneShotPruning.Type, model: String) throws {
    let preset = try #require(ModelCatalogue.all.first { $0.name == model })
    let layers = preset.layers(for: .classes(count: 4, perSample: 1))
    let isFlat = model == "lenet-300-100" || model == "plainnet"
    let task = try Self.task(layers, isFlat ? [20] : [16, 16, 2], 0.5)
    let method = try type.init(GivenSettings())
    do throws(PruningRefusal) {
      let decision = try method.decide(task)
      let cut = ChannelCut(task.graph, removing: decision.removed)
      #expect(cut.removedCount > 0)
      #expect(decision.thresholds.values.allSatisfy { $0.isFinite })
      let small = try? Network<Float>(
        task.network.plan.narrowed(cut.widths), batchSizeMax: 1, pool: task.network.pool, seed: 1)
      #expect(small != nil)
    } catch {
      let isBare = !task.network.plan.layers.contains { $0 is BatchNorm }
      #expect(type is BatchNormScalePruning.Type && isBare, "\(type.kind): \(error)")
    }
  }

  @Test(arguments: methods)
  func depthwiseAndJoinedChannelsCanBeCut(type: any OneShotPruning.Type) throws {
    let layers: [any LayerDescription] = [
      Convolution(channels: 8, kernel: 3, padding: 1), BatchNorm(), ReLU(),
      Convolution(channels: 8, kernel: 3, padding: 1, groups: 8), BatchNorm(), ReLU(),
      Concatenate(branches: [
        [Convolution(channels: 6, kernel: 1), BatchNorm(), ReLU()], [],
        [Convolution(channels: 4, kernel: 3, padding: 1), BatchNorm(), LeakyReLU()],
      ]),
      GlobalAveragePool(), Linear(outputs: 4),
    ]
    let task = try Self.task(layers, [6, 6, 3], 0.5)
    #expect(task.graph.groups.map(\.channels.count) == [8, 6, 4])
    let decision = try type.init(GivenSettings()).decide(task)
    let groups = Dictionary(grouping: decision.removed) { task.graph.groupOfChannel[$0] }
    #expect(groups.mapValues(\.count) == [0: 4, 1: 3, 2: 2], "\(type.kind)")
  }

  @Test(arguments: methods)
  func recurrentNetworksAreRefused(type: any OneShotPruning.Type) throws {
    let task = try Self.task(
      [GRU(RecurrentPlan(units: 5, outputs: .last)), Linear(outputs: 4)], [3, 6], 0.5)
    #expect(throws: PruningRefusal.self) { try type.init(GivenSettings()).decide(task) }
  }

  @Test(arguments: methods.filter { $0.looksAtSamples })
  func whatLooksAtSamplesNeedsSome(type: any OneShotPruning.Type) throws {
    let full = try Self.task([Linear(outputs: 6), ReLU(), Linear(outputs: 4)], [5], 0.5)
    let task = PruningTask(
      full.network, full.graph, origin: full.origin, target: 0.5, seed: 1)
    #expect(throws: PruningRefusal.self) { try type.init(GivenSettings()).decide(task) }
  }

  @Test func layersWithoutNormalisationStay() throws {
    let layers: [any LayerDescription] = [
      Linear(outputs: 6), BatchNorm(), ReLU(), Linear(outputs: 6), ReLU(), Linear(outputs: 4),
    ]
    let task = try Self.task(layers, [5], 0.5)
    let gains = try #require(task.network.parameters.first { $0.name == "batchNorm1.weight" })
    gains.value.copy(from: Tensor(shape: [6], [3, -0.1, 2, 0.2, -5, 0]))
    let method = BatchNormScalePruning()
    #expect(try method.decide(task).removed == [5, 1, 3])
    let named = PruningTask(
      task.network, task.graph, origin: task.origin, target: 0.5, layers: ["linear1", "linear2"],
      seed: 1)
    #expect(throws: PruningRefusal("linear2 is not followed by batch normalisation")) {
      try method.decide(named)
    }
  }

  /// Channels that nothing can make exactly zero have a density, too.
  @Test func leakyChannelsAreCountedByAThousandth() throws {
    let layers: [any LayerDescription] = [
      Linear(outputs: 3), LeakyReLU(slope: 0.00001), Linear(outputs: 4),
    ]
    let task = try Self.task(layers, [2], 0.5)
    let weight = try #require(task.network.parameters.first { $0.name == "linear1.weight" })
    weight.value.copy(from: Tensor(shape: [3, 2], [1, 0, 0, 0, 0, -1]))
    let scores = try ActivationDensityPruning().scores(task)
    let inputs = try #require(task.samples.batches.first).input
    let first = (0..<8).count { inputs[2 * $0] > 0 }
    let second = (0..<8).count { inputs[2 * $0 + 1] < 0 }
    #expect(scores == [Double(first) / 8, 0, Double(second) / 8])
  }
}
