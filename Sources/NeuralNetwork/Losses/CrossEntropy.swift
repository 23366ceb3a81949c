import Tensors

/// Softmax followed by the negative logarithm of the right class's probability:
/// -log(exp(xₗ) / Σ exp(xⱼ)), averaged over the positions.
///
/// With label smoothing ε the right class is wanted with 1 - ε and every class with ε / classes
/// (Szegedy et al., "Rethinking the Inception architecture", 2016, section 7). Class weights w
/// multiply each class's part, and the mean is over the weights of the right classes; both as in
/// PyTorch.
public struct CrossEntropy: LossDescription {
  public static let kind = "crossEntropy"
  public static let summary = "softmax and negative log-likelihood of the right class"
  static let classesMax = 1_000_000

  public let labelSmoothing: Double
  /// One for each class; empty: all 1.
  public let classWeights: [Double]

  public init(labelSmoothing: Double = 0, classWeights: [Double] = []) {
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
  }

  public init(_ settings: some Settings) throws {
    labelSmoothing = try settings.number("labelSmoothing", in: 0...1, default: 0)
    classWeights = try settings.numbers(
      "classWeights", in: 0...1e6, count: 0...Self.classesMax, default: [])
  }

  public func check(_ targets: TargetShape) throws(ShapeMismatch) {
    guard case .classes(let count, _) = targets else {
      throw ShapeMismatch("crossEntropy needs classes, but the data has numbers to be met")
    }
    guard classWeights.isEmpty || classWeights.contains(where: { $0 > 0 }) else {
      throw ShapeMismatch("crossEntropy's classWeights are all 0: there is nothing to learn")
    }
    guard classWeights.isEmpty || classWeights.count == count else {
      throw ShapeMismatch(
        "crossEntropy got \(classWeights.count) classWeights, needs \(count): one for each class")
    }
  }

  public func makeLoss<Scalar: TensorScalar>(_ targets: TargetShape) -> any Loss<Scalar> {
    CrossEntropyLoss<Scalar>(self, classCount: targets.outputs)
  }
}

final class CrossEntropyLoss<Scalar: TensorScalar>: Loss {
  private let classCount: Int
  private let labelSmoothing: Double
  private let classWeights: Tensor<Scalar>?

  init(_ description: CrossEntropy, classCount: Int) {
    self.classCount = classCount
    labelSmoothing = description.labelSmoothing
    let weights = description.classWeights
    classWeights =
      weights.isEmpty ? nil : Tensor(shape: [classCount], weights.map { Scalar($0) })
  }

  func evaluate(
    _ output: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int, gradient: Tensor<Scalar>?
  ) -> LossResult {
    guard case .classes(let labels, let perSample) = targets else {
      preconditionFailure("targets are checked before training")
    }
    let positions = rows * perSample
    let sums = Scalar.crossEntropy(
      ClassifiedBatch(
        logits: output.scalars, labels: labels, positions: positions, classes: classCount,
        smoothing: labelSmoothing, weights: classWeights?.scalars),
      gradient: gradient?.scalars)
    var result = LossResult()
    result.lossSum = sums.loss
    result.weight = sums.weight
    result.correct = sums.correct
    result.correctInFive = sums.correctInFive
    result.positions = positions
    return result
  }
}
