import TerminalUI

/// Why a text is no filter, and where.
public struct RowFilterError: Error, Equatable, Sendable {
  /// Where the trouble begins, in characters from the start of the text.
  public let offset: Int
  /// One line without a full stop, safe to show on a terminal:
  /// "no column "acuracy"; did you mean accuracy?".
  public let message: String

  /// A complaint about a place.
  public init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }

  private static let shownLengthMax = 40

  /// Somebody's words within a message, in quotes.
  static func quoted(_ text: String) -> String {
    "\"" + cleaned(text) + "\""
  }

  /// Somebody's words within a message.
  static func cleaned(_ text: String) -> String {
    SafeText.cleaned(text, maxLength: shownLengthMax)
  }
}
