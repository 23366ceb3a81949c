import Glibc
import NeuralNetwork
import Tensors
import Testing

@testable import ArchitectureSearch

@Suite struct ZeroCostScoreTests {
  /// By PyTorch and NumPy: Truth/zero_cost.py, with the same weights and samples.
  private struct Truth {
    let plan: NetworkPlan
    let gradientNorm, activationOverlap, synapticFlow: Double
  }

  private static let rows = 4

  private static func plan(_ layers: [any LayerDescription], _ inputShape: [Int]) -> NetworkPlan {
    NetworkPlan(
      layers: layers, inputShape: inputShape, targets: .classes(count: 2, perSample: 1))
  }

  private static let truths = [
    Truth(
      plan: plan(
        [
          Convolution(channels: 2, padding: 1), BatchNorm(), ReLU(), Flatten(), Linear(outputs: 3),
          ReLU(), Linear(outputs: 2),
        ], [4, 4, 1]),
      gradientNorm: 1.3994018620637092, activationOverlap: 12.311657136103745,
      synapticFlow: 4.565124886425085),
    Truth(
      plan: plan([Linear(outputs: 7), GELU(), Linear(outputs: 2)], [5]),
      gradientNorm: 0.3769869360577069, activationOverlap: 4.68213122712422,
      synapticFlow: 2.699864918218449),
    Truth(
      plan: plan([Linear(outputs: 7), Linear(outputs: 2)], [5]),
      gradientNorm: 0.511881984222121, activationOverlap: 5.049856007249537,
      synapticFlow: 2.6683005307060306),
  ]

  private static func network(_ plan: NetworkPlan) throws -> Network<Float> {
    let network = try Network<Float>(
      plan, batchSizeMax: rows, pool: WorkerPool(threadCount: 1), seed: 1)
    for (place, parameter) in network.parameters.enumerated() {
      guard parameter.role != .normalization else { continue }
      for index in 0..<parameter.value.count {
        parameter.value[index] = Float(0.5 * sine(0.7 * Double(index) + Double(place)))
      }
    }
    return network
  }

  private static func samples(_ shape: [Int], rows: Int = rows) -> Tensor<Float> {
    let input = Tensor<Float>(shape: [rows] + shape)
    for index in 0..<input.count { input[index] = Float(sine(0.7 * Double(index * index) + 0.2)) }
    return input
  }

  private static func score(
    _ score: any ZeroCostScore, _ network: Network<Float>, rows: Int = rows,
    input: Tensor<Float>? = nil
  ) -> Double {
    var labels = (0..<Int32(rows)).map { $0 % 4 == 1 || $0 % 4 == 2 ? 1 : 0 } as [Int32]
    if case .classes(1, _) = network.plan.targets { labels = labels.map { _ in 0 } }
    return labels.withUnsafeBufferPointer { labels in
      guard let labels = labels.baseAddress else { return .nan }
      return score.score(
        of: network, input ?? samples(network.plan.inputShape, rows: rows),
        .classes(labels, perSample: 1), rows: rows)
    }
  }

  @Test(arguments: truths.indices)
  func agreesWithPyTorch(index: Int) throws {
    let truth = Self.truths[index]
    let network = try Self.network(truth.plan)
    let norm = Self.score(GradientNorm(), network)
    #expect(abs(norm / truth.gradientNorm - 1) < 1e-4)
    let overlap = Self.score(ActivationOverlap(), network)
    #expect(abs(overlap - truth.activationOverlap) < 1e-9)
    // The last, because it changes the weights.
    let flow = Self.score(SynapticFlow(), network)
    #expect(abs(flow - truth.synapticFlow) < 1e-5)
  }

  /// A chain of rectified layers lets the product of their weights flow, through each layer once.
  @Test func deepFlowDoesNotOverflow() throws {
    let (depth, width) = (60, 64)
    let layers = (0..<depth).flatMap { _ -> [any LayerDescription] in
      [Linear(outputs: width), ReLU()]
    }
    let network = try Network<Float>(
      Self.plan(layers + [Linear(outputs: 2)], [width]), batchSizeMax: 1,
      pool: WorkerPool(threadCount: 1), seed: 1)
    for parameter in network.prunableParameters { parameter.value.fill(-0.5) }
    let flow = Self.score(SynapticFlow(), network, rows: 1)
    // Each layer multiplies the sum of its equal inputs by 0.5 · its width.
    let logarithm = Double(depth + 1) * Self.logarithm(32) + Self.logarithm(2)
    #expect(abs(flow - logarithm - Self.logarithm(Double(depth + 1))) < 1e-3)
  }

  @Test func sameCodesStayFinite() throws {
    let network = try Self.network(Self.truths[1].plan)
    let different = Self.score(ActivationOverlap(), network)
    let same = Tensor<Float>(shape: [Self.rows, 5])
    same.fill(0.3)
    let overlap = Self.score(ActivationOverlap(), network, input: same)
    #expect(overlap > ZeroCostCatalogue.worst)
    #expect(overlap < different)
  }

  @Test(arguments: ZeroCostCatalogue.all.map { $0.kind })
  func isFiniteForEveryNetwork(kind: String) throws {
    let found = try #require(ZeroCostCatalogue.all.first { $0.kind == kind })
    let zeroCost = try found.init(SettingsList())
    let plans: [NetworkPlan] = [
      // Without parameters, of one class, with symbols, of layers that normalise, recurrent.
      NetworkPlan(layers: [], inputShape: [2], targets: .classes(count: 2, perSample: 1)),
      NetworkPlan(layers: [ReLU()], inputShape: [2], targets: .classes(count: 2, perSample: 1)),
      NetworkPlan(
        layers: [Linear(outputs: 1)], inputShape: [3], targets: .classes(count: 1, perSample: 1)),
      Self.plan(
        [
          Embedding(vocabulary: 1, dimension: 3), LSTM(RecurrentPlan(units: 2)), Linear(outputs: 2),
        ], [4]),
      Self.plan(
        [Convolution(channels: 4), LayerNorm(), SiLU(), GlobalAveragePool(), Linear(outputs: 2)],
        [6, 6, 3]),
      Self.plan(
        [
          Residual(branch: [Linear(outputs: 5), BatchNorm(), Tanh()]), Sigmoid(),
          Linear(outputs: 2),
        ], [5]),
    ]
    for plan in plans {
      for rows in [1, Self.rows] {
        let network = try Network<Float>(
          plan, batchSizeMax: Self.rows, pool: WorkerPool(threadCount: 1), seed: 1)
        let input = Tensor<Float>(shape: [Self.rows] + plan.inputShape)
        let score = Self.score(zeroCost, network, rows: rows, input: input)
        #expect(score.isFinite)
        for parameter in network.parameters { parameter.value.fill(1e30) }
        let extreme = Self.score(zeroCost, network, rows: rows, input: input)
        #expect(extreme.isFinite)
        for parameter in network.parameters { parameter.value.fill(0) }
        let silent = Self.score(zeroCost, network, rows: rows, input: input)
        #expect(silent.isFinite)
      }
    }
  }

  private static func sine(_ value: Double) -> Double { Glibc.sin(value) }
  private static func logarithm(_ value: Double) -> Double { Glibc.log(value) }
}
