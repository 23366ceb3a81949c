import TerminalUI

/// The whole screen as a function of the state.
public func render(_ state: DashboardState, keymap: Keymap = Keymap()) -> Buffer {
  var buffer = Buffer(size: state.size)
  let frame = Frame(state)
  Header.draw(state, into: &buffer, area: frame.header)
  Tabs.draw(state, into: &buffer, area: frame.tabs)
  if state.runs.isEmpty {
    StartScreen.draw(state, into: &buffer, area: frame.view)
  } else {
    for (row, line) in Warnings.lines(state).prefix(frame.warnings.rows).enumerated() {
      buffer.write(
        line, row: frame.warnings.row + row, column: frame.warnings.column,
        maxColumns: frame.warnings.columns)
    }
    Views.named(state.view).draw(state, into: &buffer, area: frame.view)
  }
  Footer.draw(state, keymap, into: &buffer, area: frame.footer)
  drawToasts(state, into: &buffer, area: frame.view)
  PromptView.drawCompletions(state, into: &buffer, above: frame.footer)
  DialogView.draw(state, keymap, into: &buffer, area: Rect(state.size))
  if state.glyphs == .ascii { fold(&buffer, to: state.glyphs) }
  return buffer
}

/// Replaces what the glyphs cannot show, such as letters of a run's name.
private func fold(_ buffer: inout Buffer, to glyphs: GlyphSet) {
  for row in 0..<buffer.rows {
    for column in 0..<buffer.columns {
      let cell = buffer[row, column]
      guard let scalar = Unicode.Scalar(cell.scalar), glyphs.folded(scalar) != scalar else {
        continue
      }
      buffer[row, column] = Cell(glyphs.folded(scalar), style: cell.style)
    }
  }
}

/// Toasts, over the last rows of the view.
private func drawToasts(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
  let lines = state.toasts.map { (text: $0.text, role: $0.role) }
  let shown = lines.suffix(max(0, area.rows))
  for (offset, line) in shown.reversed().enumerated() {
    let row = area.endRow - 1 - offset
    let text =
      " " + SafeText.truncated(line.text, columns: area.columns - 2, glyphs: state.glyphs) + " "
    let columns = SafeText.displayWidth(of: text)
    buffer.write(
      text, row: row, column: area.endColumn - columns,
      style: Style(foreground: line.role, background: .selection, attributes: .bold))
  }
}
