import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

struct NetworkTests {
  private func plan(_ layers: [any LayerDescription], classes: Int = 3) -> Network<Double>.Plan {
    Network<Double>.Plan(layers: layers, inputShape: [2, 3], classCount: classes)
  }

  @Test func gradientsThroughAllLayersAgreeWithDifferences() throws {
    let network = try Network<Double>(
      plan([Linear(outputs: 5), ReLU(), Linear(outputs: 4), ReLU(), Linear(outputs: 3)]),
      batchSizeMax: 4, pool: WorkerPool(threadCount: 1), seed: 5)
    var random = RandomSource.forTest(21)
    let input: Tensor<Double> = random.tensor([4, 2, 3])
    let labels: [Int32] = [2, 0, 1, 1]
    let value = {
      network.loss.evaluate(network.forward(input, rows: 4), labels: labels, rows: 4).lossSum / 4
    }
    #expect(network.parameters.count == 6)
    for parameter in network.parameters {
      _ = value()
      network.backward(rows: 4)
      let analytic = parameter.gradient.doubles
      let numeric = GradientCheck.centralDifferences(parameter.value.buffer, of: value)
      #expect(GradientCheck.largestError(analytic, numeric) < 1e-8, "\(parameter.name)")
    }
  }

  @Test func parametersAreNamedByLayer() throws {
    let network = try Network<Double>(
      plan([Linear(outputs: 5), ReLU(), Linear(outputs: 3)]), batchSizeMax: 1,
      pool: WorkerPool(threadCount: 1), seed: 5)
    #expect(
      network.parameters.map(\.name)
        == ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"])
    #expect(network.prunableParameters.map(\.name) == ["linear1.weight", "linear2.weight"])
    #expect(network.flopsPerSample == 2 * 6 * 5 + 5 + 2 * 5 * 3)
  }

  @Test func theSeedDecidesTheWeights() throws {
    func weights(_ seed: UInt64) throws -> [[Double]] {
      let network = try Network<Double>(
        plan([Linear(outputs: 6), Linear(outputs: 6), Linear(outputs: 3)]), batchSizeMax: 1,
        pool: WorkerPool(threadCount: 1), seed: seed)
      return network.prunableParameters.map(\.value.doubles)
    }
    let layers = try weights(1)
    let (again, others) = (try weights(1), try weights(2))
    #expect(layers == again)
    #expect(layers != others)
    #expect(layers[0] != layers[1], "layers of one shape have numbers of their own")
  }

  @Test func theLastLayerMustGiveTheClasses() {
    let error = #expect(throws: NetworkError.self) {
      try Network<Double>.shapes(plan([Linear(outputs: 4)]))
    }
    #expect(error?.layer == 0)
    #expect(
      error?.description
        == "layer 1 (linear): the last layer gives [4], but the data has 3 classes and needs [3]")
    #expect(throws: NetworkError.self) { try Network<Double>.shapes(plan([])) }
  }

  @Test func aLayerThatDoesNotFitIsNamed() {
    let error = #expect(throws: NetworkError.self) {
      try Network<Double>.shapes(
        plan([Linear(outputs: 1_000_000), ReLU(), Linear(outputs: 1_000_000)]))
    }
    #expect(error?.layer == 2)
    #expect(error?.kind == "linear")
  }
}
