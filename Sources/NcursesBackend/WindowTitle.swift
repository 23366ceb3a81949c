import TerminalUI

/// The name of the terminal's window.
enum WindowTitle {
  private static let columnsMax = 100

  /// The text as it may be sent: it cannot end its own sequence, whoever wrote it.
  static func text(_ text: String, isUTF8: Bool) -> String {
    let cleaned = SafeText.cleaned(text)
    guard !isUTF8 else { return SafeText.truncated(cleaned, columns: columnsMax) }
    // Folding first: it may make two columns of one wide character into one.
    let folded = cleaned.unicodeScalars.map { Character(GlyphSet.ascii.folded($0)) }
    return SafeText.truncated(String(folded), columns: columnsMax, glyphs: .ascii)
  }
}
