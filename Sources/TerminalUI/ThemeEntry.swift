/// One line of a theme file.
struct ThemeEntry {
  /// The line, from 1.
  let line: Int
  /// What stands between the quotes.
  let value: String

  /// What a value can be as a colour.
  enum Reading: Equatable {
    case color(Color)
    case empty
    case wrong
  }

  /// Without spaces, carriage returns and a byte order mark at the ends.
  static func trimmed(_ text: String) -> String {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool {
      [" ", "\t", "\r", "\u{FEFF}"].contains(scalar)
    }
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
    while let last = scalars.last, isBlank(last) { scalars.removeLast() }
    return String(scalars)
  }

  /// Key and value of `theme[key]="value"`; nil when it is not such a line.
  static func parse(_ line: String) -> (key: String, value: String)? {
    let prefix = "theme["
    guard line.hasPrefix(prefix), let close = line.firstIndex(of: "]") else { return nil }
    let key = trimmed(String(line[line.index(line.startIndex, offsetBy: prefix.count)..<close]))
    let rest = trimmed(String(line[line.index(after: close)...]))
    guard !key.isEmpty, rest.hasPrefix("=") else { return nil }
    let value = trimmed(String(rest.dropFirst()))
    if let quote = value.first, quote == "\"" || quote == "'" {
      let inside = value.dropFirst()
      guard let end = inside.firstIndex(of: quote) else { return nil }
      return (key, trimmed(String(inside[..<end])))
    }
    return (key, trimmed(withoutComment(value)))
  }

  /// Without quotes a colour may begin with the sign that begins a comment.
  private static func withoutComment(_ value: String) -> String {
    var previous: Character = "x"
    for index in value.indices {
      if value[index] == "#" && (previous == " " || previous == "\t") {
        return String(value[..<index])
      }
      previous = value[index]
    }
    return value
  }

  /// The value as a colour.
  var reading: Reading {
    if value.isEmpty { return .empty }
    if value == "default" { return .color(.terminalDefault) }
    if value.hasPrefix("#") { return Self.hexadecimal(value.dropFirst()) }
    for (prefix, largest) in [("ansi:", 15), ("index:", 255)] where value.hasPrefix(prefix) {
      guard let index = Self.number(value.dropFirst(prefix.count), max: largest) else {
        return .wrong
      }
      return .color(.indexed(index))
    }
    let parts = value.split { $0 == " " || $0 == "\t" }.map { Self.number($0, max: 255) }
    guard parts.count == 3, let red = parts[0], let green = parts[1], let blue = parts[2] else {
      return .wrong
    }
    return .color(.rgb(red, green, blue))
  }

  private static func hexadecimal(_ digits: Substring) -> Reading {
    guard digits.utf8.count == 6 || digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
      let number = UInt32(digits, radix: 16)
    else { return .wrong }
    let grey = UInt8(truncatingIfNeeded: number)
    if digits.utf8.count == 2 { return .color(.rgb(grey, grey, grey)) }
    return .color(
      .rgb(UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8), grey))
  }

  private static func number(_ text: Substring, max: Int) -> UInt8? {
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = UInt8(text), number <= max
    else { return nil }
    return number
  }
}
