/// A number as people print it.
struct TextNumber {
  let value: Double
  /// The same when it is written as an integer and fits.
  let integer: Int64?
  /// The first byte behind it.
  let end: Int

  /// Longer ones are no numbers.
  private static let sizeMax = 400

  /// Reads digits with an optional sign, point and exponent. What is too large for a Double is
  /// infinite.
  init?(_ text: [UInt8], at start: Int) {
    var index = start
    let isNegative = text.byte(index) == UInt8(ascii: "-")
    if isNegative || text.byte(index) == UInt8(ascii: "+") { index += 1 }
    var decimal = Decimal()
    let digits = index
    index = decimal.appendDigits(of: text, from: index, areFraction: false)
    var digitCount = index - digits
    var isInteger = true
    if text.byte(index) == UInt8(ascii: "."),
      digitCount > 0 || TextByte.isDigit(text.byte(index + 1))
    {
      let fraction = index + 1
      index = decimal.appendDigits(of: text, from: fraction, areFraction: true)
      digitCount += index - fraction
      isInteger = false
    }
    guard digitCount > 0 else { return nil }
    if let behind = decimal.takeExponent(of: text, at: index) {
      index = behind
      isInteger = false
    }
    guard index - start <= Self.sizeMax else { return nil }
    end = index
    let magnitude = decimal.magnitude ?? Self.slowMagnitude(text[digits..<index])
    value = isNegative ? -magnitude : magnitude
    integer =
      isInteger && !decimal.isTruncated
      ? Int64(exactly: decimal.mantissa).map { isNegative ? -$0 : $0 } : nil
  }

  /// Correctly rounded, and the same in every locale.
  private static func slowMagnitude(_ digits: ArraySlice<UInt8>) -> Double {
    let text = String(decoding: digits, as: UTF8.self)
    return Double(text.hasSuffix(".") ? text + "0" : text) ?? .infinity
  }

  /// mantissa × 10^exponent.
  private struct Decimal {
    var mantissa: UInt64 = 0
    var exponent = 0
    var isTruncated = false

    mutating func appendDigits(of text: [UInt8], from start: Int, areFraction: Bool) -> Int {
      var index = start
      while true {
        let byte = text.byte(index)
        guard TextByte.isDigit(byte) else { return index }
        // 19 nines fit 64 bits; a 20th digit may not.
        if mantissa < 1_000_000_000_000_000_000 {
          mantissa = mantissa * 10 + UInt64(byte &- UInt8(ascii: "0"))
          if areFraction { exponent -= 1 }
        } else {
          isTruncated = true
        }
        index += 1
      }
    }

    /// Takes `e`, an optional sign and digits; nil where they do not stand.
    mutating func takeExponent(of text: [UInt8], at start: Int) -> Int? {
      guard text.byte(start) | 0x20 == UInt8(ascii: "e") else { return nil }
      var index = start + 1
      let isNegative = text.byte(index) == UInt8(ascii: "-")
      if isNegative || text.byte(index) == UInt8(ascii: "+") { index += 1 }
      guard TextByte.isDigit(text.byte(index)) else { return nil }
      let exponentMax = 100_000
      var value = 0
      while TextByte.isDigit(text.byte(index)) {
        value = min(value * 10 + Int(text.byte(index) &- UInt8(ascii: "0")), exponentMax)
        index += 1
      }
      exponent += isNegative ? -value : value
      return index
    }

    /// The value where one rounding gives it (Clinger, PLDI 1990).
    var magnitude: Double? {
      if mantissa == 0 && !isTruncated { return 0 }
      guard !isTruncated, mantissa < 1 << 53, -22...22 ~= exponent else { return nil }
      return exponent < 0
        ? Double(mantissa) / Self.powersOfTen[-exponent]
        : Double(mantissa) * Self.powersOfTen[exponent]
    }

    private static let powersOfTen: [Double] = [
      1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
      1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
  }
}
