import JSONText
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// PyTorch's numbers are in PyTorchTruthTests.
struct WeightAverageTests {
  private func parameter(_ values: [Float]) -> Parameter<Float> {
    let parameter = Parameter<Float>(
      name: "w", moduleName: "0.weight", role: .weight, shape: [values.count])
    parameter.value.copy(from: Tensor(shape: [values.count], values))
    return parameter
  }

  @Test func beginsAsTheFirstWeightsAndFollows() {
    let weights = parameter([4, -8])
    let average = WeightAverage(decay: 0.75, [weights], pool: WorkerPool(threadCount: 1))
    average.exchange()
    #expect(weights.value.array == [4, -8], "before any update there is no average")
    average.update()
    weights.value.copy(from: Tensor(shape: [2], [8, 0]))
    average.update()
    average.exchange()
    #expect(weights.value.array == [5, -6])
    average.exchange()
    #expect(weights.value.array == [8, 0])
    #expect(average.state.map(\.name) == ["average.w"])
    #expect(average.state[0].tensor.array == [5, -6])
  }

  @Test func masksHoldForAveragesToo() {
    let weights = parameter([4, -8, 1])
    let average = WeightAverage(decay: 0.5, [weights], pool: WorkerPool(threadCount: 1))
    average.update()
    weights.setMask(Tensor(shape: [3], [1, 0, 1]))
    average.applyMasks()
    average.update()
    average.exchange()
    #expect(weights.value.array == [4, 0, 1])
  }

  @Test func resumesFromItsState() {
    let weights = parameter([4, -8])
    let whole = WeightAverage(decay: 0.9, [weights], pool: WorkerPool(threadCount: 1))
    whole.update()
    let resumed = WeightAverage(decay: 0.9, [weights], pool: WorkerPool(threadCount: 1))
    resumed.state[0].tensor.copy(from: whole.state[0].tensor)
    resumed.stepCount = whole.stepCount
    weights.value.copy(from: Tensor(shape: [2], [8, 1]))
    whole.update()
    resumed.update()
    resumed.exchange()
    let average = weights.value.array
    resumed.exchange()
    whole.exchange()
    #expect(average == weights.value.array)
    #expect(average != [8, 1])
  }

  @Test func itsSettings() throws {
    #expect(try WeightAveraging(JSONSettings()) == WeightAveraging(decay: 0.999))
    #expect(throws: JSONSettings.Mistake.self) {
      try WeightAveraging(JSONSettings(["decay": 1]))
    }
  }
}
