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
  let reach = (range.upperBound - range.lowerBound) / 100 + 1
  func distance(_ mark: Run.Mark) -> Double { abs(Double(mark.step) - Double(step)) }
  let near = run.marks.filter { distance($0) <= reach }.min { distance($0) < distance($1) }
  var text = "step \(NumberText.grouped(Int(clamping: step)))"
  if let near {
    text +=
      "   step \(NumberText.grouped(Int(clamping: near.step))): \(SafeText.cleaned(near.text))"
  }
  return text
}
