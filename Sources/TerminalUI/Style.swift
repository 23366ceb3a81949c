/// What a cell looks like, by meaning: three bytes, turned into colours by a `Theme`.
public struct Style: Hashable, Sendable {
  /// The meaning that colours the character.
  public var foreground: Role
  /// The meaning that colours what is behind it.
  public var background: Role
  /// Emphasis.
  public var attributes: Attributes

  /// A style from its parts.
  public init(
    foreground: Role = .text, background: Role = .background, attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// A foreground on the usual background.
  public init(_ foreground: Role, _ attributes: Attributes = []) {
    self.init(foreground: foreground, attributes: attributes)
  }

  /// Ordinary text.
  public static let text = Style(.text)
  /// Text of less importance.
  public static let dim = Style(.dim)
  /// A heading.
  public static let title = Style(.title, .bold)

  /// The same on another background.
  public func on(_ background: Role) -> Style {
    Style(foreground: foreground, background: background, attributes: attributes)
  }

  /// The same with more emphasis.
  public func adding(_ more: Attributes) -> Style {
    Style(foreground: foreground, background: background, attributes: attributes.union(more))
  }
}
