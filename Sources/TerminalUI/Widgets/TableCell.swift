/// What stands in one cell of a `TextTable`.
public struct TableCell: Equatable, Sendable, ExpressibleByStringLiteral {
  /// The text; cut with an ellipsis when too long.
  public var text: String
  /// What it means.
  public var style: Style
  /// A bar instead of the text, or before it when there is text, filled by this fraction.
  public var gauge: Double?

  /// Text.
  public init(_ text: String, _ style: Style = .text) {
    self.text = text
    self.style = style
    gauge = nil
  }

  /// A bar, with the text at its right.
  public init(gauge: Double, text: String = "", style: Style = Style(.barFilled)) {
    self.text = text
    self.style = style
    self.gauge = gauge
  }

  /// Text in the usual style.
  public init(stringLiteral value: String) { self.init(value) }
}
