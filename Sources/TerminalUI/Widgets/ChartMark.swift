/// An event on a chart's x axis.
public struct ChartMark: Equatable, Sendable {
  /// The dot column.
  public var column: Int
  /// The letter on the axis.
  public var glyph: Character
  /// The colour of the letter and its line.
  public var role: Role
  /// Whether a line goes up from the letter.
  public var hasLine: Bool
  /// What happened; shown when the cursor is there.
  public var label: String

  /// An event.
  public init(
    column: Int, glyph: Character, role: Role = .mark, label: String = "", hasLine: Bool = true
  ) {
    self.column = column
    self.glyph = glyph
    self.role = role
    self.label = label
    self.hasLine = hasLine
  }
}
