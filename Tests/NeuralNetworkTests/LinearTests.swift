import Tensors
import Testing

@testable import NeuralNetwork

struct LinearTests {
  private let pass = Pass.evaluation(rows: 3)

  @Test func linearByHand() throws {
    let tested = try TestedLayer<Float>(Linear(outputs: 2), [3])
    let parameters = tested.layer.parameters
    parameters[0].value.copy(from: Tensor(shape: [2, 3], [1, 2, 3, -1, 0, 0.5]))
    parameters[1].value.copy(from: Tensor(shape: [2], [10, 20]))
    let output = tested.forward([1, 1, 1, 2, 0, -2, 0, 0, 0], pass)
    #expect(output == [16, 19.5, 6, 17, 10, 20])
    #expect(parameters.map(\.name) == ["layer.weight", "layer.bias"])
    #expect(parameters.map(\.isPrunable) == [true, false])
    #expect(tested.layer.flopsPerSample == 12)
  }

  @Test func weightsBeginAsHeSays() throws {
    let layer = try TestedLayer<Double>(Linear(outputs: 400), [50]).layer
    let weights = layer.parameters[0].value.doubles
    let mean = weights.reduce(0, +) / Double(weights.count)
    let variance = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
    #expect(abs(mean) < 0.005)
    #expect(abs(variance - 2.0 / 50) < 0.002)
    #expect(layer.parameters[1].value.doubles.allSatisfy { $0 == 0 })
    let again = try TestedLayer<Double>(Linear(outputs: 400), [50]).layer
    #expect(again.parameters[0].value.doubles == weights)
  }

  @Test func moreWeightsThanFitAreRefused() {
    #expect(throws: ShapeMismatch.self) {
      try Linear(outputs: 1_000_000).outputShape(for: [1_000_000])
    }
    #expect(throws: ShapeMismatch.self) {
      try Embedding(vocabulary: 1 << 24, dimension: 65_536).outputShape(for: [3])
    }
  }

  @Test func whatIsNoWordGivesNaNAndLearnsNothing() throws {
    let tested = try TestedLayer<Float>(Embedding(vocabulary: 2, dimension: 1), [1])
    tested.layer.parameters[0].value.copy(from: Tensor(shape: [2, 1], [5, 7]))
    #expect(tested.forward([1, 0, 1], pass) == [7, 5, 7])
    tested.backward([1, 2, 3], pass)
    #expect(tested.gradients == [[2, 4]])
    for bad in [-1, 2, 0.5, .nan, .infinity, 1e30] {
      let output = tested.forward([1, bad, 0], pass)
      #expect(output[0] == 7 && output[1].isNaN && output[2] == 5)
      #expect(tested.backward([1, 2, 3], pass) == [0, 0, 0])
      #expect(tested.gradients == [[3, 1]])
    }
  }
}
