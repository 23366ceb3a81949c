import Tensors

/// -t·log(p) - (1 - t)·log(1 - p) with p = sigmoid(output), averaged over all numbers; targets t
/// are 0 to 1. Where the data has classes, each output tells whether its class is the right one.
public struct BinaryCrossEntropy: LossDescription {
  public static let kind = "binaryCrossEntropy"
  public static let summary = "sigmoid and negative log-likelihood of each yes or no"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public var targetRange: ClosedRange<Float>? { 0...1 }

  public func check(_ targets: TargetShape) throws(ShapeMismatch) {}

  public func makeLoss<Scalar: TensorScalar>(_ targets: TargetShape) -> any Loss<Scalar> {
    BinaryCrossEntropyLoss<Scalar>(outputs: targets.outputs)
  }
}

final class BinaryCrossEntropyLoss<Scalar: TensorScalar>: Loss {
  private let outputs: Int
  /// 1 at the right class, else 0, while a position is looked at.
  private let isRight: Tensor<Scalar>

  init(outputs: Int) {
    self.outputs = outputs
    isRight = Tensor(shape: [outputs])
  }

  func evaluate(
    _ output: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int, gradient: Tensor<Scalar>?
  ) -> LossResult {
    var result = LossResult()
    switch targets {
    case .values(let values, let perSample):
      let count = rows * perSample
      result.weight = Double(count)
      result.lossSum = Scalar.binaryCrossEntropy(
        output.scalars, values, count: count, scale: Scalar(1 / Double(max(1, count))),
        gradient: gradient?.scalars)
    case .classes(let labels, let perSample):
      result.positions = rows * perSample
      result.weight = Double(result.positions * outputs)
      let scale = Scalar(1 / max(1, result.weight))
      for position in 0..<result.positions {
        let (label, offset) = (Int(labels[position]), position * outputs)
        isRight.scalars[label] = 1
        result.lossSum += Scalar.binaryCrossEntropy(
          output.scalars + offset, isRight.scalars, count: outputs, scale: scale,
          gradient: gradient.map { $0.scalars + offset })
        isRight.scalars[label] = 0
        let rank = Scalar.rank(of: label, in: output.scalars + offset, count: outputs)
        if rank < 1 { result.correct += 1 }
        if rank < 5 { result.correctInFive += 1 }
      }
    }
    return result
  }
}
