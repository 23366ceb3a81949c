import Tensors

/// y = x Φ(x), where Φ is the normal distribution function, (1 + erf(x / √2)) / 2, or its
/// approximation (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2. y' = Φ + x Φ'.
public struct GELU: Activation {
  public static let kind = "gelu"
  public static let summary = "Gaussian error linear unit: inputs · normal distribution(inputs)"
  public static let paper: String? =
    "Hendrycks, Gimpel, Gaussian error linear units (GELUs), 2016"

  /// Whether the distribution is approximated by tanh.
  public let isApproximate: Bool

  public init(approximate: Bool = false) {
    isApproximate = approximate
  }

  public init(_ settings: some Settings) throws {
    let choice = try settings.choice("approximation", of: ["none", "tanh"], default: "none")
    self.init(approximate: choice == "tanh")
  }

  public var derivesFromOutput: Bool { false }
  public var fastLoop: ActivationLoop? { isApproximate ? .geluByTanh : .gelu }

  public func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    input * distribution(input).value
  }

  public func derivative<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar {
    let (value, density) = distribution(input)
    return value + input * density
  }

  /// Φ and its derivative.
  private func distribution<Scalar: TensorArithmetic>(
    _ x: Scalar
  ) -> (value: Scalar, density: Scalar) {
    guard isApproximate else {
      let value = (1 + Scalar.errorFunction(x * Scalar(0.5.squareRoot()))) / 2
      return (value, Scalar.exponential(-x * x / 2) * Scalar(1 / (2 * Double.pi).squareRoot()))
    }
    let slope = Scalar((2 / Double.pi).squareRoot())
    let core = Scalar.hyperbolicTangent(slope * (x + 0.044715 * x * x * x))
    let inner = slope * (1 + 0.134145 * x * x)
    return ((1 + core) / 2, (1 - core * core) * inner / 2)
  }
}
