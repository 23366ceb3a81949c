@testable import TerminalUI

/// Series with known shapes for the chart tests.
enum ChartSamples {
  /// From `high` down to `low`, in equal steps of dot columns.
  static func falling(_ columns: Int, from high: Double, to low: Double) -> [ColumnExtent?] {
    (0..<columns).map { index in
      let share = columns > 1 ? Double(index) / Double(columns - 1) : 0
      return ColumnExtent(high + (low - high) * share)
    }
  }

  /// A loss that decays, with a band around it that narrows.
  static func loss(_ columns: Int) -> [ColumnExtent?] {
    (0..<columns).map { index in
      let value = 2 / (1 + 12 * Double(index) / Double(max(columns, 1)))
      return ColumnExtent(minimum: value * 0.8, maximum: value * 1.2)
    }
  }

  /// A chart of one or more curves, whose columns are made for the rectangle.
  static func lines(
    _ chart: LineChart, rows: Int, columns: Int, glyphs: GlyphSet = .braille,
    curves: [(Int) -> [ColumnExtent?]]
  ) -> [String] {
    screen(chart, rows: rows, columns: columns, glyphs: glyphs, curves: curves).textLines()
  }

  /// The same as a buffer.
  static func screen(
    _ chart: LineChart, rows: Int, columns: Int, glyphs: GlyphSet = .braille,
    curves: [(Int) -> [ColumnExtent?]]
  ) -> Buffer {
    let rect = Rect(row: 0, column: 0, rows: rows, columns: columns)
    let count = LineChart.plotColumns(in: rect, glyphs: glyphs)
    var chart = chart
    for (index, curve) in curves.enumerated() {
      chart.series.append(
        ChartSeries(
          name: ["train", "val", "third"][index % 3], role: .series(index), columns: curve(count)))
    }
    var buffer = Buffer(rows: rows, columns: columns)
    chart.draw(into: &buffer, rect: rect, glyphs: glyphs)
    return buffer
  }
}
