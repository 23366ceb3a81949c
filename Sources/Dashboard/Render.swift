import RunLog
import RunModel
import TerminalUI

/// The whole screen as a function of the state.
public func render(_ state: DashboardState, keymap: Keymap = Keymap()) -> Buffer {
  var buffer = Buffer(size: state.size)
  let frame = Frame(state)
  Header.draw(state, into: &buffer, area: frame.header)
  if state.runs.isEmpty {
    StartScreen.draw(state, into: &buffer, area: frame.view)
  } else {
    for (row, line) in Warnings.lines(state).prefix(frame.warnings.rows).enumerated() {
      buffer.write(
        line, row: frame.warnings.row + row, column: frame.warnings.column,
        maxColumns: frame.warnings.columns)
    }
    switch state.view {
    case .curves: CurvesView.draw(state, into: &buffer, area: frame.view)
    }
  }
  Footer.draw(state, keymap, into: &buffer, area: frame.footer)
  drawToasts(state, into: &buffer, area: frame.view)
  DialogView.draw(state, keymap, into: &buffer, area: Rect(state.size))
  return buffer
}

/// Toasts, and what stands at the cursor, over the last rows of the view.
private func drawToasts(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
  var lines = state.toasts.map { (text: $0.text, role: $0.role) }
  if let text = cursorText(state) { lines.insert((text, .mark), at: 0) }
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

/// The step under the cursor and what happened there.
private func cursorText(_ state: DashboardState) -> String? {
  guard let step = state.curves.cursorStep, let run = state.selected?.run else { return nil }
  let range = CurvesView.xRange(run)
  let reach = Int64((range.upperBound - range.lowerBound) / 100) + 1
  let near = run.marks.filter { abs($0.step - step) <= reach }
    .min { abs($0.step - step) < abs($1.step - step) }
  var text = "step \(NumberText.grouped(Int(clamping: step)))"
  if let near {
    text +=
      "   step \(NumberText.grouped(Int(clamping: near.step))): \(SafeText.cleaned(near.text))"
  }
  return text
}
