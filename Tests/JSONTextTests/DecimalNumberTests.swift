import TestSupport
import Testing

@testable import JSONText

/// The quick conversions against the standard library's correctly rounded one.
@Suite struct DecimalNumberTests {
  private func double(_ text: String) throws -> Double? {
    try JSONReader().read(text).double
  }

  @Test func shortestDigitsOfRandomDoublesReadBackTheSame() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      #expect(try double(value.description) == value)
    }
  }

  @Test func readsAsTheStandardLibraryDoes() throws {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<20_000 {
      let digitCount = Int.random(in: 1...22, using: &generator)
      var text = generator.next() % 2 == 0 ? "-1" : "9"
      for _ in 1..<digitCount { text += String(Int.random(in: 0...9, using: &generator)) }
      let point = text.utf8.index(text.startIndex, offsetBy: digitCount)
      if point > text.startIndex, point < text.endIndex, !text[..<point].hasSuffix("-") {
        text.insert(".", at: point)
      }
      let exponent = Int.random(in: -30...30, using: &generator)
      text += "e\(exponent)"
      #expect(try double(text) == Double(text), "\(text)")
    }
  }

  /// The cases a wrong rounding gets wrong: half way between two doubles, and just beside it.
  @Test func ties() throws {
    for power in 0...19 {
      for offset in -2...2 {
        let mantissa = (1 << 53) + 1 + offset
        let text = "\(mantissa)e-\(power)"
        #expect(try double(text) == Double(text), "\(text)")
        let large = "\(UInt64(1) << 63 + 1025 + UInt64(offset + 2))e-\(power)"
        #expect(try double(large) == Double(large), "\(large)")
      }
    }
    let half = "9007199254740992.5"
    #expect(try double(half) == 0x1p53)
    #expect(try double("9007199254740993.0") == 0x1p53)
    #expect(try double("9007199254740993.001") == 0x1p53 + 2)
  }

  /// Every decimal exponent that takes the quick path really takes it.
  @Test func usualNumbersNeedNoSlowPath() {
    func number(_ digits: String, _ exponent: Int) -> DecimalNumber {
      var number = DecimalNumber(isNegative: false)
      for digit in digits.utf8 { number.append(digit: digit - 48, isFraction: false) }
      number.exponent = exponent
      return number
    }
    for exponent in -22...22 { #expect(number("9007199254740991", exponent).double != nil) }
    for exponent in -19...(-1) { #expect(number("30000000000000004", exponent).double != nil) }
    #expect(number("9007199254740991", 23).double == nil)
    #expect(number("30000000000000004", -20).double == nil)
    #expect(number("30000000000000004", 1).double == nil)
    #expect(number("12345678901234567890", 0).double == nil)
  }
}
