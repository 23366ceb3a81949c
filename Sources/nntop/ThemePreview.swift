import TerminalUI

/// What a theme looks like, on a made-up screen.
enum ThemePreview {
  private static let columns = 80
  private static let statuses: [(Role, String)] = [
    (.text, "text"), (.dim, "dim"), (.hotKey, "key"), (.statusGood, "good"),
    (.statusWarning, "warning"), (.statusBad, "bad"), (.mark, "mark"),
  ]

  /// Its name, and a line of texts, curves and the heat ramp. Without colours characters carry
  /// what they can.
  static func short(of theme: Theme, glyphs: GlyphSet, hasColors: Bool) -> Buffer {
    let hasColors = hasColors && !theme.isMonochrome
    var buffer = Buffer(rows: 3, columns: columns)
    drawName(of: theme, into: &buffer)
    var column = drawStatuses(into: &buffer, row: 1, column: 2) + 1
    column = drawSeries(into: &buffer, row: 1, column: column, glyphs: glyphs) + 1
    drawRamp(into: &buffer, row: 1, column: column, hasColors: hasColors, glyphs: glyphs)
    return buffer
  }

  /// A chart, a list with its chosen row, a bar, a heatmap, and all of the short preview.
  static func long(of theme: Theme, glyphs: GlyphSet, hasColors: Bool) -> Buffer {
    let hasColors = hasColors && !theme.isMonochrome
    var buffer = Buffer(rows: 23, columns: columns)
    drawName(of: theme, into: &buffer)
    drawStatuses(into: &buffer, row: 1, column: 2)
    drawList(into: &buffer, row: 3, glyphs: glyphs)
    drawSeries(into: &buffer, row: 7, column: 2, glyphs: glyphs)
    drawRamp(into: &buffer, row: 7, column: 28, hasColors: hasColors, glyphs: glyphs)
    let chart = Rect(row: 9, column: 0, rows: 13, columns: 50)
    drawChart(into: &buffer, rect: chart, hasColors: hasColors, glyphs: glyphs)
    let field = Rect(row: 9, column: 52, rows: 12, columns: columns - 54)
    drawHeatmap(into: &buffer, rect: field, hasColors: hasColors, glyphs: glyphs)
    return buffer
  }

  private static func drawName(of theme: Theme, into buffer: inout Buffer) {
    let used = buffer.write(theme.name, row: 0, column: 0, style: .title)
    buffer.write(
      SafeText.truncated(theme.summary, columns: columns - used - 2), row: 0, column: used + 2,
      style: .dim)
  }

  @discardableResult
  private static func drawStatuses(into buffer: inout Buffer, row: Int, column: Int) -> Int {
    var column = column
    for (role, name) in statuses {
      column += buffer.write(name + " ", row: row, column: column, style: Style(role))
    }
    return column
  }

  @discardableResult
  private static func drawSeries(
    into buffer: inout Buffer, row: Int, column: Int, glyphs: GlyphSet
  ) -> Int {
    var column = column
    for index in 0..<Role.seriesCount {
      let text = String(glyphs.barFull) + "\(index + 1) "
      column += buffer.write(text, row: row, column: column, style: Style(.series(index)))
    }
    return column
  }

  private static func drawRamp(
    into buffer: inout Buffer, row: Int, column: Int, hasColors: Bool, glyphs: GlyphSet
  ) {
    let steps = Role.heatSteps
    Heatmap(
      values: (0..<steps).map { Float($0) }, columns: steps, range: 0...Double(steps - 1),
      hasColors: hasColors
    ).draw(
      into: &buffer, rect: Rect(row: row, column: column, rows: 1, columns: steps), glyphs: glyphs)
  }

  private static func drawList(into buffer: inout Buffer, row: Int, glyphs: GlyphSet) {
    let rows: [(name: String, state: String, role: Role, fraction: Double)] = [
      ("glyphs", "finished", .statusGood, 1), ("try-2", "running", .text, 0.6),
      ("try-3", "diverged", .statusBad, 0.3),
    ]
    for (index, entry) in rows.enumerated() {
      let isChosen = index == 1
      let background: Role = isChosen ? .selection : .background
      let line = Rect(row: row + index, column: 0, rows: 1, columns: columns)
      buffer.fill(line, style: Style(.text).on(background))
      let pointer = isChosen ? String(glyphs.pointer) : " "
      buffer.write(pointer, row: row + index, column: 0, style: Style(.hotKey).on(background))
      buffer.write(entry.name, row: row + index, column: 2, style: Style(.text).on(background))
      buffer.write(
        entry.state, row: row + index, column: 14, style: Style(entry.role).on(background))
      buffer.write(
        "step 5 440", row: row + index, column: 26, style: Style(.dim).on(background))
      Gauge(fraction: entry.fraction).draw(
        into: &buffer, row: row + index, column: 40, width: 30, glyphs: glyphs,
        background: background)
    }
  }

  private static func drawChart(
    into buffer: inout Buffer, rect: Rect, hasColors: Bool, glyphs: GlyphSet
  ) {
    let count = LineChart.plotColumns(in: rect, glyphs: glyphs)
    func curve(_ height: Double, _ end: Double, noise: Double) -> [ColumnExtent?] {
      (0..<count).map { index in
        let value = height / (1 + 9 * Double(index) / Double(count)) + end
        let swing = value * noise * Double(index * 7 % 11) / 11
        return ColumnExtent(minimum: value - swing, maximum: value + swing)
      }
    }
    var series = [
      ChartSeries(
        name: "train", role: .series1, columns: curve(2, 0, noise: 0.5), isFaint: true,
        isListed: false)
    ]
    for (index, name) in ["train", "val", "test"].enumerated() {
      let columns = curve(2 + 0.3 * Double(index), 0.3 * Double(index), noise: 0)
      series.append(ChartSeries(name: name, role: .series(index), columns: columns))
    }
    LineChart(
      title: "loss", series: series, xRange: 0...5000,
      marks: [ChartMark(column: count / 2, glyph: "L")], isFocused: true,
      numbersSeries: !hasColors
    ).draw(into: &buffer, rect: rect, glyphs: glyphs)
  }

  private static func drawHeatmap(
    into buffer: inout Buffer, rect: Rect, hasColors: Bool, glyphs: GlyphSet
  ) {
    let (rows, columns) = (11, 24)
    let values = (0..<rows * columns).map { index in
      Float(index / columns + 1) / Float(rows) * Float(index % columns) / Float(columns - 1)
    }
    Heatmap(
      values: values, columns: columns, range: 0...1, cursor: (4, 12), hasLegend: true,
      hasColors: hasColors
    ).draw(into: &buffer, rect: rect, glyphs: glyphs)
  }
}
