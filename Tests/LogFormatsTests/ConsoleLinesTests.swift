import Testing

@testable import LogFormats

struct ConsoleLinesTests {
  private func lines(_ text: String, pieces: Int = .max) -> [String] {
    var console = ConsoleLines()
    var lines: [String] = []
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let piece = Array(bytes.prefix(pieces))
      bytes = bytes.dropFirst(piece.count)
      piece.withUnsafeBytes { console.take($0) { lines.append($0) } }
    }
    return lines
  }

  @Test(
    arguments: [
      ("one\ntwo\n", ["one", "two"]), ("one", []), ("one\r\ntwo\r\n", ["one", "two"]),
      ("10%\r50%\r100%\n", ["100%"]), ("\rbar 0\rbar 1\rdone\n", ["done"]),
      ("\u{1b}[31mred\u{1b}[0m\n", ["red"]), ("\u{1b}]0;title\u{7}text\n", ["text"]),
      ("\u{1b}]0;title\u{1b}\\text\n", ["text"]), ("\u{1b}[?25lhidden\n", ["hidden"]),
      ("a\u{8}b\n", ["b"]), ("a\tb\u{0}c\n", ["a bc"]), (" \n\n \t\n", []),
      ("cut\u{1b}[3\nnext\n", ["cut", "next"]), ("übung\n", ["übung"]),
    ] as [(String, [String])])
  func linesAreAsATerminalShowsThem(text: String, wanted: [String]) {
    #expect(lines(text) == wanted)
    #expect(lines(text, pieces: 1) == wanted)
  }

  @Test func longLinesAreCut() {
    let text = String(repeating: "x", count: 100_000) + "\nnext\n"
    #expect(lines(text).map(\.utf8.count) == [4096, 4])
  }
}
