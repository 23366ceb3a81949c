/// A border with a title; what it encloses is left as it is.
public struct Panel: Equatable, Sendable {
  /// The title in the upper border.
  public var title: StyledText
  /// A note at the right end of the lower border, such as a position in a list.
  public var note: String
  /// Whether keys go to it: a double line then.
  public var isFocused: Bool
  /// The border's colour; nil: by focus.
  public var borderRole: Role?

  /// A border.
  public init(
    title: StyledText = StyledText(), note: String = "", isFocused: Bool = false,
    borderRole: Role? = nil
  ) {
    self.title = title
    self.note = note
    self.isFocused = isFocused
    self.borderRole = borderRole
  }

  /// Draws the border and returns what is inside.
  @discardableResult
  public func draw(into buffer: inout Buffer, rect: Rect, glyphs: GlyphSet) -> Rect {
    guard rect.rows >= 2, rect.columns >= 2 else { return Rect(.zero) }
    let style = Style(borderRole ?? (isFocused ? .hotKey : .border))
    let horizontal = isFocused ? glyphs.horizontalLineFocused : glyphs.horizontalLine
    let vertical = isFocused ? glyphs.verticalLineFocused : glyphs.verticalLine
    let (top, bottom) = (rect.row, rect.endRow - 1)
    let (left, right) = (rect.column, rect.endColumn - 1)
    buffer.fill(rect.split(top: 1).top, with: horizontal, style: style)
    buffer.fill(rect.split(bottom: 1).bottom, with: horizontal, style: style)
    buffer.fill(rect.split(left: 1).left, with: vertical, style: style)
    buffer.fill(rect.split(right: 1).right, with: vertical, style: style)
    let places = [(top, left), (top, right), (bottom, left), (bottom, right)]
    let corners = isFocused ? glyphs.cornersFocused : glyphs.corners
    for (corner, (row, column)) in zip(corners, places) {
      buffer.write(String(corner), row: row, column: column, style: style)
    }
    if !title.spans.isEmpty, rect.columns > 6 {
      var text = StyledText(" ")
      text = text + title + StyledText(" ")
      buffer.write(text, row: top, column: left + 2, maxColumns: rect.columns - 4)
    }
    if !note.isEmpty, rect.columns > SafeText.displayWidth(of: note) + 6 {
      let text = " " + note + " "
      buffer.write(
        text, row: bottom, column: right - 1 - SafeText.displayWidth(of: text), style: .dim)
    }
    return rect.inset()
  }
}
