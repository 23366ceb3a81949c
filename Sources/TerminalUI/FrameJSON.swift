/// A buffer as JSON, for tests and tools that look at a frame without a terminal.
///
/// `{"schema": 1, "columns": …, "rows": …, "lines": […], "roles": […]}`: `lines` are the
/// characters of each row without trailing spaces, `roles` one letter a cell (`Role.letter`), of
/// the character or, where there is none, of the background.
public struct FrameJSON: Sendable {
  private let buffer: Buffer

  /// The JSON of this buffer.
  public init(_ buffer: Buffer) { self.buffer = buffer }

  /// One line a row, so that two frames can be compared by eye; ends in a newline.
  public var text: String {
    """
    {
      "schema": 1,
      "columns": \(buffer.columns),
      "rows": \(buffer.rows),
      "lines": \(Self.array(buffer.textLines())),
      "roles": \(Self.array(buffer.roleLines()))
    }

    """
  }

  private static func array(_ lines: [String]) -> String {
    if lines.isEmpty { return "[]" }
    return "[\n" + lines.map { "    " + quoted($0) }.joined(separator: ",\n") + "\n  ]"
  }

  /// A JSON string.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
