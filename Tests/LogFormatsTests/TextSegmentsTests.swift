import TestSupport
import Testing

@testable import LogFormats

/// What stands in the lines of a terminal.
struct TextSegmentsTests {
  /// Each text with how it ended: "$" a line break, "<" a redraw, "^" another line, "." the end.
  private func cut(_ text: String) -> [String] { cut(Array(text.utf8), pieces: [text.utf8.count]) }

  private func cut(_ bytes: [UInt8], pieces: [Int]) -> [String] {
    var segments = TextSegments()
    var found: [String] = []
    var start = 0
    for (number, end) in pieces.enumerated() {
      bytes[start..<end].withUnsafeBytes { piece in
        var index = 0
        let isEnd = number == pieces.count - 1
        while let end = segments.next(in: piece, from: &index, isEnd: isEnd) {
          let mark =
            switch end {
            case .lineBreak: "$"
            case .redraw: "<"
            case .otherLine: "^"
            case .end: "."
            }
          found.append(String(decoding: segments.text, as: UTF8.self) + mark)
        }
        start += index
      }
    }
    return found
  }

  @Test(arguments: [
    ("a\nb\r\nc", ["a$", "b$", "c."]),
    ("a\rb\n", ["a<", "b$"]), ("a\r\r\n", ["a<", "$"]), ("a\r", ["a<"]),
    ("abc\u{8}\u{8}x", ["abc<", "<", "x."]),
    ("\u{1b}[1m18/43\u{1b}[0m \u{1b}[32mx\u{1b}[0m\n", ["18/43 x$"]),
    ("one\u{1b}[Atwo\u{1b}[2A\n", ["one^", "two^", "$"]), ("a\u{1b}[2K\u{1b}[1Gb", ["a<", "b."]),
    ("\u{1b}]0;title\u{7}a\u{1b}]0;t\u{1b}\\b\n", ["ab$"]),
    ("\u{1b}]0;never ends\nb", ["$", "b."]), ("\u{1b}Pq\u{1b}[1ma\n", ["a$"]),
    ("\u{1b}(Ba\u{1b}7b\u{1b}\u{1b}[1mc\n", ["abc$"]), ("\u{1b}[31", ["."]),
    ("\u{1b}[3\nx", ["$", "x."]), ("a\u{1b}", ["a."]),
    ("a\u{0}b\u{7}c\u{7f}d\te", ["a b c d\te."]), ("a\u{85}b\u{9b}c\u{a0}é", ["a b c\u{a0}é."]),
  ])
  func textsAreCleaned(text: String, texts: [String]) {
    #expect(cut(text) == texts)
  }

  @Test func invalidBytesAreKeptApart() {
    #expect(cut([0xff, 0xfe, 97, 10, 0xc2, 10, 0xc2], pieces: [7]).count == 3)
  }

  @Test func longTextsLoseTheirEnd() {
    let size = TextSegments.sizeMax
    let long = [UInt8](repeating: 97, count: size + 50)
    let bytes = long + [10] + Array("b\u{8}c".utf8) + [13] + long + [8] + [27, 91, 65] + [13, 98]
    let whole = cut(bytes, pieces: [bytes.count])
    #expect(whole.map(\.utf8.count) == [size + 1, 2, 2, size + 1, 2])
    for cut in [1, size - 1, size, size + 1, size + 49, size + 50, size + 51, 2 * size + 80] {
      #expect(self.cut(bytes, pieces: [cut, bytes.count]) == whole, "\(cut)")
    }
  }

  /// Where the texts end does not depend on the pieces.
  @Test func piecesMakeNoDifference() {
    var random = SeededGenerator(seed: 11)
    let parts: [[UInt8]] =
      [
        "a", "\r", "\n", "\u{8}", "\u{1b}", "\u{1b}[", "\u{1b}[A", "\u{1b}[0m", "\u{1b}]", "\u{7}",
        "\\",
      ]
      .map { Array($0.utf8) } + [[0xc2], [0x9b], [0xe2, 0x94, 0x81], [0]]
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 1...24, using: &random)).flatMap { _ in
        parts.randomElement(using: &random) ?? []
      }
      let whole = cut(bytes, pieces: [bytes.count])
      #expect(cut(bytes, pieces: Array(1...bytes.count)) == whole, "\(bytes)")
      let middle = Int.random(in: 0...bytes.count, using: &random)
      #expect(cut(bytes, pieces: [middle, bytes.count]) == whole, "\(bytes) at \(middle)")
    }
  }
}
