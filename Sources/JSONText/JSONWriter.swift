/// Appends values to bytes; behind `JSON.write(to:pretty:nonFinite:)`.
struct JSONWriter {
  private(set) var bytes: [UInt8]
  let isPretty: Bool
  let nonFinite: JSON.NonFiniteStyle
  private var depth = 0

  init(bytes: [UInt8], isPretty: Bool, nonFinite: JSON.NonFiniteStyle) {
    self.bytes = bytes
    self.isPretty = isPretty
    self.nonFinite = nonFinite
  }

  mutating func write(_ value: JSON) {
    switch value {
    case .null: append("null")
    case .boolean(let value): append(value ? "true" : "false")
    case .integer(let value): append(value.description)
    case .number(let value): write(value)
    case .string(let value): write(value)
    case .array(let values):
      writeList("[", values, "]") { writer, value in writer.write(value) }
    case .object(let members):
      writeList("{", members, "}") { writer, member in
        writer.write(member.name)
        writer.append(writer.isPretty ? ": " : ":")
        writer.write(member.value)
      }
    }
  }

  private mutating func writeList<Element>(
    _ opening: String, _ elements: [Element], _ closing: String,
    _ writeElement: (inout JSONWriter, Element) -> Void
  ) {
    append(opening)
    depth += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { append(",") }
      startLine()
      writeElement(&self, element)
    }
    depth -= 1
    if !elements.isEmpty { startLine() }
    append(closing)
  }

  private mutating func startLine() {
    guard isPretty else { return }
    append("\n")
    for _ in 0..<depth { append("  ") }
  }

  private mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  /// The shortest digits that read back as the same double; integers below 1e15 without ".0".
  private mutating func write(_ value: Double) {
    guard value.isFinite else {
      switch nonFinite {
      case .null: append("null")
      case .token: append(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
      }
      return
    }
    if value.magnitude < 1e15, let integer = Int64(exactly: value) {
      append(integer == 0 && value.sign == .minus ? "-0" : integer.description)
    } else {
      append(value.description)
    }
  }

  /// Quotes, backslashes and control characters are escaped, and U+2028 and U+2029, which end a
  /// line in JavaScript.
  private mutating func write(_ text: String) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      var runStart = 0
      var index = 0
      while index < utf8.count {
        let byte = utf8[index]
        let isLineSeparator =
          byte == 0xE2 && utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8
        let length = isLineSeparator ? 3 : 1
        if isLineSeparator || byte < 0x20 || byte == 0x22 || byte == 0x5C {
          bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[runStart..<index]))
          appendEscape(for: isLineSeparator ? 0x2028 | UInt16(utf8[index + 2] & 1) : UInt16(byte))
          runStart = index + length
        }
        index += length
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[runStart...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendEscape(for unit: UInt16) {
    switch unit {
    case 0x22: append("\\\"")
    case 0x5C: append("\\\\")
    case 0x0A: append("\\n")
    case 0x0D: append("\\r")
    case 0x09: append("\\t")
    case 0x08: append("\\b")
    case 0x0C: append("\\f")
    default: append("\\u" + JSONScanner.hexadecimal(UInt32(unit), digits: 4).lowercased())
    }
  }
}
