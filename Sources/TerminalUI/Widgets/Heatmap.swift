/// A table of numbers as a field of colours, or of characters where there are none.
///
/// A value fills a block of cells; where there is no room for that, neighbours share a cell, which
/// shows their mean, and with colours and block characters a cell shows two rows. With a `range`
/// every cell depends on its own values only, so that a column that changes redraws itself alone.
public struct Heatmap: Sendable {
  /// The values, row by row; not-a-number is nothing.
  public var values: [Float]
  /// The number of values in a row; what does not fill a last row is left out.
  public var columns: Int
  /// The values at the low and the high end of the ramp; nil: the smallest and the largest.
  public var range: ClosedRange<Double>?
  /// A name for each row, from the top; may be empty.
  public var rowLabels: [String]
  /// The value that is marked.
  public var cursor: (row: Int, column: Int)?
  /// Whether the ramp and its ends stand on the last row.
  public var hasLegend: Bool
  /// Whether colours carry the values; characters do otherwise.
  public var hasColors: Bool

  /// A heatmap.
  public init(
    values: [Float], columns: Int, range: ClosedRange<Double>? = nil, rowLabels: [String] = [],
    cursor: (row: Int, column: Int)? = nil, hasLegend: Bool = false, hasColors: Bool = true
  ) {
    self.values = values
    self.columns = max(columns, 0)
    self.range = range
    self.rowLabels = rowLabels
    self.cursor = cursor
    self.hasLegend = hasLegend
    self.hasColors = hasColors
  }

  /// The number of rows.
  public var rows: Int { columns == 0 ? 0 : values.count / columns }

  /// The characters of the ramp where there are no colours, from the lowest value.
  static let ramp = [Character](" .:-=+*#%@")

  private static let labelColumnsMax = 16
  private static let legendRowsMin = 3

  /// The cells that the values occupy in this rectangle.
  public func plotRect(in rect: Rect) -> Rect {
    let body = hasLegend && rect.rows >= Self.legendRowsMin ? rect.split(bottom: 1).rest : rect
    return body.split(left: labelColumns(in: rect)).rest
  }

  /// The value that is drawn at a cell; the first of several.
  public func place(
    atRow row: Int, column: Int, in rect: Rect, glyphs: GlyphSet
  ) -> (row: Int, column: Int)? {
    let plot = plotRect(in: rect)
    guard plot.contains(row: row, column: column) else { return nil }
    let perCell = rowsPerCell(plot, glyphs)
    let across = HeatmapAxis(count: columns, slots: plot.columns)
    let down = HeatmapAxis(count: rows, slots: plot.rows * perCell)
    guard let rowRange = down.values(at: (row - plot.row) * perCell),
      let columnRange = across.values(at: column - plot.column)
    else { return nil }
    return (rowRange.lowerBound, columnRange.lowerBound)
  }

  /// Draws over the whole rectangle.
  public func draw(into buffer: inout Buffer, rect: Rect, glyphs: GlyphSet) {
    guard !rect.isEmpty else { return }
    buffer.fill(rect, style: .text)
    let plot = plotRect(in: rect)
    let scale = scale
    if hasLegend, rect.rows >= Self.legendRowsMin {
      drawLegend(into: &buffer, rect: rect.split(bottom: 1).bottom, scale: scale, glyphs: glyphs)
    }
    guard rows > 0, !plot.isEmpty else { return }
    let perCell = rowsPerCell(plot, glyphs)
    let across = HeatmapAxis(count: columns, slots: plot.columns)
    let down = HeatmapAxis(count: rows, slots: plot.rows * perCell)
    for row in 0..<plot.rows {
      let upper = down.values(at: row * perCell)
      let lower = perCell == 2 ? down.values(at: row * 2 + 1) : nil
      for column in 0..<plot.columns {
        guard let range = across.values(at: column) else { continue }
        let steps = (step(upper, range, scale), step(lower, range, scale))
        buffer[plot.row + row, plot.column + column] =
          perCell == 2 ? doubleCell(steps.0, steps.1) : cell(steps.0, glyphs)
      }
    }
    drawLabels(into: &buffer, rect: rect, plot: plot, down: down, perCell: perCell, glyphs: glyphs)
    drawCursor(
      into: &buffer, plot: plot, across: across, down: down, perCell: perCell, glyphs: glyphs)
  }

  private func labelColumns(in rect: Rect) -> Int {
    guard !rowLabels.isEmpty else { return 0 }
    let widest = rowLabels.map { SafeText.displayWidth(of: $0) }.max() ?? 0
    return min(widest + 1, Self.labelColumnsMax, rect.columns / 3)
  }

  private func rowsPerCell(_ plot: Rect, _ glyphs: GlyphSet) -> Int {
    hasColors && glyphs != .ascii && rows > plot.rows ? 2 : 1
  }

  private var scale: AxisScale {
    if let range { return AxisScale(lower: range.lowerBound, upper: range.upperBound) }
    var smallest = Double.infinity
    var largest = -Double.infinity
    for value in values.prefix(rows * columns) where value.isFinite {
      smallest = min(smallest, Double(value))
      largest = max(largest, Double(value))
    }
    return smallest <= largest
      ? AxisScale(lower: smallest, upper: largest) : AxisScale(lower: 0, upper: 1)
  }

  /// The step of the ramp for the mean of some values; nil when all are nothing.
  private func step(_ rows: Range<Int>?, _ columns: Range<Int>, _ scale: AxisScale) -> Role? {
    guard let rows else { return nil }
    var sum = 0.0
    var count = 0.0
    let largest = Float.greatestFiniteMagnitude
    for row in rows {
      for value in values[
        row * self.columns + columns.lowerBound..<row * self.columns
          + columns.upperBound] where !value.isNaN
      {
        sum += Double(min(max(value, -largest), largest))
        count += 1
      }
    }
    return count == 0 ? nil : Role.heat(scale.fraction(sum / count) ?? 0)
  }

  private func cell(_ step: Role?, _ glyphs: GlyphSet) -> Cell {
    guard let step else { return .blank }
    let level = Int(step.rawValue - Role.heat0.rawValue)
    let scalar =
      Self.ramp[level * Self.ramp.count / Role.heatSteps].unicodeScalars.first ?? " "
    if !hasColors { return Cell(scalar, style: .text) }
    let style = Style(foreground: .default, background: step)
    return Cell(glyphs == .ascii ? scalar : " ", style: style)
  }

  private func doubleCell(_ upper: Role?, _ lower: Role?) -> Cell {
    switch (upper, lower) {
    case (nil, nil): return .blank
    case (let upper?, nil): return Cell("▀", style: Style(upper))
    case (nil, let lower?): return Cell("▄", style: Style(lower))
    case (let upper?, let lower?):
      if upper == lower { return Cell(" ", style: Style(foreground: .default, background: lower)) }
      return Cell("▀", style: Style(foreground: upper, background: lower))
    }
  }

  private func drawLabels(
    into buffer: inout Buffer, rect: Rect, plot: Rect, down: HeatmapAxis, perCell: Int,
    glyphs: GlyphSet
  ) {
    let room = labelColumns(in: rect) - 1
    guard room > 0 else { return }
    var last = -1
    for row in 0..<plot.rows {
      guard let range = down.values(at: row * perCell), range.lowerBound > last,
        range.lowerBound < rowLabels.count
      else { continue }
      last = range.lowerBound
      let isChosen = cursor.map { range.contains($0.row) } ?? false
      let text = SafeText.truncated(rowLabels[last], columns: room, glyphs: glyphs)
      // A block of several rows has its name in its middle.
      let middle = plot.row + row + (perCell == 1 ? (down.slotsPerValue - 1) / 2 : 0)
      buffer.write(
        text, row: middle, column: rect.column, style: isChosen ? Style(.hotKey, .bold) : .dim)
    }
  }

  private func drawCursor(
    into buffer: inout Buffer, plot: Rect, across: HeatmapAxis, down: HeatmapAxis, perCell: Int,
    glyphs: GlyphSet
  ) {
    guard let cursor, let right = across.slots(of: cursor.column),
      let under = down.slots(of: cursor.row)
    else { return }
    let block = Rect(
      row: plot.row + under.lowerBound / perCell, column: plot.column + right.lowerBound,
      rows: max(under.count / perCell, 1), columns: right.count)
    guard hasColors else {
      buffer.restyle(block) { $0.adding(.reverse) }
      return
    }
    let row = block.row + (block.rows - 1) / 2
    let column = block.column + (block.columns - 1) / 2
    let old = buffer[row, column].style
    let isLowerHalf = perCell == 2 && under.lowerBound % 2 == 1
    let shown = old.foreground.isHeat && !(isLowerHalf && old.background.isHeat)
    let behind = shown ? old.foreground : old.background
    let style =
      behind.isHeat ? Style(foreground: .default, background: behind) : Style(.hotKey, .bold)
    buffer.write(String(glyphs.bullet), row: row, column: column, style: style)
  }

  private func drawLegend(
    into buffer: inout Buffer, rect: Rect, scale: AxisScale, glyphs: GlyphSet
  ) {
    let low = NumberText.significant(scale.lower, digits: 3) + " "
    let high = " " + NumberText.significant(scale.upper, digits: 3)
    let room = rect.columns - low.count - high.count
    guard room > 0 else { return }
    let length = min(room, Role.heatSteps)
    buffer.write(low, row: rect.row, column: rect.column, style: .dim)
    for index in 0..<length {
      let step = Role.heat((Double(index) + 0.5) / Double(length))
      buffer[rect.row, rect.column + low.count + index] = cell(step, glyphs)
    }
    buffer.write(high, row: rect.row, column: rect.column + low.count + length, style: .dim)
  }
}
