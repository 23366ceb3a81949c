import TerminalUI

/// What stands there while there is no run: what can be begun, one key each.
enum StartScreen {
  private static let keys = Array("abcdefghijklmnopqrstuvwxyz").filter { !"qmz".contains($0) }

  /// What a key begins; Enter the first.
  static func choice(for key: Key, _ state: DashboardState) -> StartChoice? {
    if key == .enter { return state.startChoices.first }
    guard case .character(let letter) = key, let index = keys.firstIndex(of: letter),
      index < state.startChoices.count
    else { return nil }
    return state.startChoices[index]
  }

  static func choice(
    at event: MouseEvent, _ state: DashboardState, area: Rect
  ) -> StartChoice? {
    let place = place(lines(state), area)
    let index = event.row - place.row - headRows
    guard (place.column..<place.endColumn).contains(event.column) else { return nil }
    return state.startChoices.indices.contains(index) && index < keys.count
      ? state.startChoices[index] : nil
  }

  static func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    let lines = lines(state)
    let place = place(lines, area)
    for (row, line) in lines.enumerated() where row < area.rows {
      buffer.write(
        line, row: place.row + row, column: place.column,
        maxColumns: area.endColumn - place.column)
    }
  }

  private static let headRows = 2

  private static func place(_ lines: [StyledText], _ area: Rect) -> Rect {
    area.centered(Size(rows: lines.count, columns: lines.map(\.displayWidth).max() ?? 0))
  }

  private static func lines(_ state: DashboardState) -> [StyledText] {
    let places = state.places.map { SafeText.cleaned($0) }.joined(separator: ", ")
    var lines: [StyledText] = [StyledText("There is no run in \(places).", .title), ""]
    let width = state.startChoices.map { SafeText.displayWidth(of: $0.title) }.max() ?? 0
    for (index, choice) in state.startChoices.prefix(keys.count).enumerated() {
      let title = SafeText.cleaned(choice.title)
      let padding = String(
        repeating: " ", count: max(0, width - SafeText.displayWidth(of: title)))
      lines.append(
        StyledText([
          .init("  \(keys[index])", Style(.hotKey, .bold)), .init("  " + title + padding, .text),
          .init("  " + SafeText.cleaned(choice.detail), .dim),
        ]))
    }
    if !state.startChoices.isEmpty {
      lines += [StyledText("Enter begins with the first.", .dim)]
    }
    lines += [
      "", StyledText("nntop run EXPERIMENT.json    trains your own", .dim),
      StyledText("nntop TARGET                 shows a run, any log, or - for a pipe", .dim),
      StyledText("nntop --help                 says the rest; ? shows the keys, q leaves", .dim),
    ]
    return lines
  }
}
