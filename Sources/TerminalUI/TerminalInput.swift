/// One thing that a terminal reports.
public enum TerminalInput: Hashable, Sendable {
  /// A key was pressed.
  case key(Key)
  /// The mouse was used; only after `setMouse(true)`.
  case mouse(MouseEvent)
  /// The screen has another size now; draw again.
  case resized
}
