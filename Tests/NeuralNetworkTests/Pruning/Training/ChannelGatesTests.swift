import Tensors
import Testing

@testable import NeuralNetwork

struct ChannelGatesTests {
  private final class Gating: LayerInterceptor {
    let gates: ChannelGates<Float>

    init(_ gates: ChannelGates<Float>) { self.gates = gates }

    func didCompute(_ layer: any Layer<Float>, _ output: Tensor<Float>, _ pass: Pass) {
      if let place = gates.place(of: layer) { gates.apply(place, to: output, pass) }
    }

    func willDerive(_ layer: any Layer<Float>, _ gradient: Tensor<Float>, _ pass: Pass) {
      if let place = gates.place(of: layer) { gates.apply(place, to: gradient, pass) }
    }
  }

  /// Convolutions without padding, so that folded constants are exact.
  static let networks: [[any LayerDescription]] = [
    [
      Linear(outputs: 9), ReLU(), Linear(outputs: 7), Sigmoid(), Linear(outputs: 6), Tanh(),
      Linear(outputs: 3),
    ],
    [
      Convolution(channels: 5, bias: false), BatchNorm(), ReLU(), MaxPool(kernel: 2),
      Convolution(channels: 6, kernel: 2), PReLU(perChannel: true), Flatten(), Linear(outputs: 3),
    ],
    [
      Convolution(channels: 4, kernel: 1), BatchNorm(), ReLU(),
      Residual(
        branch: [
          Convolution(channels: 6, kernel: 1), BatchNorm(), ReLU(),
          Convolution(channels: 4, kernel: 1), BatchNorm(),
        ], shortcut: []), ReLU(), GlobalAveragePool(), Linear(outputs: 3),
    ],
  ]

  private func gated(_ index: Int, seed: UInt32) throws -> (TrainedNetwork, ChannelGates<Float>) {
    let trained = try TrainedNetwork(Self.networks[index], inputShape: [8, 8, 2], seed: seed)
    let all = Array(repeating: true, count: trained.graph.channelCount)
    let gates = ChannelGates(trained.network, trained.graph, all)
    var random = RandomSource.forTest(seed &+ 100)
    for group in trained.graph.groups {
      for channel in group.channels.dropFirst() {
        gates.gates[channel] = Float(random.integer(below: 2))
      }
    }
    gates.spread()
    return (trained, gates)
  }

  @Test(arguments: networks.indices, [1, 2, 3] as [UInt32])
  func whatIsGatedCanGo(index: Int, seed: UInt32) throws {
    let (trained, gates) = try gated(index, seed: seed)
    let network = trained.network
    let ungated = trained.outputs
    network.observers.interceptor = Gating(gates)
    let expected = trained.outputs
    trained.learn(network)
    network.observers.interceptor = nil
    // The last network may be constant.
    #expect(index == 2 || expected != ungated)
    let gone = gates.gates.array.indices.filter { gates.gates[$0] == 0 }
    let cut = ChannelCut(trained.graph, removing: gone)
    let gradients = network.parameters.map { parameter in
      let small = Tensor<Float>(shape: cut.shape(of: parameter.name, parameter.value.shape))
      cut.copy(parameter.name, parameter.gradient, into: small)
      return small.array
    }
    for (name, value) in ChannelRows(trained.task()).cleared(gone) {
      network.parameters.first { $0.name == name }?.value.copy(from: value)
    }
    ConstantFolding(network, cut).fold(trained.samples)
    let small = try trained.slimmed(by: cut)
    #expect(isClose(trained.outputs(of: small), expected, 1e-5))
    trained.learn(small)
    for (parameter, gradient) in zip(small.parameters, gradients) {
      #expect(isClose(parameter.gradient.array, gradient, 1e-4), "\(parameter.name)")
    }
  }

  @Test(arguments: networks.indices)
  func whatIsGatedGetsNoGradient(index: Int) throws {
    let (trained, gates) = try gated(index, seed: 4)
    trained.network.observers.interceptor = Gating(gates)
    trained.learn(trained.network)
    for part in ChannelRows(trained.task()).parts {
      for (row, channel) in part.channels.enumerated() where gates.gates[channel] == 0 {
        let gradient = part.parameter.gradient.array[row * part.width..<(row + 1) * part.width]
        #expect(gradient.allSatisfy { $0 == 0 }, "\(part.parameter.name) \(row)")
      }
    }
  }

  private func isClose(_ some: [Float], _ others: [Float], _ tolerance: Float) -> Bool {
    let size = max(1, others.map(\.magnitude).max() ?? 0)
    return some.count == others.count
      && zip(some, others).allSatisfy { ($0 - $1).magnitude <= tolerance * size }
  }
}
