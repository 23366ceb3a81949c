/// A line of text whose parts differ in style.
public struct StyledText: Equatable, Sendable, ExpressibleByStringLiteral {
  /// A part in one style.
  public struct Span: Equatable, Sendable {
    /// The characters.
    public var text: String
    /// What they mean.
    public var style: Style

    /// A part in one style.
    public init(_ text: String, _ style: Style) {
      self.text = text
      self.style = style
    }
  }

  /// The parts from left to right.
  public var spans: [Span]

  /// A line from its parts.
  public init(_ spans: [Span] = []) { self.spans = spans }

  /// A line in one style.
  public init(_ text: String, _ style: Style = .text) { spans = [Span(text, style)] }

  /// A line in the usual style.
  public init(stringLiteral value: String) { self.init(value) }

  /// The columns it needs.
  public var displayWidth: Int { spans.reduce(0) { $0 + SafeText.displayWidth(of: $1.text) } }

  /// The characters without styles.
  public var text: String { spans.map(\.text).joined() }

  /// Adds a part at the end.
  public mutating func append(_ text: String, _ style: Style = .text) {
    spans.append(Span(text, style))
  }

  /// Two lines one after another.
  public static func + (left: StyledText, right: StyledText) -> StyledText {
    StyledText(left.spans + right.spans)
  }
}
