/// What a mouse did, in cells counted from the top left corner.
public struct MouseEvent: Hashable, Sendable {
  /// The action; a button is not told apart from another. A drag is motion with a button held.
  public enum Kind: Hashable, Sendable {
    case press, release, wheelUp, wheelDown, drag
  }

  /// The row, 0 at the top.
  public var row: Int
  /// The column, 0 at the left.
  public var column: Int
  /// What happened there.
  public var kind: Kind

  /// A mouse event at a cell.
  public init(row: Int, column: Int, kind: Kind) {
    self.row = row
    self.column = column
    self.kind = kind
  }
}
