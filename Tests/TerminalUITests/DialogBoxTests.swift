import Testing

@testable import TerminalUI

@Suite struct DialogBoxTests {
  private let dialog = DialogBox(
    title: "learning rate", body: ["old  0.001", "new  0.0005"],
    input: .init(label: "rate", field: TextField("x0.5")), footer: "Enter apply  Esc cancel",
    minimumColumns: 24)

  @Test func aDialogInTheMiddle() {
    let lines = drawn(rows: 10, columns: 40) {
      $0.fill($0.bounds, with: ".", style: .dim)
      dialog.draw(into: &$0, area: $0.bounds, glyphs: .braille)
    }
    #expect(
      lines == [
        "........................................",
        "......╭─ learning rate ──────────╮......",
        "......│ old  0.001               │......",
        "......│ new  0.0005              │......",
        "......│                          │......",
        "......│ rate x0.5                │......",
        "......│                          │......",
        "......│ Enter apply  Esc cancel  │......",
        "......╰──────────────────────────╯......",
        "........................................",
      ])
  }

  @Test func theSameInAscii() {
    let lines = drawn(rows: 8, columns: 30) {
      dialog.draw(into: &$0, area: $0.bounds, glyphs: .ascii)
    }
    #expect(
      lines == [
        " +- learning rate ----------+",
        " | old  0.001               |",
        " | new  0.0005              |",
        " |                          |",
        " | rate x0.5                |",
        " |                          |",
        " | Enter apply  Esc cancel  |",
        " +--------------------------+",
      ])
  }

  @Test func longBodiesScroll() {
    let long = DialogBox(
      title: "help", body: (1...20).map { StyledText("line \($0)") }, firstLine: 4)
    #expect(long.visibleLines(in: area(rows: 6, columns: 50)) == 4)
    let lines = drawn(rows: 6, columns: 40) {
      long.draw(into: &$0, area: $0.bounds, glyphs: .braille)
    }
    #expect(
      lines == [
        "   ╭─ help ─────────────────────────╮",
        "   │ line 5                         │",
        "   │ line 6                         │",
        "   │ line 7                         │",
        "   │ line 8                         │",
        "   ╰──────────────────── 5-8 of 20 ─╯",
      ])
  }

  @Test func theCursorIsReversed() {
    var buffer = Buffer(rows: 8, columns: 30)
    dialog.draw(into: &buffer, area: buffer.bounds, glyphs: .braille)
    let reversed = (0..<8).flatMap { row in
      (0..<30).filter { buffer[row, $0].style.attributes.contains(.reverse) }.map { (row, $0) }
    }
    #expect(reversed.count == 1)
    #expect(reversed.first?.0 == 4)
  }

  @Test func panelsReturnTheirInside() {
    var buffer = Buffer(rows: 4, columns: 20)
    let panel = Panel(title: "layers", note: "1/3")
    let inside = panel.draw(into: &buffer, rect: buffer.bounds, glyphs: .braille)
    #expect(inside == Rect(row: 1, column: 1, rows: 2, columns: 18))
    #expect(
      buffer.textLines() == [
        "╭─ layers ─────────╮",
        "│                  │",
        "│                  │",
        "╰──────────── 1/3 ─╯",
      ])
    #expect(panel.draw(into: &buffer, rect: area(rows: 1, columns: 5), glyphs: .ascii).isEmpty)
  }
}
