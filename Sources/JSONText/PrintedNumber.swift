/// A number as programs print it, which is more than JSON allows: "+1", ".5", "5.", "007", "nan",
/// "-inf". Reading it does not depend on the locale.
public enum PrintedNumber: Sendable, Equatable {
  case integer(Int64)
  /// Infinite where the text is beyond what a Double holds.
  case number(Double)

  /// Longer texts are no numbers.
  public static let lengthMax = 1024

  /// Reads a text that is a number and nothing else; nil when it is none. Hexadecimal digits,
  /// digit separators and units make none.
  /// - Parameter decimalMark: what stands before the fraction.
  public init?(_ text: UnsafeRawBufferPointer, decimalMark: UInt8 = UInt8(ascii: ".")) {
    guard !text.isEmpty, text.count <= Self.lengthMax else { return nil }
    let isNegative = text[0] == UInt8(ascii: "-")
    var index = isNegative || text[0] == UInt8(ascii: "+") ? 1 : 0
    var decimal = DecimalNumber(isNegative: isNegative)
    let start = index
    Self.readDigits(text, &index, into: &decimal, areFraction: false)
    var digits = index - start
    var isInteger = true
    if index < text.count, text[index] == decimalMark {
      isInteger = false
      index += 1
      let fraction = index
      Self.readDigits(text, &index, into: &decimal, areFraction: true)
      digits += index - fraction
    }
    guard digits > 0 else {
      guard let value = Self.word(text, from: start) else { return nil }
      self = .number(isNegative ? -value : value)
      return
    }
    if index < text.count {
      isInteger = false
      guard let exponent = Self.exponent(text, from: index) else { return nil }
      decimal.exponent += exponent
    }
    if isInteger, let value = decimal.integer {
      self = .integer(value)
    } else if let value = decimal.double ?? Self.slowDouble(text, decimalMark) {
      self = .number(value)
    } else {
      return nil
    }
  }

  public init?(_ text: String, decimalMark: UInt8 = UInt8(ascii: ".")) {
    var text = text
    guard
      let number = text.withUTF8({
        PrintedNumber(UnsafeRawBufferPointer($0), decimalMark: decimalMark)
      })
    else { return nil }
    self = number
  }

  /// The number of a JSON value; strings that are one count.
  public init?(_ node: JSONNode) {
    switch node.kind {
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let text):
      guard let number = PrintedNumber(text) else { return nil }
      self = number
    default: return nil
    }
  }

  public var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    }
  }

  /// The value when it is exactly an integer.
  public var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    }
  }

  @inline(__always)
  private static func readDigits(
    _ text: UnsafeRawBufferPointer, _ index: inout Int, into decimal: inout DecimalNumber,
    areFraction: Bool
  ) {
    while index < text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return }
      decimal.append(digit: digit, isFraction: areFraction)
      index += 1
    }
  }

  /// The value of `e`, an optional sign and digits up to the end.
  private static func exponent(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard text[start] | 0x20 == UInt8(ascii: "e"), start + 1 < text.count else { return nil }
    let sign = text[start + 1]
    let isNegative = sign == UInt8(ascii: "-")
    let first = isNegative || sign == UInt8(ascii: "+") ? start + 2 : start + 1
    guard first < text.count else { return nil }
    // Beyond this every double is 0 or infinite, however many digits stand before the exponent.
    let exponentMax = 1_000_000
    var exponent = 0
    for byte in text[first...] {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      exponent = min(exponent * 10 + Int(digit), exponentMax)
    }
    return isNegative ? -exponent : exponent
  }

  private static func word(_ text: UnsafeRawBufferPointer, from start: Int) -> Double? {
    func isRest(_ word: StaticString) -> Bool {
      guard text.count - start == word.utf8CodeUnitCount else { return false }
      return (0..<word.utf8CodeUnitCount).allSatisfy {
        text[start + $0] | 0x20 == word.utf8Start[$0]
      }
    }
    if isRest("nan") { return .nan }
    return isRest("inf") || isRest("infinity") ? .infinity : nil
  }

  /// The standard library's correctly rounded reading, for the few that `DecimalNumber` leaves.
  private static func slowDouble(_ text: UnsafeRawBufferPointer, _ decimalMark: UInt8) -> Double? {
    Double(
      String(decoding: text.map { $0 == decimalMark ? UInt8(ascii: ".") : $0 }, as: UTF8.self))
  }
}
