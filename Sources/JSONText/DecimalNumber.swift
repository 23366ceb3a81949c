/// mantissa × 10^exponent, and its exact conversions where they are cheap.
struct DecimalNumber {
  let isNegative: Bool
  private(set) var mantissa: UInt64 = 0
  var exponent = 0
  /// Whether digits had to be left out of the mantissa.
  private var isTruncated = false

  init(isNegative: Bool) {
    self.isNegative = isNegative
  }

  /// Appends a decimal digit; after the decimal point it also lowers the exponent.
  @inline(__always)
  mutating func append(digit: UInt8, isFraction: Bool) {
    // 19 nines fit 64 bits; a 20th digit may not.
    if mantissa < 1_000_000_000_000_000_000 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      if isFraction { exponent &-= 1 }
    } else {
      isTruncated = true
    }
  }

  /// The value when there is neither fraction nor exponent and it fits. Not for -0, which only a
  /// Double can hold.
  var integer: Int64? {
    if isTruncated || mantissa > UInt64(Int64.max) + 1 { return nil }
    if isNegative {
      return mantissa == 0 ? nil : Int64(truncatingIfNeeded: 0 &- mantissa)
    }
    return Int64(exactly: mantissa)
  }

  /// The correctly rounded value, or nil when that takes more than one rounding.
  var double: Double? {
    if isTruncated { return nil }
    if mantissa == 0 { return isNegative ? -0.0 : 0 }
    guard let magnitude = magnitude else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  private var magnitude: Double? {
    // Clinger, "How to read floating point numbers accurately" (PLDI 1990): both operands are
    // exact, so the one operation rounds once.
    if mantissa < 1 << 53, exponent >= -22, exponent <= 22 {
      return exponent < 0
        ? Double(mantissa) / Self.powersOfTen[-exponent]
        : Double(mantissa) * Self.powersOfTen[exponent]
    }
    if exponent < 0, exponent >= -19 { return quotient }
    return nil
  }

  /// mantissa / 10^-exponent by one 128-bit division: 63 or 64 bits of the quotient, and the
  /// remainder as one sticky bit, are rounded once to 53 bits. This is the usual case of a double
  /// printed with 17 digits.
  private var quotient: Double {
    let divisor = Self.integerPowersOfTen[-exponent]
    let divisorShift = divisor.leadingZeroBitCount
    let mantissaShift = mantissa.leadingZeroBitCount
    let dividend = mantissa << UInt64(mantissaShift)
    // The high half is below 2^63 and the divisor at least 2^63: the quotient fits 64 bits.
    let (bits, remainder) = (divisor << UInt64(divisorShift)).dividingFullWidth(
      (high: dividend >> 1, low: dividend << 63))
    let sticky: UInt64 = remainder == 0 ? 0 : 1
    return Double(
      sign: .plus, exponent: divisorShift - mantissaShift - 63, significand: Double(bits | sticky))
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  private static let integerPowersOfTen: [UInt64] = (0...19).map { power in
    (0..<power).reduce(1) { product, _ in product * 10 }
  }
}
