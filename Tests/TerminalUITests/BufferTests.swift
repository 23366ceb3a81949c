import Testing

@testable import TerminalUI

@Suite struct BufferTests {
  @Test func aStyleTakesThreeBytesAndACellEight() {
    #expect(MemoryLayout<Style>.size == 3)
    #expect(MemoryLayout<Cell>.stride == 8)
  }

  @Test func writingClipsAtEveryEdge() {
    var buffer = Buffer(rows: 2, columns: 5)
    #expect(buffer.write("hello world", row: 0, column: 2) == 3)
    #expect(buffer.write("abc", row: 1, column: -1) == 3)
    #expect(buffer.write("xy", row: 2, column: 0) == 0)
    #expect(buffer.write("xy", row: -1, column: 0) == 0)
    #expect(buffer.write("xy", row: 0, column: .max) == 0)
    #expect(buffer.write("xy", row: 0, column: .min) == 0)
    #expect(buffer.write("xyz", row: 1, column: 3, maxColumns: 1) == 1)
    #expect(buffer.textLines() == ["  hel", "bc x"])
  }

  @Test func wideCharactersAreNeverSplit() {
    var buffer = Buffer(rows: 1, columns: 5)
    #expect(buffer.write("日本語", row: 0, column: 0) == 4)
    #expect(buffer.textLines() == ["日本"])
    #expect(buffer[0, 0].width == 2 && buffer[0, 1].width == 0)
    buffer.write("x", row: 0, column: 1)
    #expect(buffer.textLines() == [" x本"])
    buffer.write("y", row: 0, column: 2)
    #expect(buffer.textLines() == [" xy"])
    buffer.write("本", row: 0, column: 0)
    buffer.write("語", row: 0, column: 1)
    #expect(buffer.textLines() == [" 語"])
    #expect(buffer.write("語", row: 0, column: 4) == 0)
  }

  @Test func combiningMarksAndControlsDoNoHarm() {
    var buffer = Buffer(rows: 1, columns: 12)
    #expect(buffer.write("e\u{301}\u{301}x\u{200B}y", row: 0, column: 0) == 3)
    #expect(buffer.write("a\u{1B}[2Jb", row: 0, column: 4) == 6)
    #expect(buffer.textLines() == ["exy a\u{FFFD}[2Jb"])
  }

  @Test func rolesOfCharactersAndOfBackgrounds() {
    var buffer = Buffer(rows: 1, columns: 6)
    buffer.write("ab", row: 0, column: 0, style: Style(.statusBad))
    buffer.fill(Rect(row: 0, column: 3, rows: 1, columns: 2), style: Style(.text).on(.selection))
    #expect(buffer.roleLines() == ["xx_SS_"])
  }

  @Test func restylingKeepsCharacters() {
    var buffer = Buffer(rows: 1, columns: 3)
    buffer.write("abc", row: 0, column: 0, style: Style(.dim))
    buffer.restyle(Rect(row: 0, column: 1, rows: 9, columns: 1)) { $0.on(.selection).adding(.bold) }
    #expect(buffer.textLines() == ["abc"])
    #expect(
      buffer[0, 1].style == Style(foreground: .dim, background: .selection, attributes: .bold))
    #expect(buffer[0, 2].style == Style(.dim))
  }

  @Test func styledTextIsCutAtTheColumnsItMayHave() {
    var buffer = Buffer(rows: 1, columns: 10)
    let text = StyledText([.init("key", Style(.hotKey)), .init(" action", Style(.dim))])
    #expect(buffer.write(text, row: 0, column: 1, maxColumns: 6) == 6)
    #expect(buffer.textLines() == [" key ac"])
    #expect(buffer.roleLines() == ["_kkk_dd___"])
  }

  @Test func buffersOfNothingAreHarmless() {
    var buffer = Buffer(rows: 0, columns: 0)
    buffer.write("x", row: 0, column: 0)
    buffer.fill(Rect(row: 0, column: 0, rows: 5, columns: 5), style: .text)
    #expect(buffer.textLines().isEmpty)
    #expect(buffer[3, 3] == .blank)
    #expect(Buffer(rows: 3, columns: 0).textLines() == ["", "", ""])
  }

  @Test func equalityIsAboutCharactersAndStyles() {
    var one = Buffer(rows: 2, columns: 2)
    var two = one
    two.write("a", row: 0, column: 0)
    #expect(one != two)
    one.write("a", row: 0, column: 0, style: .dim)
    #expect(one != two)
    one.write("a", row: 0, column: 0)
    #expect(one == two)
  }

  @Test func drawingABufferIntoAnotherClips() {
    var inner = Buffer(rows: 2, columns: 3)
    inner.write("abc", row: 0, column: 0)
    inner.write("d日", row: 1, column: 0)
    let lines = drawn(rows: 2, columns: 4) { $0.draw(inner, row: 0, column: 2) }
    #expect(lines == ["  ab", "  d"])
  }
}
