import TerminalUI
import Testing

@testable import NcursesBackend

@Suite struct ColorPairsTests {
  private typealias Pair = ColorPairs.Pair

  @Test func numbersAreHandedOutOnceAndKept() {
    var pairs = ColorPairs(limit: 4)
    #expect(pairs.number(for: Pair(foreground: -1, background: -1)) == .known(0))
    #expect(pairs.number(for: Pair(foreground: 1, background: -1)) == .new(1))
    #expect(pairs.number(for: Pair(foreground: 2, background: 3)) == .new(2))
    #expect(pairs.number(for: Pair(foreground: 1, background: -1)) == .known(1))
    #expect(pairs.number(for: Pair(foreground: 5, background: 5)) == .new(3))
    #expect(pairs.number(for: Pair(foreground: 1, background: 7)) == .exhausted(1))
    #expect(pairs.number(for: Pair(foreground: 6, background: 7)) == .exhausted(0))
    #expect(pairs.number(for: Pair(foreground: 2, background: 3)) == .known(2))
  }

  @Test func pairsAboveFifteenBitsHaveNumbers() {
    var pairs = ColorPairs(limit: .max)
    var last = ColorPairs.Lookup.known(0)
    for foreground in Int32(0)..<256 {
      for background in Int32(0)..<255 {
        last = pairs.number(for: Pair(foreground: foreground, background: background))
      }
    }
    #expect(last == .new(65_280))
  }

  @Test func noPairsWithoutColors() {
    var pairs = ColorPairs(limit: 0)
    #expect(pairs.number(for: Pair(foreground: 1, background: 2)) == .exhausted(0))
  }

  static let colors: [(Color, Int, Int32)] = [
    (.terminalDefault, 256, -1), (.indexed(200), 256, 200), (.rgb(255, 0, 0), 256, 196),
    (.indexed(3), 8, 3), (.indexed(200), 8, -1), (.indexed(12), 16, 12),
    (.rgb(1, 2, 3), 1 << 24, 0x010203), (.rgb(0, 0, 5), 1 << 24, 8),
    (.indexed(196), 1 << 24, 0xFF0000),
  ]

  @Test(arguments: colors)
  func colorNumbersNeverExceedWhatTheTerminalHas(color: Color, colors: Int, number: Int32) {
    let style = ResolvedStyle(foreground: color, background: .terminalDefault, attributes: [])
    let pair = ColorPairs.pair(of: style, colors: colors, hasDefault: true)
    #expect(pair == Pair(foreground: number, background: -1))
  }

  @Test func withoutDefaultColorsWhiteStandsOnBlack() {
    let style = ResolvedStyle(
      foreground: .terminalDefault, background: .terminalDefault, attributes: [])
    #expect(
      ColorPairs.pair(of: style, colors: 8, hasDefault: false)
        == Pair(foreground: 7, background: 0))
  }
}
