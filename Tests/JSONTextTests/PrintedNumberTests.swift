import Testing

@testable import JSONText

struct PrintedNumberTests {
  @Test(arguments: [
    ("0", 0), ("-5", -5), ("+7", 7), ("007", 7), ("9223372036854775807", Int64.max),
    ("-9223372036854775808", Int64.min), ("9007199254740993", 9_007_199_254_740_993),
  ])
  func integersAreExact(text: String, value: Int64) {
    #expect(PrintedNumber(text) == .integer(value))
  }

  /// The expected values are the compiler's own reading of the digits.
  @Test(arguments: [
    ("0.1", 0.1), (".5", 0.5), ("5.", 5.0), ("-.25", -0.25), ("1e-05", 1e-05), ("1E+3", 1000.0),
    ("1.", 1.0), ("3.4028235e38", 3.4028235e38),
    ("2.2250738585072014e-308", 2.2250738585072014e-308),
    ("0.30000000000000004", 0.30000000000000004),
    ("123456789012345678901234567890", 1.2345678901234568e29),
    ("5e-324", 5e-324), ("1e999", .infinity), ("-1e999", -.infinity), ("1e-999", 0.0),
    ("1e99999999999999999999", .infinity), ("inf", .infinity), ("-Infinity", -.infinity),
    ("+INF", .infinity),
  ])
  func numbersAreRoundedOnce(text: String, value: Double) throws {
    let number = try #require(PrintedNumber(text))
    #expect(number.double == value)
  }

  @Test(arguments: ["nan", "NaN", "-nan", "NAN"])
  func whatIsNoNumberIsOne(text: String) throws {
    #expect(try #require(PrintedNumber(text)).double.isNaN)
  }

  @Test(arguments: [
    "", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5x", "0x10", "0x1p3", "1,234", "--5", "+-5",
    "1.2.3",
    " 1", "1 ", "1_000", "12%", "infinit", "nano", "1e1.5", "٣", "1d5",
  ])
  func otherTextsAreNone(text: String) {
    #expect(PrintedNumber(text) == nil)
  }

  @Test func aDecimalCommaIsReadWhereItIsAskedFor() {
    let comma = UInt8(ascii: ",")
    #expect(PrintedNumber("0,5", decimalMark: comma) == .number(0.5))
    #expect(PrintedNumber("-1,25e2", decimalMark: comma) == .number(-125))
    #expect(
      PrintedNumber("0,30000000000000004000001", decimalMark: comma) == .number(0.30000000000000004)
    )
    #expect(PrintedNumber("0.5", decimalMark: comma) == nil)
  }

  @Test func longTextsAreBounded() {
    #expect(PrintedNumber(String(repeating: "9", count: 1024))?.double == .infinity)
    #expect(PrintedNumber(String(repeating: "9", count: 1025)) == nil)
  }

  @Test(arguments: [(12.0, 12), (1e300, nil), (0.5, nil), (-0.0, 0)] as [(Double, Int64?)])
  func onlyWholeNumbersAreIntegers(value: Double, integer: Int64?) {
    #expect(PrintedNumber.number(value).integer == integer)
  }

  @Test func valuesOfJSONAreNumbersAlsoAsStrings() throws {
    let reader = JSONReader(options: .record)
    #expect(PrintedNumber(try reader.read("5")) == .integer(5))
    #expect(PrintedNumber(try reader.read("\"5.5\"")) == .number(5.5))
    for text in ["true", "null", "[1]", "{}", "\"x\""] {
      #expect(PrintedNumber(try reader.read(text)) == nil)
    }
  }

  /// Against the standard library, bit for bit.
  @Test func printedDoublesReadBack() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      let number = try #require(PrintedNumber("\(value)"))
      #expect(number.double.bitPattern == value.bitPattern, "\(value)")
    }
  }
}
