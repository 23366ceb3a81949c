import Testing

@testable import TerminalUI

@Suite struct SafeTextTests {
  static let replaced: [(String, String)] = [
    ("plain text, äöü 日本", "plain text, äöü 日本"), ("", ""),
    ("a\u{1B}[31mb", "a\\x1b[31mb"), ("bell\u{07}", "bell\\x07"), ("a\tb", "a b"),
    ("line\r\nnext", "line\\x0d\\x0anext"), ("del\u{7F}", "del\\x7f"),
    ("csi\u{9B}2J", "csi\\x9b2J"), ("nel\u{85}", "nel\\x85"),
    ("\u{202E}evil\u{202C}", "\u{FFFD}evil\u{FFFD}"), ("\u{2066}x\u{2069}", "\u{FFFD}x\u{FFFD}"),
    ("zero\u{200B}width\u{FEFF}", "zero\u{FFFD}width\u{FFFD}"), ("\u{E000}", "\u{FFFD}"),
    ("\u{F0000}", "\u{FFFD}"), ("\u{FFFF}", "\u{FFFD}"), ("\u{2028}", "\u{FFFD}"),
    ("\u{3164}", "\u{FFFD}"), ("\u{E0041}", "\u{FFFD}"),
    ("z\u{300}\u{300}\u{300}\u{300}", "z\u{300}\u{300}"), ("\u{300}a", "a"),
  ]

  @Test(arguments: replaced)
  func whatCouldSteerATerminalIsReplaced(text: String, expected: String) {
    #expect(SafeText.cleaned(text) == expected)
  }

  @Test func cleaningTwiceChangesNothing() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<200 {
      var text = ""
      for _ in 0..<20 {
        text.unicodeScalars.append(
          Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &random)) ?? "?")
      }
      let once = SafeText.cleaned(text)
      #expect(SafeText.cleaned(once) == once)
      #expect(
        once.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    }
  }

  @Test(arguments: [(0, ""), (1, "…"), (4, "abc…"), (6, "abcdef"), (7, "abcdef")])
  func lengthIsCapped(maxLength: Int, expected: String) {
    #expect(SafeText.cleaned("abcdef", maxLength: maxLength) == expected)
  }

  @Test func escapesCountAsWhatIsShown() {
    #expect(SafeText.cleaned("\u{1B}\u{1B}", maxLength: 6) == "\\x1b…")
  }

  @Test(arguments: [
    ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("🙂", 2), ("", 0), ("⣿█─", 3), ("\u{1B}", 1),
  ])
  func widths(text: String, width: Int) {
    #expect(SafeText.displayWidth(of: text) == width)
    var buffer = Buffer(rows: 1, columns: 20)
    #expect(buffer.write(text, row: 0, column: 0) == width)
  }

  @Test func truncationKeepsToTheColumns() {
    #expect(SafeText.truncated("abcdef", columns: 4) == "abc…")
    #expect(SafeText.truncated("abcdef", columns: 4, glyphs: .ascii) == "abc~")
    #expect(SafeText.truncated("日本語", columns: 4) == "日…")
    #expect(SafeText.truncated("abc", columns: 3) == "abc")
    #expect(SafeText.truncated("abc", columns: 0) == "")
    #expect(SafeText.truncated("abc", columns: -1) == "")
  }
}
