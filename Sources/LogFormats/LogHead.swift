/// How a log begins: what its format is told by.
struct LogHead: Sendable {
  /// The file's name without its directories; "" of a pipe.
  let name: String
  let bytes: [UInt8]
  /// Whether the log ends here, at least for now.
  let isWhole: Bool
  /// Whether somebody asked for this log, rather than for a directory in which it was found among
  /// other files.
  let isNamed: Bool

  /// Bytes looked at.
  static let sizeMax = 1 << 16

  init(name: String, bytes: [UInt8], isWhole: Bool, isNamed: Bool = true) {
    self.name = name
    self.bytes = bytes
    self.isWhole = isWhole
    self.isNamed = isNamed
  }

  /// The lines that are complete; the last one too where the log ends.
  /// - Parameter max: no more than these.
  func lines(max: Int = 8) -> [Substring] {
    let text = String(decoding: bytes, as: UTF8.self)[...]
    let body = text.unicodeScalars.first == "\u{FEFF}" ? text.dropFirst() : text
    var lines = body.split(
      maxSplits: max, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    if lines.count > max || !isWhole { lines.removeLast() }
    return lines.filter { !$0.allSatisfy(\.isWhitespace) }
  }

  func begins(with signature: [UInt8]) -> Bool {
    bytes.starts(with: signature)
  }

  /// Whether enough is there to tell the format by: two lines, or bytes that are no text.
  var isTelling: Bool {
    let binarySizeMin = 16
    return bytes.count >= Self.sizeMax || !isText && bytes.count >= binarySizeMin
      || bytes.lazy.filter { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.prefix(2).count
        == 2
  }

  /// Whether it looks like words rather than numbers of a machine: no NUL and few control bytes.
  var isText: Bool {
    guard !bytes.contains(0) else { return false }
    let strange = bytes.lazy.filter { $0 < 0x20 && !Self.textControls.contains($0) }.count
    return strange * 50 <= bytes.count
  }

  /// Tab, line feed, carriage return, backspace, bell, form feed, escape.
  private static let textControls: Set<UInt8> = [7, 8, 9, 10, 12, 13, 27]
}
