import TerminalUI

/// The value of every curve under the cursor, in a box beside it: a chart that stands alone has
/// more room for them than its first line.
struct CursorValues {
  let chart: LineChart
  let glyphs: GlyphSet

  private static let columnsMax = 48
  private static let curvesMin = 3

  func draw(into buffer: inout Buffer, over place: Rect) {
    guard let cursor = chart.cursorColumn else { return }
    let listed = chart.series.filter(\.isListed)
    let plot = LineChart.plotRect(in: place)
    let rows = min(listed.count, plot.rows - 2)
    guard listed.count >= Self.curvesMin, rows > 0 else { return }
    let lines = listed.prefix(rows).map(line)
    let widest = lines.map(\.displayWidth).max() ?? 0
    let columns = min(widest + 2, Self.columnsMax, plot.columns / 2)
    guard columns > 8 else { return }
    // On the side where the cursor is not.
    let dots = LineChart.plotColumns(in: place, glyphs: glyphs)
    let isLeft = cursor > dots / 2
    let box = Rect(
      row: plot.row, column: isLeft ? plot.column : plot.endColumn - columns, rows: rows + 2,
      columns: columns)
    buffer.fill(box, style: .text)
    let inside = Panel(
      note: rows < listed.count ? "\(listed.count - rows) more" : "", borderRole: .border
    ).draw(into: &buffer, rect: box, glyphs: glyphs)
    for (row, line) in lines.enumerated() {
      buffer.write(
        line, row: inside.row + row, column: inside.column, maxColumns: inside.columns)
    }
  }

  private func line(_ curve: ChartSeries) -> StyledText {
    let value = curve.cursorValue.map { NumberText.significant($0) } ?? "-"
    let padding = String(repeating: " ", count: max(0, 10 - value.count))
    return StyledText([
      .init(padding + value + " ", Style(.text, .bold)), .init(curve.name, Style(curve.role)),
    ])
  }
}
