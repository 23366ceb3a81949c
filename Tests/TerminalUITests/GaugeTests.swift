import Testing

@testable import TerminalUI

@Suite struct GaugeTests {
  private func bar(_ fraction: Double, _ width: Int, _ glyphs: GlyphSet) -> String {
    drawn(rows: 1, columns: max(width, 1)) {
      Gauge(fraction: fraction).draw(into: &$0, row: 0, column: 0, width: width, glyphs: glyphs)
    }[0]
  }

  static let bars: [(Double, Int, GlyphSet, String)] = [
    (0, 4, .braille, "░░░░"), (1, 4, .braille, "████"), (0.5, 4, .braille, "██░░"),
    (0.53125, 4, .braille, "██▏░"), (0.999, 4, .braille, "███▉"), (0.0001, 4, .braille, "▏░░░"),
    (0.625, 4, .block, "██▌░"), (0.5, 8, .ascii, "[###...]"), (0, 6, .ascii, "[....]"),
    (1, 6, .ascii, "[####]"), (0.5, 3, .ascii, "##."), (.nan, 3, .braille, "░░░"),
    (.infinity, 3, .braille, "███"), (-1, 3, .braille, "░░░"), (0.5, 0, .braille, ""),
    (0.5, -3, .ascii, ""),
  ]

  @Test(arguments: bars)
  func barsOfEveryKind(fraction: Double, width: Int, glyphs: GlyphSet, expected: String) {
    #expect(bar(fraction, width, glyphs) == expected)
  }

  @Test func sparklines() {
    let values: [Double?] = [0, 1, nil, 3, .nan, 5, 7]
    func line(_ glyphs: GlyphSet, width: Int = 7) -> String {
      drawn(rows: 1, columns: 10) {
        Sparkline(values: values).draw(into: &$0, row: 0, column: 0, width: width, glyphs: glyphs)
      }[0]
    }
    #expect(line(.braille) == "▁▂ ▄ ▆█")
    #expect(line(.ascii) == "__ - *#")
    #expect(line(.braille, width: 2) == "▁█")
    #expect(line(.braille, width: -1) == "")
  }
}
