import Tensors

/// y = min(max(x - shift, 0), maximum): sparse with a large shift, and stable with a maximum.
public struct ClippedReLU: Activation {
  public static let kind = "clippedReLU"
  public static let summary = "shifted and clipped rectifier: inputs - shift between 0 and maximum"
  public static let paper: String? =
    "Price, Adcock et al., Deep neural network initialization with sparsity inducing "
    + "activations, ICLR 2024"

  public let shift, maximum: Double

  public init(shift: Double = 0, maximum: Double = 1) {
    self.shift = shift
    self.maximum = maximum
  }

  public init(_ settings: some Settings) throws {
    shift = try settings.number("shift", in: -1e3...1e3, default: 0)
    maximum = try settings.number("maximum", in: 1e-6...1e6, default: 1)
  }

  public var derivesFromOutput: Bool { true }
  public var fastLoop: ActivationLoop? { .clippedReLU(shift: shift, maximum: maximum) }

  public func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    let value = input - Scalar(shift)
    return value < 0 ? 0 : value > Scalar(maximum) ? Scalar(maximum) : value
  }

  public func derivative<Scalar: TensorArithmetic>(at output: Scalar) -> Scalar {
    output > 0 && output < Scalar(maximum) ? 1 : 0
  }
}
