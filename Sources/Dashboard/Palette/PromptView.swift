import TerminalUI

/// The line that is typed, and above it what it could become.
enum PromptView {
  private static let completionRowsMax = 10

  static func draw(
    _ prompt: Prompt, _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {
    let sign = prompt.kind == .palette ? ":" : "/"
    buffer.fill(area, style: .text)
    buffer.write(sign, row: area.row, column: area.column, style: Style(.hotKey, .bold))
    let hint = self.hint(prompt, state)
    let room = area.columns - 1
    let hintColumns = min(SafeText.displayWidth(of: hint.text), max(0, room - 20))
    prompt.field.draw(
      into: &buffer, row: area.row, column: area.column + 1, width: max(0, room - hintColumns - 1))
    buffer.write(
      SafeText.truncated(hint.text, columns: hintColumns, glyphs: state.glyphs), row: area.row,
      column: area.endColumn - hintColumns, style: Style(hint.role))
  }

  private static func hint(
    _ prompt: Prompt, _ state: DashboardState
  ) -> (text: String, role: Role) {
    if let problem = prompt.problem { return (problem, .statusBad) }
    switch prompt.kind {
    case .filter:
      let columns = Views.named(state.view).filterColumns(state).prefix(3)
      let comparison = columns.last.map { ", \($0)>0.5" } ?? ""
      return ("words, /regex/\(comparison)  Enter keeps, Esc drops", .dim)
    case .palette: return ("Tab completes, Up: history, Enter runs", .dim)
    }
  }

  /// The completions of the palette, in a box above the line.
  static func drawCompletions(
    _ state: DashboardState, into buffer: inout Buffer, above footer: Rect
  ) {
    guard let prompt = state.prompt, prompt.kind == .palette else { return }
    let all = Palette.completions(prompt.draft, state)
    let rows = min(completionRowsMax, all.count, footer.row - 2)
    guard rows > 0, footer.columns >= 20 else { return }
    let chosen = prompt.completionIndex
    let first = TextTable.firstRow(
      showing: chosen ?? 0, current: 0, visible: rows, count: all.count)
    let shown = all[first..<first + rows]
    let nameColumns = min(
      footer.columns / 2, shown.map { SafeText.displayWidth(of: $0.line) }.max() ?? 0)
    let columns = min(
      footer.columns,
      4 + nameColumns + 2 + (shown.map { SafeText.displayWidth(of: $0.help) }.max() ?? 0))
    let box = Rect(
      row: footer.row - rows - 2, column: footer.column, rows: rows + 2, columns: columns)
    buffer.fill(box, style: .text)
    let inside = Panel(note: "\(all.count)", borderRole: .hotKey).draw(
      into: &buffer, rect: box, glyphs: state.glyphs)
    for (offset, completion) in shown.enumerated() {
      let row = inside.row + offset
      buffer.write(
        " " + completion.line, row: row, column: inside.column, style: Style(.hotKey),
        maxColumns: nameColumns + 1)
      buffer.write(
        completion.help, row: row, column: inside.column + nameColumns + 3, style: .dim,
        maxColumns: max(0, inside.columns - nameColumns - 3))
      if first + offset == chosen {
        buffer.restyle(Rect(row: row, column: inside.column, rows: 1, columns: inside.columns)) {
          $0.on(.selection)
        }
      }
    }
  }
}
