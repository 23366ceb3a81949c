import Tensors

/// y = 1 / (1 + exp(-x)); y' = y (1 - y)
public struct Sigmoid: Activation {
  public static let kind = "sigmoid"
  public static let summary = "logistic function: outputs = 1 / (1 + exp(-inputs))"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public var derivesFromOutput: Bool { true }
  public var fastLoop: ActivationLoop? { .sigmoid }

  public func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    // The power is at most 1: it does not overflow.
    let power = Scalar.exponential(input > 0 ? -input : input)
    return input > 0 ? 1 / (1 + power) : power / (1 + power)
  }

  public func derivative<Scalar: TensorArithmetic>(at output: Scalar) -> Scalar {
    output * (1 - output)
  }
}
