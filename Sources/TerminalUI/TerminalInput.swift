/// One thing that a terminal reports.
public enum TerminalInput: Hashable, Sendable {
  /// A key was pressed.
  case key(Key)
  /// The mouse was used; only after `setMouse(true)`.
  case mouse(MouseEvent)
  /// Text was pasted: one line without control characters, its line ends as spaces. It is not
  /// typing, so no part of it confirms anything.
  case paste(String)
  /// The screen has another size now; draw again.
  case resized
}
