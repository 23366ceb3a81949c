import RunLog
import RunModel
import TerminalUI

/// The newest confusion matrix of a run, beside the chart of its accuracy: a row for each right
/// class, a column for what was told instead.
struct ConfusionPane {
  private let grid: Grid
  private let step: Int64

  private static let family = "confusion/"
  private static let columnsMin = 24
  private static let chartColumnsMin = 40
  private static let rowsMin = 8

  /// nil where the chosen run has no such matrix.
  init?(_ run: Run) {
    guard let tag = run.grids.keys.filter({ $0.hasPrefix(Self.family) }).min(),
      let found = run.grids[tag], found.grid.rows == found.grid.columns
    else { return nil }
    (grid, step) = (found.grid, found.step)
  }

  /// The right part of a chart's place; empty when there is no room for both.
  static func split(_ area: Rect) -> (pane: Rect, chart: Rect) {
    let columns = min(max(columnsMin, area.columns * 2 / 5), 2 * area.rows + 8)
    guard area.columns - columns >= chartColumnsMin, area.rows >= rowsMin,
      columns >= columnsMin
    else { return (area.split(right: 0).right, area) }
    let (right, rest) = area.split(right: columns)
    return (right.split(left: 1).rest, rest)
  }

  func draw(_ state: DashboardState, into buffer: inout Buffer, _ area: Rect) {
    guard !area.isEmpty else { return }
    let (head, body) = area.split(top: 1)
    let heading = "right class ↓ told class →" + "  step \(NumberText.grouped(Int(clamping: step)))"
    buffer.write(
      SafeText.truncated(heading, columns: head.columns, glyphs: state.glyphs), row: head.row,
      column: head.column, style: .title)
    let labelsMax = 100
    Heatmap(
      values: grid.values, columns: grid.columns, range: 0...1,
      rowLabels: grid.rows <= labelsMax ? (0..<grid.rows).map(String.init) : [],
      hasLegend: true, hasColors: !state.isMonochrome
    ).draw(into: &buffer, rect: body, glyphs: state.glyphs)
  }
}
