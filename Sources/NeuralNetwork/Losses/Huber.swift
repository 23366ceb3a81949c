import Tensors

/// The mean over all numbers of d²/2 where the difference d is at most delta, else of
/// delta · (|d| - delta/2): outliers pull with a bounded force (Huber, "Robust estimation of a
/// location parameter", 1964).
public struct Huber: LossDescription {
  public static let kind = "huber"
  public static let summary = "squared error near the target, absolute error far from it"
  public static let paper: String? = "Huber 1964"

  public let delta: Double

  public init(delta: Double = 1) {
    self.delta = delta
  }

  public init(_ settings: some Settings) throws {
    delta = try settings.number("delta", in: 1e-9...1e9, default: 1)
  }

  public func check(_ targets: TargetShape) throws(ShapeMismatch) {
    try targets.requireValues(for: Self.kind)
  }

  public func makeLoss<Scalar: TensorScalar>(_ targets: TargetShape) -> any Loss<Scalar> {
    HuberLoss<Scalar>(delta: delta)
  }
}

final class HuberLoss<Scalar: TensorScalar>: Loss {
  private let delta: Scalar

  init(delta: Double) {
    self.delta = Scalar(delta)
  }

  func evaluate(
    _ output: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int, gradient: Tensor<Scalar>?
  ) -> LossResult {
    guard case .values(let values, let perSample) = targets else {
      preconditionFailure("targets are checked before training")
    }
    let count = rows * perSample
    var result = LossResult()
    result.weight = Double(count)
    result.lossSum = Scalar.huberError(
      output.scalars, values, delta: delta, count: count,
      scale: Scalar(1 / Double(max(1, count))), gradient: gradient?.scalars)
    return result
  }
}
