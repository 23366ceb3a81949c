/// A style turned into what a terminal of some depth is told.
public struct ResolvedStyle: Hashable, Sendable {
  /// The colour of the character.
  public var foreground: Color
  /// The colour behind it.
  public var background: Color
  /// Emphasis.
  public var attributes: Attributes

  /// A resolved style from its parts.
  public init(foreground: Color, background: Color, attributes: Attributes) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}
