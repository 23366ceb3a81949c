/// Puts together the lines of a program's output from pieces, as a terminal would show them in the
/// end: what is drawn over is gone, and so are colours.
struct ConsoleLines: Sendable {
  private var line: [UInt8] = []
  private var state = State.text
  /// Whether the next byte begins the line anew.
  private var returns = false

  private enum State {
    case text, escape, control
    /// The words of a window's title and the like.
    case command
    case commandEscape
  }

  private static let lineSizeMax = 4096

  /// Takes a piece; calls `body` with each line that it ends and that is not blank.
  mutating func take(_ piece: UnsafeRawBufferPointer, _ body: (String) -> Void) {
    for byte in piece {
      switch (state, byte) {
      case (.text, 0x1b): state = .escape
      case (.text, _): takeText(byte, body)
      case (.escape, UInt8(ascii: "[")): state = .control
      case (.escape, UInt8(ascii: "]")): state = .command
      case (.control, 0x40...0x7e): state = .text
      case (.control, 0x20...0x3f), (.command, 0x20...0xff): continue
      case (.command, 0x1b): state = .commandEscape
      case (_, UInt8(ascii: "\n")):
        state = .text
        takeText(byte, body)
      default: state = .text
      }
    }
  }

  private mutating func takeText(_ byte: UInt8, _ body: (String) -> Void) {
    switch byte {
    case UInt8(ascii: "\n"):
      let text = String(decoding: line, as: UTF8.self)
      (line, returns) = ([], false)
      if !text.allSatisfy(\.isWhitespace) { body(text) }
    case UInt8(ascii: "\r"): returns = true
    case 0x08: if !line.isEmpty { line.removeLast() }
    default:
      if returns { (line, returns) = ([], false) }
      guard line.count < Self.lineSizeMax else { return }
      if byte >= 0x20 && byte != 0x7f {
        line.append(byte)
      } else if byte == UInt8(ascii: "\t") {
        line.append(UInt8(ascii: " "))
      }
    }
  }
}
