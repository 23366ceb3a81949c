/// From values to a share of an axis, and to round ticks on it.
struct AxisScale {
  /// The value at the low end.
  let lower: Double
  /// The value at the high end, always above `lower`.
  let upper: Double
  /// Whether equal distances are equal ratios; both ends are above zero then.
  let isLogarithmic: Bool

  /// No axis has more ticks.
  static let ticksMax = 64
  /// No shorter step is looked for behind this many wanted ticks.
  private static let ticksWantedMax = 8

  /// A scale whose ends are what was asked for, made finite, ordered and apart.
  init(lower: Double, upper: Double, isLogarithmic: Bool = false) {
    let bound = Double.greatestFiniteMagnitude
    var low = lower.isNaN ? 0 : Swift.min(Swift.max(lower, -bound), bound)
    var high = upper.isNaN ? 1 : Swift.min(Swift.max(upper, -bound), bound)
    if low > high { swap(&low, &high) }
    if isLogarithmic {
      high = high > 0 ? high : 1
      low = low > 0 ? low : Swift.min(high * 1e-3, 1e-3)
    }
    if low == high {
      let margin = isLogarithmic ? low * 0.5 : (low == 0 ? 1 : low.magnitude * 0.1)
      low = Swift.max(low - margin, -bound)
      high = Swift.min(high + margin, bound)
    }
    if !(low < high) {
      low = isLogarithmic ? 1e-3 : 0
      high = 1
    }
    self.lower = low
    self.upper = high
    self.isLogarithmic = isLogarithmic
  }

  /// The automatic scale around these extremes: a little padding, and zero as the end when all
  /// values are on one side of it and near.
  static func fitting(minimum: Double, maximum: Double, isLogarithmic: Bool) -> AxisScale {
    let exact = AxisScale(lower: minimum, upper: maximum, isLogarithmic: isLogarithmic)
    if minimum == maximum { return exact }
    let padding = 0.04
    if isLogarithmic {
      let factor = exp2Approximate((log2(exact.upper) - log2(exact.lower)) * padding)
      return AxisScale(
        lower: exact.lower / factor, upper: exact.upper * factor, isLogarithmic: true)
    }
    let margin = exact.upper * padding - exact.lower * padding
    var low = exact.lower - margin
    var high = exact.upper + margin
    if minimum >= 0 && (low < 0 || minimum < 0.1 * maximum) { low = 0 }
    if maximum <= 0 && (high > 0 || maximum > 0.1 * minimum) { high = 0 }
    return AxisScale(lower: low, upper: high)
  }

  /// 0 at the low end, 1 at the high end; outside beyond; nil for what has no place.
  func fraction(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    if isLogarithmic {
      guard value > 0 else { return nil }
      let low = AxisScale.log2(lower)
      return (AxisScale.log2(value) - low) / (AxisScale.log2(upper) - low)
    }
    // Halves, because the difference of two finite numbers need not be finite.
    return (value * 0.5 - lower * 0.5) / (upper * 0.5 - lower * 0.5)
  }

  /// Round values between the ends, at most about `count` of them, and the step between them.
  func ticks(
    count: Int, atLeast: Int = 1, kind: AxisKind = .number
  ) -> (values: [Double], step: Double) {
    let wanted = Swift.min(Swift.max(count, 1), AxisScale.ticksMax)
    if isLogarithmic, let values = powersOfTen(count: wanted) { return (values, lower) }
    let raw = (upper * 0.5 - lower * 0.5) / Double(wanted) * 2
    guard raw.isFinite, raw > 0 else { return ([lower], raw) }
    var step = kind == .duration ? AxisScale.roundDuration(raw) : AxisScale.round(raw)
    if kind == .integer { step = Swift.max(step, 1) }
    let first = (lower / step).rounded(.up)
    var values: [Double] = []
    for index in 0...AxisScale.ticksMax {
      let value = (first + Double(index)) * step
      guard value.isFinite, value <= upper + step * 1e-9 else { break }
      values.append(value)
    }
    // A round step can be so long that the range holds too few: a shorter one then.
    let canBeShorter = kind != .integer || step > 1
    if values.count < atLeast, wanted < AxisScale.ticksWantedMax, canBeShorter {
      return ticks(count: wanted * 2, atLeast: atLeast, kind: kind)
    }
    return (values, step)
  }

  /// Powers of ten inside, thinned; with twos and fives when there are few. Nil: too narrow a range
  /// for any.
  private func powersOfTen(count: Int) -> [Double]? {
    let low = Int((AxisScale.log2(lower) / AxisScale.log2(10) - 1e-9).rounded(.up))
    let high = Int((AxisScale.log2(upper) / AxisScale.log2(10) + 1e-9).rounded(.down))
    let decades = high - low + 1
    if decades >= 2 && decades * 2 >= count {
      let stride = (decades + count - 1) / count
      return Swift.stride(from: low, through: high, by: Swift.max(stride, 1)).map {
        AxisScale.powerOfTen($0)
      }
    }
    let candidates = (low - 1...Swift.max(high, low - 1)).flatMap { exponent in
      [1.0, 2, 5].map { $0 * AxisScale.powerOfTen(exponent) }
    }
    let inside = candidates.filter { $0 >= lower && $0 <= upper }
    return inside.count >= 2 ? inside : nil
  }

  /// The smallest of 1, 2, 5 times a power of ten that is not below.
  static func round(_ raw: Double) -> Double {
    let digits = DecimalDigits(raw)
    let power = powerOfTen(digits.exponent)
    guard power > 0, power.isFinite else { return raw }
    for factor in [1.0, 2, 5, 10] where factor * power >= raw * (1 - 1e-9) {
      return factor * power
    }
    return raw
  }

  private static func roundDuration(_ raw: Double) -> Double {
    if raw <= 1 { return round(raw) }
    let steps: [Double] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
      86_400,
    ]
    return steps.first { $0 >= raw } ?? round(raw / 86_400) * 86_400
  }

  /// Correctly rounded, by reading the literal.
  static func powerOfTen(_ exponent: Int) -> Double {
    Double("1e\(exponent)") ?? (exponent < 0 ? 0 : .greatestFiniteMagnitude)
  }

  /// The binary logarithm of a positive finite number (the standard library has none): exponent
  /// from the bits, the rest from the series of atanh, error below 1e-15.
  static func log2(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 0 }
    let significand = value.significand
    let ratio = (significand - 1.4142135623730951) / (significand + 1.4142135623730951)
    let square = ratio * ratio
    var term = ratio
    var sum = 0.0
    for odd in stride(from: 1.0, through: 27, by: 2) {
      sum += term / odd
      term *= square
    }
    return Double(value.exponent) + 0.5 + 2 * sum * 1.4426950408889634
  }

  /// Two to this power for padding; exact enough for a margin.
  private static func exp2Approximate(_ power: Double) -> Double {
    let clamped = Swift.min(Swift.max(power, -500), 500)
    let whole = clamped.rounded(.down)
    let rest = (clamped - whole) * 0.6931471805599453
    let series = 1 + rest * (1 + rest / 2 * (1 + rest / 3 * (1 + rest / 4)))
    return Double(sign: .plus, exponent: Int(whole), significand: series)
  }
}
