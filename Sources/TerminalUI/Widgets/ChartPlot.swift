/// The curves of a chart, from extents to dots.
struct ChartPlot {
  let chart: LineChart
  let scale: AxisScale
  let rect: Rect
  let glyphs: GlyphSet

  /// The dots that one extent covers, counted from the top.
  private struct Run {
    var top: Int
    var bottom: Int
  }

  private static let belowScale = -1e9

  /// The dot row of a place on the scale, clamped to the plot.
  static func dotRow(fraction: Double, rows: Int) -> Int {
    let clamped = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    return min(max(Int(((1 - clamped) * Double(rows - 1)).rounded()), 0), max(rows - 1, 0))
  }

  func draw(into buffer: inout Buffer) {
    var canvas = DotCanvas(rows: rect.rows, columns: rect.columns, glyphs: glyphs)
    for curve in chart.series where curve.isFaint { draw(curve, on: &canvas) }
    for curve in chart.series where !curve.isFaint { draw(curve, on: &canvas) }
    canvas.render(into: &buffer, at: rect)
    highlightCursor(in: &buffer, canvas: canvas)
    for curve in chart.series { drawEdges(of: curve, into: &buffer) }
    if chart.numbersSeries { drawNumbers(into: &buffer, dotRows: canvas.dotRows) }
  }

  /// Every extent as a vertical run, joined to the one before; a column without any finite value
  /// breaks the curve.
  private func draw(_ curve: ChartSeries, on canvas: inout DotCanvas) {
    var previous: (x: Int, run: Run)?
    let rows = canvas.dotRows
    for (x, entry) in curve.columns.prefix(canvas.dotColumns).enumerated() {
      guard let extent = entry else { continue }
      guard let run = self.run(of: extent, rows: rows) else {
        previous = nil
        continue
      }
      line(curve, from: (x, run.top), to: (x, run.bottom), on: &canvas)
      if let previous { join(curve, previous.run, at: previous.x, to: run, at: x, on: &canvas) }
      previous = (x, run)
    }
  }

  private func line(
    _ curve: ChartSeries, from start: (x: Int, y: Int), to end: (x: Int, y: Int),
    on canvas: inout DotCanvas
  ) {
    if curve.stroke == .solid {
      canvas.line(from: start, to: end, style: curve.style)
    } else {
      canvas.line(from: start, to: end, style: curve.style, where: curve.stroke.hasDot)
    }
  }

  private func join(
    _ curve: ChartSeries, _ left: Run, at leftX: Int, to right: Run, at rightX: Int,
    on canvas: inout DotCanvas
  ) {
    var from = left.top
    var to = right.top
    if left.bottom < right.top {
      from = left.bottom
    } else if right.bottom < left.top {
      to = right.bottom
    } else {
      if rightX == leftX + 1 { return }
      from = (max(left.top, right.top) + min(left.bottom, right.bottom)) / 2
      to = from
    }
    line(curve, from: (leftX, from), to: (rightX, to), on: &canvas)
  }

  private func run(of extent: ColumnExtent, rows: Int) -> Run? {
    guard extent.hasFinite else { return nil }
    let high = scale.fraction(extent.maximum) ?? ChartPlot.belowScale
    let low = scale.fraction(extent.minimum) ?? ChartPlot.belowScale
    return Run(
      top: ChartPlot.dotRow(fraction: high, rows: rows),
      bottom: ChartPlot.dotRow(fraction: low, rows: rows))
  }

  private func cell(ofDot x: Int) -> Int {
    rect.column + x / DotCanvas.dotsPerCell(glyphs).columns
  }

  /// Marks what is not a number at the top edge, and values beyond the scale at the edge they pass.
  private func drawEdges(of curve: ChartSeries, into buffer: inout Buffer) {
    let tolerance = 1e-9
    for (x, entry) in curve.columns.enumerated() {
      let column = cell(ofDot: x)
      guard let extent = entry, column < rect.endColumn else { continue }
      if extent.hasFinite, !curve.isFaint {
        let arrow = Style(curve.role, .bold)
        if (scale.fraction(extent.maximum) ?? 0) > 1 + tolerance, !isNonFinite(buffer, column) {
          buffer.write(String(glyphs.arrowUp), row: rect.row, column: column, style: arrow)
        }
        if (scale.fraction(extent.minimum) ?? ChartPlot.belowScale) < -tolerance {
          buffer.write(
            String(glyphs.arrowDown), row: rect.endRow - 1, column: column, style: arrow)
        }
      }
      if extent.hasNonFinite {
        buffer.write(
          String(glyphs.nonFinite), row: rect.row, column: column, style: Style(.statusBad, .bold))
      }
    }
  }

  /// Whether another curve, or the other half of the cell, has put the alert there.
  private func isNonFinite(_ buffer: Buffer, _ column: Int) -> Bool {
    let cell = buffer[rect.row, column]
    return cell.character == glyphs.nonFinite && cell.style.foreground == .statusBad
  }

  private func highlightCursor(in buffer: inout Buffer, canvas: DotCanvas) {
    guard let cursor = chart.cursorColumn else { return }
    let perCell = DotCanvas.dotsPerCell(glyphs).columns
    let column = min(max(cursor, 0), canvas.dotColumns - 1) / perCell
    for row in 0..<rect.rows where canvas.hasDots(row: row, column: column) {
      let place = Rect(row: rect.row + row, column: rect.column + column, rows: 1, columns: 1)
      buffer.restyle(place) { $0.on(.selection) }
    }
  }

  /// The number of each curve at its right end.
  private func drawNumbers(into buffer: inout Buffer, dotRows: Int) {
    let listed = chart.series.filter(\.isListed)
    guard listed.count > 1 else { return }
    let perCell = DotCanvas.dotsPerCell(glyphs).rows
    for (index, curve) in listed.enumerated() where !curve.isFaint {
      let last = curve.columns.lastIndex { $0?.hasFinite == true }
      guard let last, let extent = curve.columns[last], let run = run(of: extent, rows: dotRows)
      else { continue }
      let column = min(cell(ofDot: last), rect.endColumn - 1)
      let row = rect.row + (run.top + run.bottom) / 2 / perCell
      buffer.write("\(index + 1)", row: row, column: column, style: Style(curve.role, .bold))
    }
  }
}
