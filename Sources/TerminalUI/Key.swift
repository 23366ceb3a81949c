/// A key as it arrives from a keyboard, free of any terminal's encoding.
public enum Key: Hashable, Sendable {
  /// A printable character; upper case means Shift was held.
  case character(Character)
  /// Control held with a lower-case letter, a digit or one of `@[\]^_`.
  case control(Character)
  case enter, escape, tab, backTab, backspace, delete
  case up, down, left, right
  case shiftLeft, shiftRight
  case home, end, pageUp, pageDown
  /// A function key, `.function(1)` is F1.
  case function(Int)

  /// The name that help shows, with arrows drawn as arrows.
  public var label: String { label(glyphs: .braille) }

  /// The name that help shows, in the characters that `glyphs` allows.
  public func label(glyphs: GlyphSet) -> String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let letter): "Ctrl-" + letter.uppercased()
    case .function(let number): "F\(number)"
    case .up where glyphs != .ascii: "↑"
    case .down where glyphs != .ascii: "↓"
    case .left where glyphs != .ascii: "←"
    case .right where glyphs != .ascii: "→"
    case .shiftLeft where glyphs != .ascii: "Shift-←"
    case .shiftRight where glyphs != .ascii: "Shift-→"
    default: Key.names.first { $0.key == self }?.name ?? ""
    }
  }

  /// Reads what `label` writes, without regard to case except for a single character:
  /// `P`, `Ctrl-C`, `Space`, `PgUp`, `F1`, `←`, `Left` or `Shift-←`. Nil when there is no such key.
  public init?(label: String) {
    if label.count == 1, let character = label.first {
      self = Key.arrows[character] ?? .character(character)
      return
    }
    let lower = label.lowercased()
    if lower == "space" {
      self = .character(" ")
    } else if let known = Key.names.first(where: { $0.name.lowercased() == lower }) {
      self = known.key
    } else if lower == "shift-←" {
      self = .shiftLeft
    } else if lower == "shift-→" {
      self = .shiftRight
    } else if lower.hasPrefix("ctrl-"), lower.count == 6, let letter = lower.last {
      self = .control(letter)
    } else if lower.hasPrefix("f"), let number = Int(lower.dropFirst()), (1...63).contains(number) {
      self = .function(number)
    } else {
      return nil
    }
  }

  private static let arrows: [Character: Key] = ["↑": .up, "↓": .down, "←": .left, "→": .right]

  private static let names: [(key: Key, name: String)] = [
    (.enter, "Enter"), (.escape, "Esc"), (.tab, "Tab"), (.backTab, "Shift-Tab"),
    (.backspace, "Backspace"), (.delete, "Del"), (.up, "Up"), (.down, "Down"), (.left, "Left"),
    (.right, "Right"), (.home, "Home"), (.end, "End"), (.pageUp, "PgUp"), (.pageDown, "PgDn"),
    (.shiftLeft, "Shift-Left"), (.shiftRight, "Shift-Right"),
  ]
}
