import CNcurses

/// Why there can be no full screen; the program goes on with plain lines.
public enum NcursesFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Output does not go to a terminal, or nothing can be typed.
  case noTerminal
  /// No description of the terminal, nor of the usual ones.
  case unknownTerminal(String)
  /// A terminal that cannot place its cursor, such as TERM=dumb.
  case cannotPlaceCursor(String)

  /// Another `NcursesTerminal` of this process has not been closed.
  case alreadyOpen

  /// One line that says what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .noTerminal:
      "standard output is not a terminal; run this in one, or use a plain-text command"
    case .unknownTerminal(let name):
      "no description of the terminal type \"\(name)\" here; try TERM=xterm-256color"
    case .cannotPlaceCursor(let name):
      "the terminal type \"\(name)\" cannot place its cursor; try TERM=xterm-256color"
    case .alreadyOpen:
      "the screen is open already"
    }
  }
}
