import Tensors

/// y = x above 0, slope · x below.
public struct LeakyReLU: Activation {
  public static let kind = "leakyReLU"
  public static let summary = "leaky rectifier: inputs above 0, slope · inputs below"
  public static let paper: String? =
    "Maas, Hannun, Ng, Rectifier nonlinearities improve neural network acoustic models, 2013"

  /// From 0 to 1: not negative, so that the output's sign tells the input's.
  public let slope: Double

  public init(slope: Double = 0.01) {
    self.slope = slope
  }

  public init(_ settings: some Settings) throws {
    slope = try settings.number("slope", in: 0...1, default: 0.01)
  }

  public var derivesFromOutput: Bool { true }
  public var fastLoop: ActivationLoop? { .leakyReLU(slope: slope) }

  public func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    input > 0 ? input : Scalar(slope) * input
  }

  public func derivative<Scalar: TensorArithmetic>(at output: Scalar) -> Scalar {
    output > 0 ? 1 : Scalar(slope)
  }
}
