import JSONText
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// PyTorch's numbers are in PyTorchTruthTests.
struct GradientClippingTests {
  private func parameters(_ gradients: [[Float]]) -> [Parameter<Float>] {
    gradients.enumerated().map { index, gradient in
      let parameter = Parameter<Float>(
        name: "p\(index)", moduleName: "p\(index)", role: .weight, shape: [gradient.count])
      parameter.gradient.copy(from: Tensor(shape: [gradient.count], gradient))
      return parameter
    }
  }

  private func clipped(_ clipping: GradientClipping, _ gradients: [[Float]]) -> [[Float]] {
    let parameters = parameters(gradients)
    let pool = WorkerPool(threadCount: 2)
    let norm = GradientNorm(parameters, pool: pool).measure()
    GradientClipper(clipping, parameters, pool: pool).clip(norm: norm)
    return parameters.map(\.gradient.array)
  }

  @Test func theNormIsOfAllTogether() {
    let parameters = parameters([[3, 0], [], [-4, 12]])
    #expect(GradientNorm(parameters, pool: WorkerPool(threadCount: 2)).measure() == 13)
  }

  @Test func aSmallNormIsLeftAlone() {
    let gradients: [[Float]] = [[3], [-4, 0]]
    #expect(clipped(GradientClipping(.norm, maximum: 5.1), gradients) == gradients)
    let short = clipped(GradientClipping(.norm, maximum: 1), gradients)
    #expect(abs(short[0][0] - 0.6) < 1e-6 && abs(short[1][0] + 0.8) < 1e-6)
  }

  @Test func valuesAreCutAlone() {
    let gradients: [[Float]] = [[3, -0.5], [-4, 0, .infinity]]
    #expect(
      clipped(GradientClipping(.value, maximum: 1), gradients) == [[1, -0.5], [-1, 0, 1]])
  }

  @Test func whatIsNoNumberStaysVisible() {
    let byNorm = clipped(GradientClipping(.norm, maximum: 1), [[1, .nan], [2]])
    #expect(byNorm.joined().allSatisfy { $0.isNaN })
    let byValue = clipped(GradientClipping(.value, maximum: 1), [[5, .nan], [2]])
    #expect(byValue[0][1].isNaN && byValue[0][0] == 1 && byValue[1][0] == 1)
    let infinite = clipped(GradientClipping(.norm, maximum: 1), [[1, .infinity]])
    #expect(infinite[0][0] == 0 && infinite[0][1].isNaN)
  }

  @Test(arguments: GradientClipping.Kind.allCases)
  func threadsChangeNothing(kind: GradientClipping.Kind) {
    let results = [1, 2, 3].map { threads -> [[UInt32]] in
      var random = RandomSource.forTest(41)
      let parameters: [Parameter<Float>] = [
        random.parameter("a", [300, 701]), random.parameter("b", [5]),
      ]
      for parameter in parameters {
        parameter.gradient.copy(from: random.tensor(parameter.value.shape))
      }
      let clipping = GradientClipping(kind, maximum: 0.3)
      let pool = WorkerPool(threadCount: threads)
      let norm = GradientNorm(parameters, pool: pool).measure()
      GradientClipper(clipping, parameters, pool: pool).clip(norm: norm)
      let squares = parameters.flatMap(\.gradient.doubles).map { $0 * $0 }
      if kind == .norm {
        #expect(abs(squares.reduce(0, +).squareRoot() - 0.3) < 1e-6)
      } else {
        #expect(squares.allSatisfy { $0 < 0.3 * 0.3 + 1e-6 })
      }
      return parameters.map(\.gradient.bits)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func itsSettings() throws {
    #expect(try GradientClipping(JSONSettings()) == GradientClipping(.norm, maximum: 1))
    #expect(throws: JSONSettings.Mistake.self) {
      try GradientClipping(JSONSettings(["maximum": 0]))
    }
  }
}
