import TerminalUI

/// What stands there while there is no run.
enum StartScreen {
  static func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    let places = state.places.map { SafeText.cleaned($0) }.joined(separator: ", ")
    let lines: [StyledText] = [
      StyledText("There is no run in \(places).", .title), "",
      StyledText([
        .init("Enter", Style(.hotKey, .bold)),
        .init("  trains the built-in experiment: drawn digits, a small network", .text),
      ]), "",
      StyledText("nntop run EXPERIMENT.json    trains your own", .dim),
      StyledText("nntop TARGET                 shows a run, or a TensorBoard event file", .dim),
      StyledText("nntop --help                 says the rest", .dim),
    ]
    let width = lines.map(\.displayWidth).max() ?? 0
    let place = area.centered(Size(rows: lines.count, columns: width))
    for (row, line) in lines.enumerated() {
      buffer.write(
        line, row: place.row + row, column: place.column,
        maxColumns: area.endColumn - place.column)
    }
  }
}
