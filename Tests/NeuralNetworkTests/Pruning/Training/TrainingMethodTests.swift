import Tensors
import Testing

@testable import NeuralNetwork

/// What single methods do, beside known answers.
struct TrainingMethodTests {
  private static let hidden: [any LayerDescription] = [
    Linear(outputs: 16), ReLU(), Linear(outputs: 8), ReLU(), Linear(outputs: 3),
  ]

  private func moment(_ index: Int, of length: Int, rate: Double = 0.1) -> PruningMoment {
    PruningMoment(
      index: index, length: length, updatesPerEpoch: length, step: index, learningRate: rate)
  }

  @Test func softSharesAndFactorsFollowTheirCurves() {
    let plain = SoftFilterPruning()
    #expect((0..<8).allSatisfy { plain.share(epoch: $0, of: 8) == 1 })
    #expect((0..<8).allSatisfy { plain.factor(epoch: $0, of: 8) == 0 })
    let soft = SoftFilterPruning(asymptotic: true, softness: 1)
    // Three quarters of the way within an eighth of the epochs; the share is complete at the end.
    #expect(abs(soft.share(epoch: 0, of: 8) - 0.75) < 1e-4)
    #expect(abs(soft.share(epoch: 1, of: 8) - 0.9375) < 1e-4)
    #expect(soft.share(epoch: 7, of: 8) == 1)
    #expect((0..<4).map { soft.factor(epoch: $0, of: 4) } == [0.75, 0.5, 0.25, 0])
  }

  @Test func widthsFallExponentially() {
    let method = ProgressiveGradientPruning()
    // 16 · (1/4)^(1/4) = 11.3, 8, 5.7, 4
    #expect((0..<4).map { method.width(from: 16, to: 4, epoch: $0, of: 4) } == [12, 8, 6, 4])
    #expect(method.width(from: 3, to: 5, epoch: 0, of: 4) == 3)
  }

  @Test func gainsArePulledByTheStrength() throws {
    let layers: [any LayerDescription] = [
      Linear(outputs: 4), BatchNorm(), ReLU(), Linear(outputs: 4), BatchNorm(), ReLU(),
      Linear(outputs: 3),
    ]
    let trained = try TrainedNetwork(layers, inputShape: [5])
    let gains = trained.network.parameters.filter {
      ["batchNorm1.weight", "batchNorm2.weight"].contains($0.name)
    }
    for gain in gains { gain.value.copy(from: Tensor(shape: [4], [1, -2, 0.25, -0.125])) }
    let process = try SlimmingPruning(strength: 0.5, pullMax: 1000).makeProcess(
      trained.task(layers: ["linear1"]), trained.stage(length: 10, learningRateSum: 1))
    for index in 0..<10 { _ = process.didStep(moment(index, of: 10)) { trained.samples } }
    let pulled = gains[0].value.array
    #expect(zip(pulled, [0.5, -1.5, 0, 0]).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(gains[1].value.array == [1, -2, 0.25, -0.125])
    #expect(
      process.finish { trained.samples }.removed == trained.graph.groups[0].channels.suffix(2))
  }

  /// Units that the next layer does not read do no damage.
  @Test(arguments: [false, true]) func theOracleFindsWhatNobodyReads(isLinear: Bool) throws {
    var layers = Self.hidden
    if !isLinear {
      layers = [
        Convolution(channels: 16, kernel: 2), ReLU(), Convolution(channels: 8, kernel: 2),
        BatchNorm(), ReLU(), GlobalAveragePool(), Linear(outputs: 3),
      ]
    }
    let trained = try TrainedNetwork(layers, inputShape: [4, 4])
    let network = trained.network
    let reader = isLinear ? "linear2.weight" : "convolution2.weight"
    let weight = try #require(network.parameters.first { $0.name == reader }).value
    let taps = weight.count / (16 * 8)
    trained.keepUnitsAlive()
    let unread = [0, 2, 3, 7, 8, 11, 12, 15]
    for output in 0..<8 {
      for input in unread {
        for tap in 0..<taps { weight[(output * 16 + input) * taps + tap] = 0 }
      }
    }
    let method = ApproximatedOraclePruning(
      ChannelChoice(counts: .channels, perLayer: false), theta: 1e-9, updatesPerHalf: 8, warmUp: 0)
    let process = try method.makeProcess(
      trained.task(layers: [isLinear ? "linear1" : "convolution1"]), trained.stage(length: 2000))
    process.begin()
    network.observers.interceptor = process
    let before = trained.outputs
    var isMet = false
    for index in 0..<2000 where !isMet {
      process.willStep(moment(index, of: 2000))
      trained.learn(network)
      if case .finish = process.didStep(moment(index, of: 2000), { trained.samples }) {
        isMet = true
      }
    }
    network.observers.interceptor = nil
    #expect(isMet)
    let channels = trained.graph.groups[0].channels
    #expect(process.finish { trained.samples }.removed.sorted() == unread.map { channels[$0] })
    #expect(zip(before, trained.outputs).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// v = |gradient · activation| over the batch, divided by the largest of the layer.
  @Test func utilitiesAreProductsOfGradientsAndActivations() throws {
    let trained = try TrainedNetwork(Self.hidden, inputShape: [6])
    let network = trained.network
    var values: [Float] = []
    var slopes: [Float] = []
    network.observers.activation = { layer, output, _ in
      if layer.name == "linear1" { values = output.array }
    }
    network.observers.gradient = { layer, gradient, _ in
      if layer.name == "linear1" { slopes = gradient.array }
    }
    let process = try ChannelPropagationPruning().makeProcess(
      trained.task(), trained.stage(length: 100))
    process.begin()
    network.observers.interceptor = process
    process.willStep(moment(0, of: 100))
    trained.learn(network)
    _ = process.didStep(moment(0, of: 100)) { trained.samples }
    let sums = (0..<16).map { unit in
      (0..<TrainedNetwork.rows).reduce(Float(0)) {
        $0 + abs(values[$1 * 16 + unit] * slopes[$1 * 16 + unit])
      }
    }
    let most = try #require(sums.max())
    let utilities = try #require(process.state.first { $0.name == "utilities" }).tensor
    let found = trained.graph.groups[0].channels.map { utilities[$0] }
    #expect(zip(found, sums).allSatisfy { abs($0 - $1 / most) < 1e-5 })
  }

  /// The channels that NumPy finds (Truth/half_space.py).
  @Test func redundantChannelsAreThoseOfNumPy() throws {
    let trained = try TrainedNetwork(
      [Linear(outputs: 8), ReLU(), Linear(outputs: 3)], inputShape: [5])
    for parameter in trained.network.parameters.prefix(2) {
      for index in 0..<parameter.value.count {
        parameter.value[index] = Float(index * 7 % 11 - 5) / 10
        parameter.gradient[index] = Float(index * 5 % 13 - 6) / 10
      }
    }
    let process = try HalfSpacePruning(periods: 1, begin: 0, end: 1).makeProcess(
      trained.task(), trained.stage(length: 10))
    process.begin()
    _ = process.didStep(moment(0, of: 10)) { trained.samples }
    let gates = process.state[0].tensor.array
    #expect(gates.indices.filter { gates[$0] == 0.5 } == [1, 3, 5, 7])
    let weight = trained.network.parameters[0].value
    for row in 0..<8 {
      let factor: Float = gates[row] == 0.5 ? 0.9 : 1
      #expect(abs(weight[row * 5] - Float(row * 35 % 11 - 5) / 10 * factor) < 1e-6)
    }
  }
}
