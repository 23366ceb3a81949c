import Tensors

/// y = sign(x) · min(max(|x| - shift, 0), maximum): a clipped rectifier for both signs.
public struct SoftThreshold: Activation {
  public static let kind = "softThreshold"
  public static let summary = "sign(inputs) · (|inputs| - shift between 0 and maximum)"
  public static let paper = ClippedReLU.paper

  public let shift, maximum: Double

  public init(shift: Double = 0, maximum: Double = 1) {
    self.shift = shift
    self.maximum = maximum
  }

  public init(_ settings: some Settings) throws {
    shift = try settings.number("shift", in: 0...1e3, default: 0)
    maximum = try settings.number("maximum", in: 1e-6...1e6, default: 1)
  }

  public var derivesFromOutput: Bool { true }
  public var fastLoop: ActivationLoop? { .softThreshold(shift: shift, maximum: maximum) }

  public func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    let value = ClippedReLU(shift: shift, maximum: maximum).value(at: input.magnitude)
    return input < 0 ? -value : value
  }

  public func derivative<Scalar: TensorArithmetic>(at output: Scalar) -> Scalar {
    output.magnitude > 0 && output.magnitude < Scalar(maximum) ? 1 : 0
  }
}
