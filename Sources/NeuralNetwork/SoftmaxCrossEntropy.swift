import Glibc
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
      let inputs = logits.scalars + row * classCount
      let outputs = gradient.scalars + row * classCount
      let label = Int(labels[row])
      var (largest, winner) = (inputs[0], 0)
      for index in 1..<classCount where inputs[index] > largest {
        (largest, winner) = (inputs[index], index)
      }
      var sum: Scalar = 0
      for index in 0..<classCount {
        outputs[index] = Scalar(exp(Double(inputs[index] - largest)))
        sum += outputs[index]
      }
      result.lossSum += log(Double(sum)) - Double(inputs[label] - largest)
      if winner == label && sum.isFinite { result.correct += 1 }
      let factor = scale / sum
      for index in 0..<classCount { outputs[index] *= factor }
      outputs[label] -= scale
    }
    return result
  }
}
