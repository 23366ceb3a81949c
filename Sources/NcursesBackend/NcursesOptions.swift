import TerminalUI

/// What the user or the command line decides about the screen.
public struct NcursesOptions: Sendable {
  /// The characters to draw with; nil: by locale and terminal.
  public var glyphs: GlyphSet?
  /// Whether there are to be no colours (`NO_COLOR`).
  public var isMonochrome: Bool
  /// The colours.
  public var theme: Theme
  /// Whether the mouse is reported from the start.
  public var hasMouse: Bool
  /// Another terminal description than `$TERM`.
  public var terminalName: String?
  /// Another terminal than that of standard input and output: descriptors of its keyboard and its
  /// screen. They stay the caller's.
  public var descriptors: (input: Int32, output: Int32)?

  /// Options; everything by default is found out.
  public init(
    glyphs: GlyphSet? = nil, isMonochrome: Bool = false, theme: Theme = .standard,
    hasMouse: Bool = false, terminalName: String? = nil,
    descriptors: (input: Int32, output: Int32)? = nil
  ) {
    self.glyphs = glyphs
    self.isMonochrome = isMonochrome
    self.theme = theme
    self.hasMouse = hasMouse
    self.terminalName = terminalName
    self.descriptors = descriptors
  }
}
