import Glibc

/// How alike the values at two points are, by the points' distance: Matérn's covariance with
/// ν = 5/2 and a length for each group of coordinates (Rasmussen and Williams, "Gaussian processes
/// for machine learning", 2006, equation 4.17):
/// k = σ²·(1 + √5 r + 5r²/3)·exp(-√5 r), r² = Σ (x - x')² / ℓ².
struct MaternKernel: Equatable {
  /// σ².
  var amplitude: Double
  /// ℓ, one for each group.
  var lengths: [Double]
  /// Variance of what is observed about the value.
  var noise: Double

  private static let root5 = 5.0.squareRoot()

  /// - Parameter square: r².
  func covariance(_ square: Double) -> Double {
    let scaled = Self.root5 * square.squareRoot()
    return amplitude * (1 + scaled + scaled * scaled / 3) * exp(-scaled)
  }

  /// The covariance's derivative by r².
  func slope(_ square: Double) -> Double {
    let scaled = Self.root5 * square.squareRoot()
    return -5.0 / 6 * amplitude * (1 + scaled) * exp(-scaled)
  }
}
