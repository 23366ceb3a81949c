import TerminalUI

/// Text in lines that are no wider than a place, broken at spaces where there are any.
enum WrappedText {
  private static let linesMax = 500

  /// - Parameter text: as it came from outside, with line breaks; it is cleaned here.
  static func lines(_ text: String, columns: Int) -> [String] {
    guard columns > 0 else { return [] }
    var result: [String] = []
    for line in text.split(
      maxSplits: linesMax, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    {
      broken(SafeText.cleaned(String(line)), columns, into: &result)
      if result.count >= linesMax { return Array(result.prefix(linesMax)) }
    }
    return result
  }

  private static func broken(_ line: String, _ columns: Int, into result: inout [String]) {
    var start = line.startIndex
    var index = start
    /// Behind the last space, with the columns up to there.
    var rest: (index: String.Index, width: Int)?
    var width = 0
    while index < line.endIndex {
      let character = line[index]
      let own = SafeText.displayWidth(of: String(character))
      let next = line.index(after: index)
      if character == " " {
        rest = (next, width + own)
      } else if width + own > columns, index > start {
        let end = rest?.index ?? index
        result.append(trimmed(line[start..<end]))
        width -= rest?.width ?? width
        (start, rest) = (end, nil)
      }
      width += own
      index = next
    }
    result.append(trimmed(line[start...]))
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
