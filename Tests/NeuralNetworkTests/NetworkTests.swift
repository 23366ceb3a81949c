import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

struct NetworkTests {
  private func plan(_ layers: [any LayerDescription], classes: Int = 3) -> NetworkPlan {
    NetworkPlan(
      layers: layers, inputShape: [2, 3], targets: .classes(count: classes, perSample: 1))
  }

  private func network(
    _ layers: [any LayerDescription], batchSizeMax: Int = 4, seed: UInt64 = 5
  ) throws -> Network<Double> {
    try Network(
      plan(layers), batchSizeMax: batchSizeMax, pool: WorkerPool(threadCount: 1), seed: seed)
  }

  /// The gradients of all parameters at a batch of four, against central differences.
  private func check(_ network: Network<Double>) {
    var random = RandomSource.forTest(21)
    let input: Tensor<Double> = random.tensor([4, 2, 3])
    let labels: [Int32] = [2, 0, 1, 1]
    let pass = Pass(rows: 4, isTraining: true, updatesStatistics: false, step: 3)
    labels.withUnsafeBufferPointer { labels in
      guard let first = labels.baseAddress else { return }
      let targets = Targets<Double>.classes(first, perSample: 1)
      let value = { network.learn(input, targets, pass).mean }
      for parameter in network.parameters {
        _ = value()
        let analytic = parameter.gradient.doubles
        let numeric = GradientCheck.centralDifferences(parameter.value.buffer, of: value)
        #expect(GradientCheck.largestError(analytic, numeric) < 1e-7, "\(parameter.name)")
      }
    }
  }

  @Test func gradientsThroughAllLayersAgreeWithDifferences() throws {
    let network = try network([
      Linear(outputs: 5), ReLU(), Linear(outputs: 4), ReLU(), Linear(outputs: 3),
    ])
    #expect(network.parameters.count == 6)
    check(network)
  }

  /// Layers that compute in place, share work and pass their input on, one behind the other.
  @Test func neighboursDoNotSpoilEachOther() throws {
    let block = Residual(
      branch: [BatchNorm(), ReLU(), Linear(outputs: 6), LeakyReLU(), Dropout(rate: 0.2)],
      shortcut: [Flatten(), Linear(outputs: 6)])
    check(
      try network([
        Flatten(), Linear(outputs: 6), Tanh(), block, ReLU(), Dropout(rate: 0.3),
        Concatenate(branches: [[Sigmoid()], [], [GELU(), LayerNorm()]]), Softmax(), PReLU(),
        Residual(branch: [Tanh()]), ClippedReLU(shift: -2, maximum: 9), GroupNorm(groups: 3),
        ReLU(), Linear(outputs: 3),
      ]))
  }

  @Test func parametersAreNamedByLayer() throws {
    let network = try network([Linear(outputs: 5), ReLU(), Linear(outputs: 3)])
    #expect(
      network.parameters.map(\.name)
        == ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"])
    #expect(
      network.parameters.map(\.moduleName) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    #expect(network.prunableParameters.map(\.name) == ["linear1.weight", "linear2.weight"])
    #expect(network.flopsPerSample == 2 * 6 * 5 + 5 + 2 * 5 * 3)
  }

  @Test func layersWithinLayersHavePlaces() throws {
    let network = try network([
      Linear(outputs: 3), Residual(branch: [Linear(outputs: 3), BatchNorm()]),
      Concatenate(branches: [[], [Tanh()]]), Linear(outputs: 3),
    ])
    #expect(
      network.parameters.map(\.moduleName) == [
        "0.weight", "0.bias", "1.branch.0.weight", "1.branch.0.bias", "1.branch.1.weight",
        "1.branch.1.bias", "3.weight", "3.bias",
      ])
    #expect(
      network.statistics.map(\.moduleName)
        == ["1.branch.1.running_mean", "1.branch.1.running_var"])
    #expect(
      network.leaves.map(\.name) == ["linear1", "linear2", "batchNorm1", "tanh1", "linear3"])
  }

  @Test func theSeedDecidesTheWeights() throws {
    func weights(_ seed: UInt64) throws -> [[Double]] {
      let layers = [Linear(outputs: 6), Linear(outputs: 6), Linear(outputs: 3)]
      return try network(layers, seed: seed).prunableParameters.map(\.value.doubles)
    }
    let layers = try weights(1)
    let (again, others) = (try weights(1), try weights(2))
    #expect(layers == again)
    #expect(layers != others)
    #expect(layers[0] != layers[1], "layers of one shape have numbers of their own")
  }

  @Test func theLastLayerMustGiveTheClasses() {
    let error = #expect(throws: NetworkError.self) { try plan([Linear(outputs: 4)]).check() }
    #expect(error?.layer == 0)
    #expect(
      error?.description
        == "layer 1 (linear): the last layer gives samples of [4], but the data has 3 classes and "
        + "needs [3]")
    #expect(throws: NetworkError.self) { try plan([]).check() }
  }

  @Test func aLayerThatDoesNotFitIsNamed() {
    let error = #expect(throws: NetworkError.self) {
      try plan([Linear(outputs: 1_000_000), ReLU(), Linear(outputs: 1_000_000)]).check()
    }
    #expect(error?.layer == 2)
    #expect(error?.kind == "linear")
  }

  /// After the first step, nothing more is taken from the heap.
  @Test func theWorkspaceStopsGrowing() throws {
    let network = try network([
      Linear(outputs: 6), Residual(branch: [Linear(outputs: 6), Tanh()]),
      Concatenate(branches: [[Sigmoid()], [GELU()]]), Linear(outputs: 3),
    ])
    check(network)
    let capacity = network.workspace.capacity
    check(network)
    #expect(network.workspace.capacity == capacity)
  }
}
