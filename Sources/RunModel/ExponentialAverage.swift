/// TensorBoard's smoothing: an exponential moving average, freed of its bias to the zero that it
/// begins with: s = s·w + (1 - w)·v, smoothed = s / (1 - w^n) for the n-th finite value.
///
/// Values that are not finite pass through and do not enter. Source: `classicSmoothing` in
/// tensorboard/webapp/widgets/line_chart_v2/data_transformer.ts. What that leaves as it is, a
/// series of equal values, stays so here, too: a `Double`'s rounding does not reach a `Float`.
struct ExponentialAverage: PointFold {
  /// w: 0 keeps the values as they are, near 1 hardly follows them.
  let weight: Double
  private var sum = 0.0
  /// w^n.
  private var bias = 1.0

  init(weight: Float) {
    self.weight = Double(weight)
  }

  mutating func next(step: Int64, value: Float) -> Float {
    guard value.isFinite else { return value }
    sum = sum * weight + (1 - weight) * Double(value)
    bias *= weight
    // Too small to count, and products of such numbers are slow.
    if bias < 1e-30 { bias = 0 }
    return Float(sum / (1 - bias))
  }
}
