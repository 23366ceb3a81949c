import TerminalUI

/// Score against cost, a sign a candidate; those on the Pareto front have another one than the
/// rest.
struct CandidatesScatter {
  let table: CandidatesTable
  /// The record that is chosen in the list.
  let chosen: Int?
  let glyphs: GlyphSet

  private static let rowsMin = 5
  private static let columnsMin = 16
  private static let labelColumns = 8

  /// Draws the picture, or a line that says why there is none.
  func draw(into buffer: inout Buffer, rect: Rect) {
    guard !rect.isEmpty else { return }
    let points = table.records.indices.compactMap { index -> Point? in
      guard let score = table.records[index].score, score.isFinite,
        let cost = table.cost?.value(table.records[index]), cost.isFinite
      else { return nil }
      return Point(index: index, cost: cost, score: score)
    }
    guard let cost = table.cost, !points.isEmpty else {
      buffer.write(
        "no scatter: nothing tells score and parameters", row: rect.row, column: rect.column,
        style: .dim, maxColumns: rect.columns)
      return
    }
    guard rect.rows >= Self.rowsMin, rect.columns >= Self.columnsMin else { return }
    let (head, body) = rect.split(top: 1)
    let (foot, upper) = body.split(bottom: 1)
    let (gutter, plot) = upper.split(left: Self.labelColumns)
    drawHead(cost, into: &buffer, head)
    let costs = Self.range(points.map(\.cost))
    let scores = Self.range(points.map(\.score))
    drawAxes(costs, scores, cost, into: &buffer, gutter: gutter, plot: plot, foot: foot)
    // The rest first, so that the front and the chosen one stand over it.
    for rank in 0...2 {
      for point in points where self.rank(point.index) == rank {
        let (sign, style) = sign(rank)
        let up = Self.share(point.score, scores) * Double(max(plot.rows - 1, 0))
        let across = Self.share(point.cost, costs) * Double(max(plot.columns - 1, 0))
        buffer.write(
          String(sign), row: plot.endRow - 1 - Int(up.rounded()),
          column: plot.column + Int(across.rounded()), style: style)
      }
    }
  }

  private struct Point {
    let index: Int
    let cost, score: Double
  }

  private func rank(_ index: Int) -> Int {
    index == chosen ? 2 : table.front.contains(index) ? 1 : 0
  }

  private func sign(_ rank: Int) -> (Character, Style) {
    switch rank {
    case 2: (glyphs.bullet, Style(.hotKey, .bold))
    case 1: (glyphs.hollowBullet, Style(.mark, .bold))
    default: (glyphs == .ascii ? "." : "·", Style(.text))
    }
  }

  private func drawHead(_ cost: CandidatesTable.Cost, into buffer: inout Buffer, _ rect: Rect) {
    let name = SafeText.cleaned(table.scoreName, maxLength: 20)
    var line = StyledText("\(name) by \(cost.rawValue)", .title)
    line.append("  ")
    line.append(String(sign(1).0), sign(1).1)
    line.append(" Pareto front  ", .dim)
    line.append(String(sign(2).0), sign(2).1)
    line.append(" chosen", .dim)
    buffer.write(line, row: rect.row, column: rect.column, maxColumns: rect.columns)
  }

  private func drawAxes(
    _ costs: ClosedRange<Double>, _ scores: ClosedRange<Double>, _ cost: CandidatesTable.Cost,
    into buffer: inout Buffer, gutter: Rect, plot: Rect, foot: Rect
  ) {
    for row in plot.row..<plot.endRow {
      buffer.write(
        String(glyphs.verticalLine), row: row, column: gutter.endColumn - 1, style: Style(.border))
    }
    let isFlat = scores.lowerBound == scores.upperBound
    let labels = [(scores.upperBound, plot.row), (scores.lowerBound, plot.endRow - 1)]
    for (value, row) in isFlat ? [(scores.lowerBound, plot.row + plot.rows / 2)] : labels {
      let text = NumberText.narrow(value, columns: Self.labelColumns - 1)
      buffer.write(
        text, row: row, column: max(gutter.column, gutter.endColumn - 1 - text.count), style: .dim)
    }
    let (low, high) = (cost.text(costs.lowerBound), cost.text(costs.upperBound))
    buffer.write(low, row: foot.row, column: plot.column, style: .dim, maxColumns: plot.columns)
    if low.count + high.count + 1 < plot.columns {
      buffer.write(high, row: foot.row, column: foot.endColumn - high.count, style: .dim)
    }
  }

  private static func range(_ values: [Double]) -> ClosedRange<Double> {
    let low = values.min() ?? 0
    return low...max(values.max() ?? 1, low)
  }

  private static func share(_ value: Double, _ values: ClosedRange<Double>) -> Double {
    // Halves, because the difference of two finite numbers need not be finite.
    let span = values.upperBound / 2 - values.lowerBound / 2
    return span > 0 ? min(max((value / 2 - values.lowerBound / 2) / span, 0), 1) : 0.5
  }
}
