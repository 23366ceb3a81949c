/// The characters that a terminal can draw.
public enum GlyphSet: String, CaseIterable, Hashable, Sendable {
  /// Everything: braille dots, box lines, eighth blocks.
  case braille
  /// The old PC character set of console fonts: box lines, half blocks, no braille.
  case block
  /// Seven bits.
  case ascii

  /// A horizontal rule.
  public var horizontalLine: Character { self == .ascii ? "-" : "─" }
  /// A horizontal rule that stands out, for what has the focus.
  public var horizontalLineFocused: Character { self == .ascii ? "=" : "═" }
  /// A vertical rule.
  public var verticalLine: Character { self == .ascii ? "|" : "│" }
  /// The corner of a box.
  public var topLeft: Character { pick("╭", "┌", "+") }
  /// The corner of a box.
  public var topRight: Character { pick("╮", "┐", "+") }
  /// The corner of a box.
  public var bottomLeft: Character { pick("╰", "└", "+") }
  /// The corner of a box.
  public var bottomRight: Character { pick("╯", "┘", "+") }
  /// A vertical rule that stands out, for what has the focus.
  public var verticalLineFocused: Character { self == .ascii ? "|" : "║" }
  /// The corners of a box that has the focus: top left, top right, bottom left, bottom right.
  public var cornersFocused: [Character] {
    self == .ascii ? ["+", "+", "+", "+"] : ["╔", "╗", "╚", "╝"]
  }
  /// The corners of a box: top left, top right, bottom left, bottom right.
  public var corners: [Character] { [topLeft, topRight, bottomLeft, bottomRight] }
  /// Where a label's tick meets a vertical axis from the left.
  public var tickLeft: Character { pick("┤", "┤", "+") }
  /// Where a label's tick meets a horizontal axis from below.
  public var tickDown: Character { pick("┬", "┬", "+") }
  /// Where the two axes meet.
  public var axisCorner: Character { pick("└", "└", "+") }
  /// A line behind a chart.
  public var gridLine: Character { pick("┈", "·", " ") }
  /// A vertical line at an event.
  public var markLine: Character { pick("┊", "│", ":") }
  /// A vertical line at the cursor.
  public var cursorLine: Character { self == .ascii ? "|" : "│" }
  /// A state that holds.
  public var bullet: Character { pick("●", "•", "*") }
  /// A state that does not hold.
  public var hollowBullet: Character { pick("○", "○", "o") }
  /// One cell of a full bar.
  public var barFull: Character { self == .ascii ? "#" : "█" }
  /// One cell of an empty bar.
  public var barEmpty: Character { pick("░", "░", ".") }
  /// Where text was cut.
  public var ellipsis: Character { pick("…", "~", "~") }
  /// Between parts of a line.
  public var separator: Character { pick("·", "·", "|") }
  /// The chosen row.
  public var pointer: Character { pick("▸", "►", ">") }
  /// More above, or beyond the top.
  public var arrowUp: Character { pick("▲", "▲", "^") }
  /// More below, or beyond the bottom.
  public var arrowDown: Character { pick("▼", "▼", "v") }
  /// From one value to the next.
  public var arrowRight: Character { pick("→", "→", ">") }
  /// Back to a value.
  public var arrowLeft: Character { pick("←", "←", "<") }
  /// Done.
  public var check: Character { pick("✓", "√", "+") }
  /// Failed.
  public var cross: Character { pick("✗", "x", "x") }
  /// A value that is not a number.
  public var nonFinite: Character { pick("×", "!", "!") }
  /// Paused.
  public var pause: Character { pick("‖", "=", "=") }
  /// Running.
  public var play: Character { pick("▶", "►", ">") }
  /// The thumb of a scroll bar.
  public var scrollThumb: Character { pick("┃", "█", "#") }

  /// Cells filled from the left, from the thinnest to one short of full.
  public var horizontalParts: [Character] {
    switch self {
    case .braille: ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    case .block: ["▌"]
    case .ascii: []
    }
  }

  /// Cells filled from below, from the lowest to the full one.
  public var verticalParts: [Character] {
    switch self {
    case .braille: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    case .block: ["▄", "█"]
    case .ascii: ["_", ".", "-", "=", "*", "#"]
    }
  }

  /// A character of this set that stands for the given one, which outside text may hold.
  public func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    guard self == .ascii, scalar.value > 0x7E else { return scalar }
    return GlyphSet.lookalikes[scalar] ?? "?"
  }

  func pick(_ braille: Character, _ block: Character, _ ascii: Character) -> Character {
    switch self {
    case .braille: braille
    case .block: block
    case .ascii: ascii
    }
  }

  private static let lookalikes: [Unicode.Scalar: Unicode.Scalar] = [
    "×": "x", "·": ".", "…": "~", "–": "-", "—": "-", "−": "-", "→": ">", "←": "<", "↑": "^",
    "↓": "v", "▲": "^", "▼": "v", "●": "*", "•": "*", "○": "o", "✓": "+", "✗": "x", "±": "+",
    "≥": ">", "≤": "<", "≈": "~", "‘": "'", "’": "'", "“": "\"", "”": "\"", "█": "#", "░": ".",
    "─": "-", "═": "=", "│": "|", "┊": ":", "┃": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
    "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
    "╔": "+", "╗": "+", "╚": "+", "╝": "+", "║": "|", "▸": ">", "►": ">", "▶": ">", "‖": "=",
    "µ": "u", "α": "a", "β": "b", "γ": "g", "λ": "l",
    "ä": "a", "ö": "o", "ü": "u", "ß": "s", "é": "e", "è": "e", "à": "a", "ç": "c", "ñ": "n",
    "\u{A0}": " ",
  ]
}
