/// Everything of a chart that is behind or beside its curves: grid, axes, labels, events, cursor.
struct ChartAxes {
  let chart: LineChart
  let layout: ChartLayout
  /// Dot columns of the plot.
  let columns: Int
  let glyphs: GlyphSet

  /// A plot with fewer rows has labels at its ends only.
  static let tickRowsMin = 5

  private static let axisStyle = Style(.border)

  func draw(into buffer: inout Buffer, scale: AxisScale?) {
    drawFrame(into: &buffer)
    guard let scale else { return }
    drawYLabels(into: &buffer, scale: scale)
    drawXLabels(into: &buffer)
    drawMarks(into: &buffer)
    drawCursor(into: &buffer)
  }

  private var dotsPerCell: (columns: Int, rows: Int) { DotCanvas.dotsPerCell(glyphs) }

  private func drawFrame(into buffer: inout Buffer) {
    let (gutter, plot, axis) = (layout.gutter, layout.plot, layout.axis)
    if gutter.columns > 0 {
      let line = Rect(row: plot.row, column: plot.column - 1, rows: plot.rows, columns: 1)
      buffer.fill(line, with: glyphs.verticalLine, style: Self.axisStyle)
    }
    guard !axis.isEmpty else { return }
    let line = Rect(row: axis.row, column: plot.column, rows: 1, columns: plot.columns)
    buffer.fill(line, with: glyphs.horizontalLine, style: Self.axisStyle)
    if gutter.columns > 0 {
      buffer.write(
        String(glyphs.axisCorner), row: axis.row, column: plot.column - 1, style: Self.axisStyle)
    }
  }

  /// Round ticks; in a low plot only the ends, exactly.
  private func drawYLabels(into buffer: inout Buffer, scale: AxisScale) {
    let plot = layout.plot
    if plot.rows < ChartAxes.tickRowsMin {
      drawYLabel(yText(scale.upper, step: 0), row: plot.row, into: &buffer)
      guard plot.rows > 1 else { return }
      drawYLabel(yText(scale.lower, step: 0), row: plot.endRow - 1, into: &buffer)
      return
    }
    let (values, step) = scale.ticks(
      count: min(max(plot.rows / 4 + 1, min(plot.rows / 2, 4)), 8))
    var lastRow = Int.max
    var lastText = ""
    for value in values {
      guard let fraction = scale.fraction(value) else { continue }
      let dot = ChartPlot.dotRow(fraction: fraction, rows: plot.rows * dotsPerCell.rows)
      let row = plot.row + dot / dotsPerCell.rows
      guard row < lastRow - 1 else { continue }
      lastRow = row
      let line = Rect(row: row, column: plot.column, rows: 1, columns: plot.columns)
      buffer.fill(line, with: glyphs.gridLine, style: Style(.grid))
      let text = yText(value, step: scale.isLogarithmic ? 0 : step)
      // Ticks closer together than the label can tell would seem to be one value twice.
      if text != lastText { drawYLabel(text, row: row, into: &buffer) }
      lastText = text
    }
  }

  private func yText(_ value: Double, step: Double) -> String {
    let room = layout.gutter.columns - 1
    return step > 0
      ? NumberText.axis(value, step: step, columns: room) : NumberText.narrow(value, columns: room)
  }

  private func drawYLabel(_ text: String, row: Int, into buffer: inout Buffer) {
    let room = layout.gutter.columns - 1
    guard room >= 3 else { return }
    let shown = text.count <= room ? text : ""
    buffer.write(
      shown, row: row, column: layout.gutter.column + room - shown.count, style: .dim)
    buffer.write(
      String(glyphs.tickLeft), row: row, column: layout.plot.column - 1, style: Self.axisStyle)
  }

  private func drawXLabels(into buffer: inout Buffer) {
    guard !layout.labels.isEmpty else { return }
    let gutter = layout.gutter.columns
    if SafeText.displayWidth(of: chart.xLabel) < gutter {
      let column = layout.labels.column
      buffer.write(chart.xLabel, row: layout.labels.row, column: column, style: .dim)
    }
    let scale = AxisScale(lower: chart.xRange.lowerBound, upper: chart.xRange.upperBound)
    let columnsPerLabel = 12
    let (values, step) = scale.ticks(
      count: max(layout.plot.columns / columnsPerLabel, 1), atLeast: 2, kind: chart.xKind)
    let row = layout.labels.row
    var free =
      layout.labels.column
      + (chart.xLabel.isEmpty ? 0 : SafeText.displayWidth(of: chart.xLabel) + 1)
    let cursor = cursorLabel()
    for value in values {
      guard let cell = cellColumn(x: value) else { continue }
      let text = chart.xText(value, step: step)
      let width = SafeText.displayWidth(of: text)
      let latest = layout.labels.endColumn - width
      let start = max(min(cell - width / 2, latest), layout.labels.column)
      guard start >= free, start <= latest else { continue }
      if let cursor, start < cursor.column + cursor.width, cursor.column < start + width {
        continue
      }
      buffer.write(text, row: row, column: start, style: .dim)
      free = start + width + 2
      guard !layout.axis.isEmpty else { continue }
      buffer.write(
        String(glyphs.tickDown), row: layout.axis.row, column: cell, style: Self.axisStyle)
    }
  }

  /// The cell column at which an x value lies.
  private func cellColumn(x value: Double) -> Int? {
    let (lower, upper) = (chart.xRange.lowerBound, chart.xRange.upperBound)
    guard value.isFinite, lower.isFinite, upper.isFinite else { return nil }
    if lower == upper { return layout.plot.column }
    let fraction = (value * 0.5 - lower * 0.5) / (upper * 0.5 - lower * 0.5)
    guard fraction >= 0, fraction <= 1 else { return nil }
    let dot = min(Int(fraction * Double(columns)), columns - 1)
    return layout.plot.column + dot / dotsPerCell.columns
  }

  private func drawMarks(into buffer: inout Buffer) {
    // What a person did stands before the checkpoint that was written for it.
    var shown: [Int: ChartMark] = [:]
    for mark in chart.marks where mark.column >= 0 && mark.column < columns {
      let column = layout.plot.column + mark.column / dotsPerCell.columns
      let line = Rect(row: layout.plot.row, column: column, rows: layout.plot.rows, columns: 1)
      if mark.hasLine {
        buffer.fill(line, with: glyphs.markLine, style: Style(mark.role, .faint))
      }
      let known = shown[column]
      if let known, known.hasLine, !mark.hasLine { continue }
      let isMixed = known.map { $0.hasLine == mark.hasLine && $0.glyph != mark.glyph } ?? false
      let glyph: Character = isMixed ? "+" : mark.glyph
      shown[column] = ChartMark(
        column: column, glyph: glyph, role: mark.role, hasLine: mark.hasLine)
      let row = layout.axis.isEmpty ? layout.plot.row : layout.axis.row
      buffer.write(String(glyph), row: row, column: column, style: Style(mark.role, .bold))
    }
  }

  private func drawCursor(into buffer: inout Buffer) {
    guard let cursor = chart.cursorColumn else { return }
    let dot = min(max(cursor, 0), columns - 1)
    let column = layout.plot.column + dot / dotsPerCell.columns
    let line = Rect(row: layout.plot.row, column: column, rows: layout.plot.rows, columns: 1)
    buffer.fill(line, with: glyphs.cursorLine, style: Style(.hotKey))
    if !layout.axis.isEmpty {
      buffer.write(
        String(glyphs.arrowUp), row: layout.axis.row, column: column, style: Style(.hotKey))
    }
    guard !layout.labels.isEmpty, let label = cursorLabel() else { return }
    buffer.write(
      label.text, row: layout.labels.row, column: label.column, style: Style(.hotKey, .bold),
      maxColumns: layout.labels.endColumn - label.column)
  }

  /// The x value under the cursor, which takes the place of the labels of the ticks.
  private func cursorLabel() -> (text: String, column: Int, width: Int)? {
    guard let cursor = chart.cursorColumn else { return nil }
    let dot = min(max(cursor, 0), columns - 1)
    let value = chart.cursorText(column: dot, of: columns)
    let text = " " + SafeText.truncated(value, columns: layout.labels.columns - 2) + " "
    let width = SafeText.displayWidth(of: text)
    let middle = layout.plot.column + dot / dotsPerCell.columns - width / 2
    let column = max(min(middle, layout.labels.endColumn - width), layout.labels.column)
    return (text, column, width)
  }
}
