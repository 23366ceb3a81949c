import Tensors

/// The mean of (output - target)² over all numbers.
public struct MeanSquaredError: LossDescription {
  public static let kind = "mse"
  public static let summary = "mean squared error"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func check(_ targets: TargetShape) throws(ShapeMismatch) {
    try targets.requireValues(for: Self.kind)
  }

  public func makeLoss<Scalar: TensorScalar>(_ targets: TargetShape) -> any Loss<Scalar> {
    MeanSquaredErrorLoss<Scalar>()
  }
}

final class MeanSquaredErrorLoss<Scalar: TensorScalar>: Loss {
  func evaluate(
    _ output: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int, gradient: Tensor<Scalar>?
  ) -> LossResult {
    guard case .values(let values, let perSample) = targets else {
      preconditionFailure("targets are checked before training")
    }
    let count = rows * perSample
    var result = LossResult()
    result.weight = Double(count)
    result.lossSum = Scalar.squaredError(
      output.scalars, values, count: count, scale: Scalar(1 / Double(max(1, count))),
      gradient: gradient?.scalars)
    return result
  }
}

extension TargetShape {
  /// - Parameter loss: a loss that compares numbers.
  func requireValues(for loss: String) throws(ShapeMismatch) {
    guard case .values = self else {
      throw ShapeMismatch("\(loss) needs numbers to be met, but the data has classes")
    }
  }
}
