/// Text from outside (tags, run names, log lines, file names) made harmless, once, where it enters.
public enum SafeText {
  /// The longest text that `cleaned` lets through unless told otherwise, in characters.
  public static let lengthMax = 4096

  /// The text without anything that could steer a terminal or mislead an eye: control characters
  /// become `\x1b`-like escapes (tab a space); bidirectional, zero-width, private-use, unassigned
  /// and lone surrogate characters become U+FFFD; more than two combining marks in a row are cut.
  /// What is longer than `maxLength` characters ends in an ellipsis.
  public static func cleaned(_ text: String, maxLength: Int = lengthMax) -> String {
    // Most text is plain and harmless as it is; it is cleaned in every frame.
    if text.utf8.count <= maxLength, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
      return text
    }
    var result = String.UnicodeScalarView()
    var length = 0
    var marks = 0
    for scalar in text.unicodeScalars {
      if isCombining(scalar) {
        marks += 1
        if marks <= combiningMarksMax && length > 0 { result.append(scalar) }
        continue
      }
      marks = 0
      let piece = replacement(for: scalar)
      let pieceLength = piece?.count ?? 1
      if length + pieceLength > maxLength {
        return shortened(result, to: maxLength)
      }
      if let piece {
        result.append(contentsOf: piece.unicodeScalars)
      } else {
        result.append(scalar)
      }
      length += pieceLength
    }
    return String(result)
  }

  /// Columns that the text takes on a screen.
  public static func displayWidth(of text: String) -> Int {
    var width = 0
    for scalar in text.unicodeScalars {
      let columns = CharacterWidth.columns(of: scalar)
      width += columns == 0 && scalar.properties.generalCategory == .control ? 1 : columns
    }
    return width
  }

  /// As much of the text as fits into `columns`, ending in the glyphs' ellipsis when it was cut.
  public static func truncated(
    _ text: String, columns: Int, glyphs: GlyphSet = .braille
  ) -> String {
    guard columns > 0 else { return "" }
    if displayWidth(of: text) <= columns { return text }
    var result = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      let width = CharacterWidth.columns(of: scalar)
      if used + width > columns - 1 { break }
      result.append(scalar)
      used += width
    }
    return String(result) + String(glyphs.ellipsis)
  }

  private static let combiningMarksMax = 2
  private static let fillers: Set<UInt32> = [0x115F, 0x1160, 0x3164, 0xFFA0]

  private static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x300 else { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return true
    default: return false
    }
  }

  /// What stands for a character that must not pass; nil when it may.
  private static func replacement(for scalar: Unicode.Scalar) -> String? {
    let value = scalar.value
    if (0x20..<0x7F).contains(value) { return nil }
    if value == 0x09 { return " " }
    if value < 0xA0 {
      let digits = String(value, radix: 16)
      return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return "\u{FFFD}"
    default:
      // Hangul and other fillers look like nothing at all.
      return fillers.contains(value) ? "\u{FFFD}" : nil
    }
  }

  private static func shortened(_ text: String.UnicodeScalarView, to length: Int) -> String {
    guard length > 0 else { return "" }
    return String(String(text).prefix(length - 1)) + "…"
  }
}
