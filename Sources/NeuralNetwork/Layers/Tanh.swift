import Tensors

/// y = tanh(x); y' = 1 - y²
public struct Tanh: Activation {
  public static let kind = "tanh"
  public static let summary = "hyperbolic tangent"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public var derivesFromOutput: Bool { true }
  public var fastLoop: ActivationLoop? { .tanh }

  public func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    Scalar.hyperbolicTangent(input)
  }

  public func derivative<Scalar: TensorArithmetic>(at output: Scalar) -> Scalar {
    1 - output * output
  }
}
