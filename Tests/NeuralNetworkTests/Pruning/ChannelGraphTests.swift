import Tensors
import Testing

@testable import NeuralNetwork

/// Channels that are removed are those that are followed: a network whose channels are zeroed where
/// they arise gives what the network without them gives.
struct ChannelGraphTests {
  private static func plan(_ seed: UInt32) -> NetworkPlan {
    var random = RandomSource(seed: 77, purpose: .madeSamples, index: seed)
    func pick(_ count: UInt32) -> Int { Int(random.integer(below: count)) }
    func convolution(_ channels: Int) -> [any LayerDescription] {
      let layers: [any LayerDescription] = [
        Convolution(channels: channels, kernel: 3, padding: 1, bias: pick(2) == 0)
      ]
      let others: [[any LayerDescription]] = [
        [BatchNorm(), ReLU()], [ReLU()], [GELU()], [BatchNorm()], [Sigmoid()],
        [PReLU(perChannel: true)], [Dropout(rate: 0.5), Tanh()],
      ]
      return layers + others[pick(UInt32(others.count))]
    }
    var channels = 3 + pick(4)
    var layers = convolution(channels)
    for _ in 0..<2 + pick(3) {
      switch pick(5) {
      case 0: layers.append(Residual(branch: convolution(4 + pick(3)) + convolution(channels)))
      case 1:
        let width = 3 + pick(4)
        layers.append(
          Residual(branch: convolution(width), shortcut: [Convolution(channels: width, kernel: 1)]))
        channels = width
      case 2:
        let (one, two) = (2 + pick(3), 2 + pick(3))
        layers.append(Concatenate(branches: [convolution(one), [], convolution(two)]))
        channels += one + two
      case 3:
        layers.append(
          Convolution(channels: channels, kernel: 3, padding: 1, groups: channels))
      default:
        channels = 3 + pick(5)
        layers += convolution(channels)
      }
    }
    layers += [[MaxPool(), Flatten()], [Flatten()], [GlobalAveragePool()], []][pick(4)]
    layers += [Linear(outputs: 8), ReLU(), Linear(outputs: 3)]
    return NetworkPlan(
      layers: layers, inputShape: [6, 4, 2], targets: .classes(count: 3, perSample: 1))
  }

  /// Zeroes channels wherever they arise.
  private final class Gates: LayerInterceptor {
    let leaves: [String: ChannelGraph.Leaf]
    let cut: ChannelCut

    init(_ cut: ChannelCut) {
      self.cut = cut
      leaves = Dictionary(
        cut.graph.leaves.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    }

    func didCompute(_ layer: any Layer<Double>, _ output: Tensor<Double>, _ pass: Pass) {
      guard let leaf = leaves[layer.name], !leaf.keepsZero else { return }
      for index in 0..<output.count where !cut.stays(leaf.outputs[index % leaf.outputs.count]) {
        output[index] = 0
      }
    }
  }

  private static func shrunk(
    _ network: Network<Double>, by cut: ChannelCut
  ) throws -> Network<Double> {
    let small = try Network<Double>(
      network.plan.narrowed(cut.widths), batchSizeMax: 3, pool: network.pool, seed: 1)
    for (from, to) in zip(network.parameters, small.parameters) {
      #expect(from.name == to.name)
      #expect(cut.shape(of: from.name, from.value.shape) == to.value.shape, "\(from.name)")
      cut.copy(from.name, from.value, into: to.value)
    }
    for (from, to) in zip(network.statistics, small.statistics) {
      cut.copy(from.name, from.value, into: to.value)
    }
    return small
  }

  @Test(arguments: 0..<60 as Range<UInt32>)
  func whatIsGatedCanGo(seed: UInt32) throws {
    let pool = WorkerPool(threadCount: 1)
    let plan = Self.plan(seed)
    let network = try Network<Double>(plan, batchSizeMax: 3, pool: pool, seed: 5)
    var random = RandomSource(seed: 78, purpose: .madeSamples, index: seed)
    for parameter in network.parameters where parameter.role != .weight {
      for index in 0..<parameter.value.count {
        parameter.value[index] += random.uniform(in: -0.5...0.5)
      }
    }
    let graph = try ChannelGraph(plan)
    #expect(graph.channelCount > 0)
    let removed = graph.groups.flatMap { group -> [Int] in
      group.channels.dropFirst().filter { _ in random.integer(below: 2) == 0 }
    }
    let cut = ChannelCut(graph, removing: removed)
    let small = try Self.shrunk(network, by: cut)
    #expect(
      small.parameters.reduce(0) { $0 + $1.value.count } == cut.parameterCount(of: network))
    let input = Tensor<Double>(shape: [3, 6, 4, 2])
    for index in 0..<input.count { input[index] = random.uniform(in: -1...1) }
    let whole = network.forward(input, .evaluation(rows: 3)).array
    network.observers.interceptor = Gates(cut)
    let gated = network.forward(input, .evaluation(rows: 3)).array
    let slim = small.forward(input, .evaluation(rows: 3)).array
    for index in gated.indices {
      #expect(abs(gated[index] - slim[index]) < 1e-10, "seed \(seed)")
    }
    #expect(removed.isEmpty || whole != gated)
  }

  @Test func flattenAndResidualsAreFollowed() throws {
    let lenet = NetworkPlan(
      layers: [
        Convolution(channels: 4, kernel: 3), MaxPool(), Flatten(), Linear(outputs: 5), ReLU(),
        Linear(outputs: 2),
      ], inputShape: [6, 6], targets: .classes(count: 2, perSample: 1))
    let graph = try ChannelGraph(lenet)
    #expect(graph.groups.map(\.name) == ["convolution1", "linear1"])
    #expect(graph.groups.map(\.channels.count) == [4, 5])
    // PyTorch flattens channel by channel: 2 × 2 pixels each.
    let columns = try #require(graph.axes["linear1.weight"]?[1])
    #expect(columns == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    #expect(graph.axes["linear2.weight"]?[0] == [-1, -1])

    let resnet = NetworkPlan(
      layers: ModelPreset.resnet20.layers(for: .classes(count: 10, perSample: 1)),
      inputShape: [32, 32, 3], targets: .classes(count: 10, perSample: 1))
    let groups = try ChannelGraph(resnet).groups
    // Three stages that are added up, and the first convolution of each of nine blocks.
    #expect(groups.count == 12)
    #expect(groups[0].layers.count == 4)
    let widths = [16, 32, 64].flatMap { Array(repeating: $0, count: 4) }
    #expect(groups.map(\.channels.count).sorted() == widths)
  }

  @Test func recurrentChannelsStay() throws {
    for preset in [ModelPreset.rnn, .lstm, .gru] {
      let plan = NetworkPlan(
        layers: preset.layers(for: .classes(count: 3, perSample: 1)), inputShape: [5, 4],
        targets: .classes(count: 3, perSample: 1))
      let graph = try ChannelGraph(plan)
      #expect(graph.groups.isEmpty)
    }
  }
}
