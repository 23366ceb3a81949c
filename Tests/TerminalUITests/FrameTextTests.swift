import Testing

@testable import TerminalUI

@Suite struct FrameTextTests {
  private func sample() -> Buffer {
    var buffer = Buffer(rows: 2, columns: 8)
    buffer.write("ab", row: 0, column: 1, style: Style(.statusBad, .bold))
    buffer.write("日", row: 1, column: 0)
    buffer.write("z", row: 1, column: 4, style: Style(.dim).on(.selection))
    return buffer
  }

  @Test func plainText() {
    #expect(FrameText(sample()).text == " ab\n日  z\n")
    #expect(FrameText(Buffer(rows: 0, columns: 0)).text == "")
  }

  @Test func ansiIn256Colors() {
    let text = FrameText(sample()).ansi(theme: .standard)
    #expect(
      text == " \u{1B}[0;1;38;5;203mab\u{1B}[0m\n"
        + "日  \u{1B}[0;38;5;252;48;5;24mz\u{1B}[0m\n")
  }

  @Test func ansiInSixteenColorsAndWithout() {
    let poor = FrameText(sample()).ansi(theme: .standard, depth: .ansi16)
    #expect(poor.hasPrefix(" \u{1B}[0;1;91mab\u{1B}[0m\n"))
    let none = FrameText(sample()).ansi(theme: .monochrome)
    #expect(none.hasPrefix(" \u{1B}[0;1;4mab\u{1B}[0m\n"))
  }

  @Test func ansiIn24Bits() {
    var buffer = Buffer(rows: 1, columns: 1)
    buffer.write("x", row: 0, column: 0, style: Style(.text))
    let theme = Theme(name: "t", colors: [.text: .rgb(1, 2, 3), .background: .rgb(250, 251, 252)])
    #expect(
      FrameText(buffer).ansi(theme: theme, depth: .direct)
        == "\u{1B}[0;38;2;1;2;3;48;2;250;251;252mx\u{1B}[0m\n")
  }

  @Test func withoutEscapesTheAnsiTextIsThePlainText() {
    var random = SeededRandom(seed: 3)
    for _ in 0..<50 {
      var buffer = Buffer(rows: 4, columns: 20)
      for _ in 0..<10 {
        buffer.write(
          "word", row: Int.random(in: 0..<4, using: &random),
          column: Int.random(in: -2..<22, using: &random),
          style: Style(Role.allCases.randomElement(using: &random) ?? .text))
      }
      var stripped = ""
      var isEscape = false
      for character in FrameText(buffer).ansi(theme: .standard) {
        if character == "\u{1B}" { isEscape = true }
        if !isEscape { stripped.append(character) }
        if isEscape && character == "m" { isEscape = false }
      }
      #expect(stripped == FrameText(buffer).text)
    }
  }
}
