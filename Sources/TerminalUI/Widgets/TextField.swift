/// One line of text that is being typed.
public struct TextField: Equatable, Sendable {
  /// No field takes more characters.
  public static let lengthMax = 1024

  /// The text.
  public private(set) var text: String
  /// The place of the cursor: characters before it.
  public private(set) var cursor: Int
  /// True while the text is only proposed: the first character typed replaces all of it, while
  /// keys that move or delete take it as it is.
  public private(set) var isProposal: Bool

  /// A field with the cursor at the end.
  public init(_ text: String = "", isProposal: Bool = false) {
    self.text = String(text.prefix(TextField.lengthMax))
    cursor = self.text.count
    self.isProposal = isProposal
  }

  /// Obeys a key as a line editor does: characters, arrows, Home, End, Backspace, Delete, and
  /// Ctrl-A, E, B, F, D, H, K, U, W. False when the key means nothing here.
  public mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .left, .control("b"): cursor = max(cursor - 1, 0)
    case .right, .control("f"): cursor = min(cursor + 1, text.count)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = text.count
    case .backspace, .control("h"): remove(from: cursor - 1, to: cursor)
    case .delete, .control("d"): remove(from: cursor, to: cursor + 1)
    case .control("u"): remove(from: 0, to: cursor)
    case .control("k"): remove(from: cursor, to: text.count)
    case .control("w"): remove(from: startOfWord(), to: cursor)
    default: return false
    }
    isProposal = false
    return true
  }

  /// Inserts text at the cursor, cleaned, as far as it fits.
  public mutating func insert(_ addition: String) {
    if isProposal { remove(from: 0, to: text.count) }
    isProposal = false
    let room = TextField.lengthMax - text.count
    let clean = SafeText.cleaned(addition).prefix(max(room, 0))
    let index = text.index(text.startIndex, offsetBy: cursor)
    let before = text[..<index]
    let head = String(before) + String(clean)
    text = head + String(text[index...])
    cursor = min(head.count, text.count)
  }

  /// Replaces everything, the cursor at the end.
  public mutating func replace(with newText: String) {
    self = TextField(SafeText.cleaned(newText, maxLength: TextField.lengthMax))
  }

  /// Draws the part around the cursor, and the cursor as a reversed cell; a proposal is reversed
  /// as a whole.
  public func draw(
    into buffer: inout Buffer, row: Int, column: Int, width: Int, style: Style = .text
  ) {
    guard width > 0 else { return }
    let characters = Array(text)
    var start = cursor
    var used = 1
    while start > 0 {
      let more = SafeText.displayWidth(of: String(characters[start - 1]))
      if used + more > width { break }
      used += more
      start -= 1
    }
    buffer.fill(Rect(row: row, column: column, rows: 1, columns: width), style: style)
    let before = String(characters[start..<cursor])
    let place = column + SafeText.displayWidth(of: before)
    buffer.write(before, row: row, column: column, style: style, maxColumns: width)
    let rest = String(characters[cursor...])
    buffer.write(
      rest.isEmpty ? " " : rest, row: row, column: place, style: style,
      maxColumns: column + width - place)
    let marked =
      isProposal
      ? Rect(row: row, column: column, rows: 1, columns: min(width, place - column + 1))
      : Rect(row: row, column: place, rows: 1, columns: 1)
    buffer.restyle(marked) { $0.adding(.reverse) }
  }

  private mutating func remove(from start: Int, to end: Int) {
    let low = min(max(start, 0), text.count)
    let high = min(max(end, low), text.count)
    guard low < high else { return }
    let characters = Array(text)
    text = String(characters[..<low]) + String(characters[high...])
    cursor = min(low, text.count)
  }

  private func startOfWord() -> Int {
    let characters = Array(text)
    var place = cursor
    while place > 0, characters[place - 1] == " " { place -= 1 }
    while place > 0, characters[place - 1] != " " { place -= 1 }
    return place
  }
}
