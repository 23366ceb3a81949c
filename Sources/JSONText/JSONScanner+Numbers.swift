extension JSONScanner {
  /// Reads the number whose sign or first digit stands at `index`.
  mutating func readNumber() throws(JSONError) -> JSONNode.Kind {
    let start = index
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative {
      index &+= 1
      if options.allowsNonFinite, skipWord("Infinity") { return .number(-.infinity) }
    }
    var decimal = DecimalNumber(isNegative: isNegative)
    guard Self.isDigit(byte) else { throw unexpected("a digit") }
    if byte == UInt8(ascii: "0") {
      index &+= 1
      if Self.isDigit(byte) { throw error(at: start, "a number must not begin with a 0") }
    } else {
      readDigits(into: &decimal, areFraction: false)
    }
    var isInteger = true
    if byte == UInt8(ascii: ".") {
      isInteger = false
      index &+= 1
      guard Self.isDigit(byte) else { throw unexpected("a digit") }
      readDigits(into: &decimal, areFraction: true)
    }
    if byte | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      try readExponent(into: &decimal)
    }
    if isInteger, let value = decimal.integer { return .integer(value) }
    if let value = decimal.double { return .number(value) }
    return .number(try slowDouble(from: start))
  }

  @inline(__always)
  private static func isDigit(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10
  }

  @inline(__always)
  private mutating func readDigits(into decimal: inout DecimalNumber, areFraction: Bool) {
    while index < count, Self.isDigit(base[index]) {
      decimal.append(digit: base[index] &- UInt8(ascii: "0"), isFraction: areFraction)
      index &+= 1
    }
  }

  /// Reads `e`, an optional sign and digits.
  private mutating func readExponent(into decimal: inout DecimalNumber) throws(JSONError) {
    index &+= 1
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative || byte == UInt8(ascii: "+") { index &+= 1 }
    guard Self.isDigit(byte) else { throw unexpected("a digit") }
    // Beyond this every double is 0 or infinite, however many digits stand before the exponent.
    let exponentMax = 1_000_000
    var exponent = 0
    while index < count, Self.isDigit(base[index]) {
      exponent = min(exponent &* 10 &+ Int(base[index] &- UInt8(ascii: "0")), exponentMax)
      index &+= 1
    }
    decimal.exponent &+= isNegative ? -exponent : exponent
  }

  /// The standard library's correctly rounded reading, for the few that `DecimalNumber` leaves. It
  /// does not depend on the locale, as strtod does.
  private func slowDouble(from start: Int) throws(JSONError) -> Double {
    guard index - start <= JSONReader.numberLengthMax else {
      throw error(
        at: start, "a number of more than \(JSONReader.numberLengthMax) characters")
    }
    let digits = UnsafeBufferPointer(start: base + start, count: index - start)
    guard let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
      throw error(at: start, "a number out of range")
    }
    return value
  }
}
