import Testing

@testable import TerminalUI

@Suite struct DotCanvasTests {
  private func lines(
    _ glyphs: GlyphSet, rows: Int, columns: Int, _ draw: (inout DotCanvas) -> Void
  ) -> [String] {
    var canvas = DotCanvas(rows: rows, columns: columns, glyphs: glyphs)
    draw(&canvas)
    return drawn(rows: rows, columns: columns) { canvas.render(into: &$0, row: 0, column: 0) }
  }

  @Test func dotsOfEachGlyphSet() {
    #expect(DotCanvas(rows: 3, columns: 5, glyphs: .braille).dotColumns == 10)
    #expect(DotCanvas(rows: 3, columns: 5, glyphs: .braille).dotRows == 12)
    #expect(DotCanvas(rows: 3, columns: 5, glyphs: .ascii).dotColumns == 5)
    #expect(DotCanvas(rows: 3, columns: 5, glyphs: .block).dotRows == 6)
  }

  @Test func everyBrailleDotHasItsPlace() {
    let expected = ["⠁⠈", "⠂⠐", "⠄⠠", "⡀⢀"]
    for y in 0..<4 {
      let line = lines(.braille, rows: 1, columns: 2) {
        $0.set(x: 0, y: y, role: .series1)
        $0.set(x: 3, y: y, role: .series1)
      }
      #expect(line == [expected[y]])
    }
  }

  @Test func diagonals() {
    func diagonal(_ canvas: inout DotCanvas) {
      canvas.line(
        from: (0, canvas.dotRows - 1), to: (canvas.dotColumns - 1, 0), role: .series1)
    }
    #expect(lines(.braille, rows: 2, columns: 4, diagonal) == ["  ⡠⠊", "⡠⠊"])
    #expect(lines(.block, rows: 2, columns: 4, diagonal) == ["  ▄▀", "▄▀"])
    #expect(lines(.ascii, rows: 2, columns: 4, diagonal) == ["  .'", ".'"])
  }

  @Test func verticalRunsInAscii() {
    #expect(
      lines(.ascii, rows: 3, columns: 1) { $0.line(from: (0, 1), to: (0, 4), role: .text) }
        == [".", "|", "'"])
    #expect(
      lines(.ascii, rows: 1, columns: 1) { $0.line(from: (0, 0), to: (0, 1), role: .text) }
        == [":"])
  }

  @Test func theLastStyleInACellWinsAndCoversFaintDots() {
    var canvas = DotCanvas(rows: 1, columns: 1, glyphs: .braille)
    canvas.set(x: 0, y: 0, style: Style(.series1, .faint))
    canvas.set(x: 1, y: 3, role: .series2)
    var buffer = Buffer(rows: 1, columns: 1)
    canvas.render(into: &buffer, row: 0, column: 0)
    #expect(buffer.textLines() == ["⢀"] && buffer.roleLines() == ["2"])
    canvas.set(x: 0, y: 0, role: .series3)
    canvas.render(into: &buffer, row: 0, column: 0)
    #expect(buffer.textLines() == ["⢁"] && buffer.roleLines() == ["3"])
  }

  @Test func outsideIsHarmless() {
    let result = lines(.braille, rows: 1, columns: 1) {
      $0.set(x: -1, y: 0, role: .text)
      $0.set(x: 0, y: 99, role: .text)
      $0.line(from: (.min, .min), to: (.max, .max), role: .text)
    }
    #expect(result.count == 1)
    #expect(lines(.braille, rows: 0, columns: 0) { $0.set(x: 0, y: 0, role: .text) } == [])
  }

  @Test func emptyCellsLeaveWhatIsUnderThem() {
    let canvas = DotCanvas(rows: 1, columns: 3, glyphs: .braille)
    let result = drawn(rows: 1, columns: 3) {
      $0.write("abc", row: 0, column: 0)
      canvas.render(into: &$0, at: area(rows: 1, columns: 3))
    }
    #expect(result == ["abc"])
  }
}
