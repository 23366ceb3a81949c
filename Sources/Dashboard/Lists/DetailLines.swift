import TerminalUI

/// Details that are lines of text, which scroll while keys go to them.
extension ListView {
  func draw(
    _ lines: [StyledText], _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {
    guard !area.isEmpty else { return }
    let last = max(0, lines.count - area.rows)
    let first = min(max(0, state.list(name).detailFirstLine), last)
    for (offset, line) in lines[first...].prefix(area.rows).enumerated() {
      buffer.write(line, row: area.row + offset, column: area.column, maxColumns: area.columns)
    }
    if first > 0 {
      buffer.write(
        String(state.glyphs.arrowUp), row: area.row, column: area.endColumn - 1, style: .dim)
    }
    if first < last {
      buffer.write(
        String(state.glyphs.arrowDown), row: area.endRow - 1, column: area.endColumn - 1,
        style: .dim)
    }
  }

  /// Moves in details that have the focus; false when the keys are the list's.
  ///
  /// - Parameters:
  ///   - lines: the details of a row, for so many columns.
  ///   - room: the part of the details' area that lines have, by their number.
  func scrollDetail(
    _ action: Action, _ state: inout DashboardState,
    lines: (ListRow?, Int, DashboardState) -> [StyledText],
    room: (Rect, Int) -> Rect = { area, _ in area }
  ) -> Bool {
    let list = state.list(name)
    let layout = ListLayout(
      listArea(Frame(state).view, state), share: list.detailShare, hasDetail: true,
      rowCount: state.listModel(of: self).rows.count)
    guard list.isDetailFocused, let area = layout.detail?.inset(), !area.isEmpty else {
      return false
    }
    let model = state.listModel(of: self)
    let row = chosenIndex(model, state).map { model.rows[$0] }
    let count = lines(row, area.columns, state).count
    let rows = room(area, count).rows
    let last = max(0, count - rows)
    let current = min(max(0, list.detailFirstLine), last)
    let page = max(1, rows - 1)
    let next: Int
    switch action {
    case .up: next = current - 1
    case .down: next = current + 1
    case .pageUp: next = current - page
    case .pageDown: next = current + page
    case .first: next = 0
    case .last: next = last
    default: return false
    }
    state.lists[name, default: ListState()].detailFirstLine = min(max(0, next), last)
    return true
  }
}
