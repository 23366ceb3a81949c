/// Derivatives without mathematics: what analytic ones are compared with.
public enum GradientCheck {
  /// The derivative of `value` with respect to each scalar, by central differences:
  /// (f(x + h) - f(x - h)) / 2h. The scalars are as before afterwards.
  public static func centralDifferences(
    _ scalars: UnsafeMutableBufferPointer<Double>, step: Double = 1e-5, of value: () -> Double
  ) -> [Double] {
    scalars.indices.map { index in
      let original = scalars[index]
      defer { scalars[index] = original }
      scalars[index] = original + step
      let above = value()
      scalars[index] = original - step
      let below = value()
      return (above - below) / (2 * step)
    }
  }

  /// The largest difference, each relative to the larger of the two values and to 1. Infinite when
  /// the counts differ or something is not a number.
  public static func largestError(_ some: [Double], _ others: [Double]) -> Double {
    guard some.count == others.count else { return .infinity }
    return zip(some, others).reduce(0) { largest, pair in
      let error = abs(pair.0 - pair.1) / max(1, abs(pair.0), abs(pair.1))
      return error.isNaN ? .infinity : max(largest, error)
    }
  }
}
