import TerminalUI

/// The line that names the views and says what is set for the shown one.
enum Tabs {
  private static let gap = 2

  static func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    guard !area.isEmpty else { return }
    for place in places(area) {
      let isShown = place.name == state.view
      let style =
        isShown ? Style(foreground: .title, background: .selection, attributes: .bold) : .dim
      buffer.write(
        place.label, row: area.row, column: place.column, style: style,
        maxColumns: area.endColumn - place.column)
    }
    drawSettings(state, into: &buffer, area)
  }

  /// The name of the view whose tab is at a place.
  static func view(at event: MouseEvent, _ state: DashboardState, area: Rect) -> String? {
    guard area.contains(row: event.row, column: event.column) else { return nil }
    return places(area).first {
      ($0.column..<$0.column + $0.label.count).contains(event.column)
    }?.name
  }

  /// The whole titles where they fit, else the digits alone.
  private static func places(_ area: Rect) -> [(name: String, label: String, column: Int)] {
    let full = Views.all.enumerated().map { " \($0.offset + 1) \($0.element.title) " }
    let fits = full.reduce(0) { $0 + $1.count } <= area.columns
    var column = area.column
    return Views.all.enumerated().map { index, view in
      let label = fits ? full[index] : " \(index + 1) "
      defer { column += label.count }
      return (view.name, label, column)
    }
  }

  private static func drawSettings(
    _ state: DashboardState, into buffer: inout Buffer, _ area: Rect
  ) {
    let used = places(area).last.map { $0.column + $0.label.count - area.column } ?? 0
    let room = area.columns - used - gap
    let long = settings(state, isShort: false)
    let fits = SafeText.displayWidth(of: long) <= room
    let text = SafeText.truncated(
      fits ? long : settings(state, isShort: true), columns: room, glyphs: state.glyphs)
    let columns = SafeText.displayWidth(of: text)
    let style = state.isFrozen ? Style(.statusWarning, .bold) : Style(.mark)
    buffer.write(text, row: area.row, column: area.endColumn - columns, style: style)
  }

  private static func settings(_ state: DashboardState, isShort: Bool) -> String {
    var parts: [String] = []
    if state.isFrozen { parts.append("FROZEN") }
    if state.view == CurvesView().name { parts += CurvesView.settings(state, isShort: isShort) }
    if !state.filterText.isEmpty {
      let sign = state.filterProblem == nil ? "/" : "wrong filter /"
      parts.append(sign + SafeText.cleaned(state.filterText, maxLength: 60))
    }
    return parts.joined(separator: isShort ? " " : " \(state.glyphs.separator) ")
  }
}
