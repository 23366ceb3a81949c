import Tensors

/// Softmax followed by the negative logarithm of the right class's probability, averaged over the
/// batch: -log(exp(xₗ) / Σ exp(xⱼ)).
public final class SoftmaxCrossEntropy<Scalar: TensorScalar> {
  public let classCount: Int
  /// The loss's gradient with respect to the logits, [batch, classes], of the last evaluation.
  public let gradient: Tensor<Scalar>

  public init(batchSizeMax: Int, classCount: Int) {
    self.classCount = classCount
    gradient = Tensor(shape: [batchSizeMax, classCount])
  }

  /// How well a batch was told.
  public struct Result: Sendable {
    /// Sum over the samples.
    public var lossSum: Double
    /// Samples whose largest logit is the right class's; one that is not a number is wrong.
    public var correct: Int
  }

  /// - Parameters:
  ///   - logits: [batch, classes]; its first `rows` rows count.
  ///   - labels: the right class of each row, 0..<classCount.
  public func evaluate(
    _ logits: Tensor<Scalar>, labels: UnsafePointer<Int32>, rows: Int
  ) -> Result {
    var result = Result(lossSum: 0, correct: 0)
    let scale = 1 / Scalar(rows)
    for row in 0..<rows {
      let told = Scalar.softmaxCrossEntropy(
        logits.scalars + row * classCount, label: Int(labels[row]), count: classCount,
        scale: scale, gradient: gradient.scalars + row * classCount)
      result.lossSum += told.loss
      if told.isCorrect { result.correct += 1 }
    }
    return result
  }
}
