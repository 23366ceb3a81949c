/// How one column of a `TextTable` is laid out.
public struct TableColumn: Equatable, Sendable {
  /// On which side of its column a cell's text stands.
  public enum Alignment: Hashable, Sendable {
    case left, right, center
  }

  /// The heading.
  public var title: String
  /// Where the text stands.
  public var alignment: Alignment
  /// The width in cells, at least.
  public var width: Int
  /// Its share of the space that is left; 0: stays at its width.
  public var flex: Int
  /// When space is short, columns with the lowest priority go first, from the right.
  public var priority: Int

  /// A column.
  public init(
    title: String, alignment: Alignment = .left, width: Int, flex: Int = 0, priority: Int = 0
  ) {
    self.title = title
    self.alignment = alignment
    self.width = width
    self.flex = flex
    self.priority = priority
  }
}
