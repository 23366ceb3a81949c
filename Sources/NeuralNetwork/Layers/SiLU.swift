import Tensors

/// y = x · sigmoid(x); y' = s + x s (1 - s), where s = sigmoid(x).
public struct SiLU: Activation {
  public static let kind = "silu"
  public static let summary = "sigmoid linear unit, or swish: outputs = inputs · sigmoid(inputs)"
  public static let paper: String? =
    "Elfwing, Uchibe, Doya, Sigmoid-weighted linear units for neural network function "
    + "approximation in reinforcement learning, 2018"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public var derivesFromOutput: Bool { false }
  public var fastLoop: ActivationLoop? { .silu }

  public func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    input * Sigmoid().value(at: input)
  }

  public func derivative<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    let gate = Sigmoid().value(at: input)
    return gate + input * gate * (1 - gate)
  }
}
