import Glibc
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

struct SoftmaxCrossEntropyTests {
  private func evaluate<Scalar>(
    _ logits: [[Scalar]], labels: [Int32]
  ) -> (result: SoftmaxCrossEntropy<Scalar>.Result, gradient: [Scalar]) {
    let classes = logits[0].count
    let loss = SoftmaxCrossEntropy<Scalar>(batchSizeMax: logits.count, classCount: classes)
    let tensor = Tensor(shape: [logits.count, classes], logits.flatMap { $0 })
    let result = loss.evaluate(tensor, labels: labels, rows: logits.count)
    return (result, loss.gradient.array)
  }

  @Test(arguments: [1.0, 30, 300])
  func gradientAgreesWithDifferences(scale: Double) {
    var random = RandomSource.forTest(11)
    let logits: Tensor<Double> = random.tensor([4, 5])
    for index in 0..<logits.count { logits[index] *= scale }
    let labels: [Int32] = [0, 4, 2, 2]
    let loss = SoftmaxCrossEntropy<Double>(batchSizeMax: 4, classCount: 5)
    let numeric = GradientCheck.centralDifferences(logits.buffer) {
      loss.evaluate(logits, labels: labels, rows: 4).lossSum / 4
    }
    _ = loss.evaluate(logits, labels: labels, rows: 4)
    #expect(GradientCheck.largestError(loss.gradient.doubles, numeric) < 1e-8)
  }

  /// The values are torch.nn.functional.cross_entropy's.
  @Test func agreesWithPyTorch() {
    let (result, gradient) = evaluate([[1.0, 2, -3], [0.5, -0.5, 0.25]], labels: [1, 2])
    #expect(abs(result.lossSum - 1.3320979963167412) < 1e-12)
    #expect(result.correct == 1)
    let expected = [
      0.13381157707493116, -0.1362624215997676, 0.0024508445248364614,
      0.232917783633263, 0.0856856640818957, -0.31860344771515875,
    ]
    #expect(GradientCheck.largestError(gradient, expected) < 1e-12)
    let single = evaluate([[1, 2, -3], [0.5, -0.5, 0.25]] as [[Float]], labels: [1, 2])
    #expect(GradientCheck.largestError(single.gradient.map { Double($0) }, expected) < 1e-6)
  }

  @Test func extremeLogitsStayFinite() {
    let (result, gradient) = evaluate(
      [[3e38, -3e38, 0], [-3e38, 3e38, 0], [1000, 0, -1000]] as [[Float]], labels: [0, 2, 1])
    #expect(gradient.allSatisfy { $0.isFinite })
    #expect(gradient[3...5].elementsEqual([0, 1 / 3, -1 / 3]))
    #expect(result.lossSum.isFinite)
    #expect(result.lossSum >= 3e38)
    #expect(result.correct == 1)
  }

  @Test func anImpossibleClassCostsInfinitely() {
    let (result, gradient) = evaluate([[0, -Double.infinity]], labels: [1])
    #expect(result.lossSum == .infinity)
    #expect(gradient == [1, -1])
  }

  @Test(arguments: [Float.nan, .infinity])
  func oneBadLogitSpoilsItsRowAlone(bad: Float) {
    for column in 0..<3 {
      var row: [Float] = [5, 1, 2]
      row[column] = bad
      let (result, gradient) = evaluate([row, [5, 1, 2]], labels: [0, 0])
      #expect(result.lossSum.isNaN)
      #expect(result.correct == 1)
      #expect(gradient[..<3].contains { $0.isNaN })
      #expect(gradient[3...].allSatisfy { $0.isFinite })
    }
  }

  @Test func gradientsOfARowSumToZero() {
    let (_, gradient) = evaluate([[0.5, -2, 7, 3.25]], labels: [3])
    #expect(abs(gradient.reduce(0, +)) < 1e-15)
  }

  @Test func ofEqualLogitsTheFirstWins() {
    #expect(evaluate([[2.0, 2]], labels: [0]).result.correct == 1)
    #expect(evaluate([[2.0, 2]], labels: [1]).result.correct == 0)
  }
}
