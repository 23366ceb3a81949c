import Testing

@testable import TerminalUI

@Suite struct NumberTextTests {
  static let significant: [(Double, String)] = [
    (0, "0"), (-0.0, "0"), (1, "1"), (0.5, "0.5"), (0.012341, "0.01234"), (1.2e-5, "1.2e-05"),
    (12345, "12 345"), (12345.678, "12 346"), (0.99996, "1"), (99.996, "100"), (-2.5, "-2.5"),
    (123_456_789, "123 456 789"), (1.5e9, "1.5e+09"), (2e22, "2e+22"), (1e-300, "1e-300"),
    (0.0001, "0.0001"), (3.14159, "3.142"), (.nan, "NaN"), (.infinity, "Inf"),
    (-.infinity, "-Inf"), (5e-324, "5e-324"), (.greatestFiniteMagnitude, "1.798e+308"),
    (999_999_999.9, "1e+09"), (1234.5, "1 235"),
  ]

  @Test(arguments: significant)
  func significantDigits(value: Double, text: String) {
    #expect(NumberText.significant(value) == text)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1240, "1 240"), (-1240, "-1 240"), (1_234_567, "1 234 567"),
    (Int.min, "-9 223 372 036 854 775 808"),
  ])
  func grouping(value: Int, text: String) {
    #expect(NumberText.grouped(value) == text)
  }

  @Test(arguments: [
    (0.0, 2, "0.00"), (1.005, 2, "1.01"), (-0.001, 2, "0.00"), (12345.6, 1, "12 345.6"),
    (9.999, 2, "10.00"), (0.5, 0, "1"), (0.4, 0, "0"), (0.05, 1, "0.1"), (100, 0, "100"),
  ])
  func fixedDecimals(value: Double, decimals: Int, text: String) {
    #expect(NumberText.fixed(value, decimals: decimals) == text)
  }

  @Test func percentages() {
    #expect(NumberText.percent(0.8125) == "81.3%")
    #expect(NumberText.percent(1) == "100.0%")
    #expect(NumberText.percent(.nan) == "NaN%")
    #expect(NumberText.percent(0.5, decimals: 0) == "50%")
  }

  @Test(arguments: [
    (0.0, "0s"), (0.00025, "250us"), (0.0123, "12.3ms"), (0.9999, "1.0s"), (5.25, "5.3s"),
    (12, "12s"), (59.7, "1m 00s"), (192, "3m 12s"), (3840, "1h 04m"), (277_200, "3d 05h"),
    (-90, "-1m 30s"), (.infinity, "Inf"), (1e15, "1.157e+10d"),
  ])
  func durations(seconds: Double, text: String) {
    #expect(NumberText.duration(seconds) == text)
  }

  @Test func unitsOfSize() {
    #expect(NumberText.bytes(512) == "512 B")
    #expect(NumberText.bytes(1_267_000) == "1.21 MiB")
    #expect(NumberText.compact(12_345) == "12.3k")
    #expect(NumberText.compact(999.9) == "1k")
    #expect(NumberText.compact(-4_560_000) == "-4.56M")
    #expect(NumberText.compact(0.25) == "0.25")
    #expect(NumberText.rate(1240) == "1 240/s")
    #expect(NumberText.rate(12_345, unit: "samples") == "12.3k samples/s")
    #expect(NumberText.rate(0.53) == "0.53/s")
  }

  @Test(arguments: [
    (0.1, 0.05, 7, "0.10"), (2, 1, 7, "2"), (0.0006, 0.0002, 7, "0.0006"),
    (0.00001, 0.00001, 7, "0.00001"), (0.00001, 0.00001, 5, "1e-5"), (120_000, 20_000, 7, "120k"),
    (1e-17, 0.1, 7, "0"), (10_000, 5000, 7, "10 000"), (1e9, 1e8, 7, "1G"), (1e30, 1e29, 7, "1e30"),
    (-0.5, 0.5, 4, "-0.5"), (.nan, 1, 5, "NaN"),
  ])
  func axisLabels(value: Double, step: Double, columns: Int, text: String) {
    #expect(NumberText.axis(value, step: step, columns: columns) == text)
  }

  @Test func axisLabelsAreNarrowForAnyNumber() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<3000 {
      let value = Double(bitPattern: random.next())
      #expect(NumberText.narrow(value, columns: 7).count <= 7, "\(value)")
      #expect(!NumberText.significant(value).isEmpty)
      #expect(!NumberText.duration(value).isEmpty)
      #expect(!NumberText.bytes(value).isEmpty)
    }
  }

  /// The plain twin: parse what was written and compare.
  @Test func significantDigitsAreNearTheNumber() {
    var random = SeededRandom(seed: 6)
    for _ in 0..<3000 {
      let exponent = Int.random(in: -12...12, using: &random)
      let value = Double.random(in: -10...10, using: &random) * AxisScale.powerOfTen(exponent)
      let text = NumberText.significant(value, digits: 5).filter { $0 != " " }
      let back = Double(text) ?? .nan
      #expect(abs(back - value) <= abs(value) * 0.5001e-4, "\(value) \(text)")
    }
  }
}
