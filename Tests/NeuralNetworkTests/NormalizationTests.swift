import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

struct NormalizationTests {
  /// Two channels: 1, 2, 3, 6 and 10, 10, 20, 20.
  private let input: [Double] = [1, 10, 2, 10, 3, 20, 6, 20]

  @Test func batchNormByHand() throws {
    let layer = try TestedLayer<Double>(
      BatchNorm(epsilon: 1e-12), [2], TestedLayer<Double>.Making(batchSizeMax: 4))
    let output = layer.forward(input, .training(rows: 4, step: 1))
    // Means 3 and 15, variances 3.5 and 25.
    let deviation = 3.5.squareRoot()
    let expected = [
      -2 / deviation, -1, -1 / deviation, -1, 0, 1, 3 / deviation, 1,
    ]
    #expect(GradientCheck.largestError(output, expected) < 1e-11)
    #expect(layer.layer.parameters.map(\.name) == ["layer.weight", "layer.bias"])
    #expect(layer.layer.parameters.map(\.role) == [.normalization, .normalization])
    #expect(
      layer.layer.statistics.map(\.moduleName) == ["0.running_mean", "0.running_var"])
  }

  @Test func runningMomentsFollowTheBatchs() throws {
    let tested = try TestedLayer<Double>(
      BatchNorm(momentum: 0.25), [2], TestedLayer<Double>.Making(batchSizeMax: 4))
    let statistics = tested.layer.statistics.map(\.value)
    var pass = Pass.training(rows: 4, step: 1)
    pass.updatesStatistics = false
    _ = tested.forward(input, pass)
    #expect(statistics[0].doubles == [0, 0] && statistics[1].doubles == [1, 1])
    _ = tested.forward(input, .evaluation(rows: 4))
    #expect(statistics[0].doubles == [0, 0] && statistics[1].doubles == [1, 1])
    _ = tested.forward(input, .training(rows: 4, step: 1))
    // The unbiased variances are 14/3 and 100/3.
    let variances = [0.75 + 0.25 * 14 / 3, 0.75 + 0.25 * 100 / 3]
    #expect(GradientCheck.largestError(statistics[0].doubles, [0.75, 3.75]) < 1e-15)
    #expect(GradientCheck.largestError(statistics[1].doubles, variances) < 1e-15)
    let output = tested.forward([0.75, 3.75], .evaluation(rows: 1))
    #expect(GradientCheck.largestError(output, [0, 0]) < 1e-14)
  }

  /// A mean that is large beside the deviation costs a Float no digits of the variance.
  @Test func aLargeMeanIsNoTrouble() throws {
    let rows = 5000
    let tested = try TestedLayer<Float>(
      BatchNorm(), [1], TestedLayer<Float>.Making(batchSizeMax: rows))
    let values = (0..<rows).map { 1000 + Double($0 % 2) * 0.5 }
    let output = tested.forward(values, .training(rows: rows, step: 1))
    let expected = (0..<rows).map { (Double($0 % 2) - 0.5) / (0.25 + 4e-5).squareRoot() }
    #expect(GradientCheck.largestError(output, expected) < 1e-3)
  }

  @Test func aGroupOfAllChannelsIsTheWholeSample() throws {
    let tested = try TestedLayer<Double>(GroupNorm(groups: 1, epsilon: 1e-12), [2, 2])
    let output = tested.forward([1, 2, 3, 4, 10, 10, 30, 30], .evaluation(rows: 2))
    let unit = 1 / 1.25.squareRoot()
    let expected = [-1.5 * unit, -0.5 * unit, 0.5 * unit, 1.5 * unit, -1, -1, 1, 1]
    #expect(GradientCheck.largestError(output, expected) < 1e-10)
    #expect(throws: ShapeMismatch.self) {
      try GroupNorm(groups: 3).outputShape(for: [2, 4])
    }
  }

  @Test func aGroupOfOneStepIsLayerNorm() throws {
    let group = try TestedLayer<Double>(GroupNorm(groups: 1), [7])
    let layer = try TestedLayer<Double>(LayerNorm(), [7])
    group.randomize(1)
    layer.randomize(1)
    var source = RandomSource.forTest(2)
    let values: Tensor<Double> = source.tensor([3, 7])
    let slope: Tensor<Double> = source.tensor([3, 7])
    let pass = Pass.training(rows: 3, step: 1)
    let (one, other) = (group.forward(values.doubles, pass), layer.forward(values.doubles, pass))
    #expect(GradientCheck.largestError(one, other) < 1e-14)
    let (back, forth) = (group.backward(slope.doubles, pass), layer.backward(slope.doubles, pass))
    #expect(GradientCheck.largestError(back, forth) < 1e-13)
    for (one, other) in zip(group.gradients, layer.gradients) {
      #expect(GradientCheck.largestError(one, other) < 1e-13)
    }
  }
}
