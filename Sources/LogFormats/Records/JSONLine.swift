/// A line that holds JSON, without blanks, byte order mark, and what stands before the object.
struct JSONLine {
  /// From the first brace on; the whole line where it has none.
  let bytes: UnsafeRawBufferPointer
  /// Whether other text stands before the object.
  let isPrefixed: Bool
  /// Whether that text is divided by bars, as in "2020-05-01 12:00:00 | INFO | train | {…}".
  let hasColumns: Bool

  init(_ line: UnsafeRawBufferPointer) {
    var start = line.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var end = line.count
    while start < end, Self.isBlank(line[start]) { start += 1 }
    while start < end, Self.isBlank(line[end - 1]) { end -= 1 }
    let text = UnsafeRawBufferPointer(rebasing: line[start..<end])
    guard text.last == UInt8(ascii: "}"), let brace = text.firstIndex(of: UInt8(ascii: "{")),
      brace > 0
    else {
      (bytes, isPrefixed, hasColumns) = (text, false, false)
      return
    }
    bytes = UnsafeRawBufferPointer(rebasing: text[brace...])
    isPrefixed = true
    hasColumns = text[..<brace].contains(UInt8(ascii: "|"))
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
