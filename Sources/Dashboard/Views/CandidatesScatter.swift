import TerminalUI

/// Score against cost, a sign a candidate; those on the Pareto front have another one than the
/// rest. Each cell is drawn once, however many candidates lie there.
struct CandidatesScatter {
  let table: CandidatesTable
  /// The candidate that is chosen in the list.
  let chosen: Int?
  let glyphs: GlyphSet

  private static let rowsMin = 5
  private static let columnsMin = 16
  private static let labelColumns = 8

  /// Draws the picture, or a line that says why there is none.
  func draw(into buffer: inout Buffer, rect: Rect) {
    guard !rect.isEmpty else { return }
    guard let cost = table.cost, !table.points.places.isEmpty else {
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
    let points = table.points
    drawAxes(
      points.costs, points.scores, cost, into: &buffer, gutter: gutter, plot: plot, foot: foot)
    var ranks = Array(repeating: -1, count: plot.rows * plot.columns)
    func note(_ place: CandidatesPoints.Place, rank: Int) {
      let up = Int((place.up * Float(max(plot.rows - 1, 0))).rounded())
      let across = Int((place.across * Float(max(plot.columns - 1, 0))).rounded())
      let cell = (plot.rows - 1 - up) * plot.columns + across
      if ranks.indices.contains(cell) { ranks[cell] = max(ranks[cell], rank) }
    }
    for place in points.places { note(place, rank: 0) }
    for place in points.front { note(place, rank: 1) }
    if let chosen, let score = table.score(chosen), let cost = cost.quantity.value(chosen),
      let place = points.place(cost: cost, score: score)
    {
      note(place, rank: 2)
    }
    for (cell, rank) in ranks.enumerated() where rank >= 0 {
      let (sign, style) = sign(rank)
      buffer.write(
        String(sign), row: plot.row + cell / plot.columns,
        column: plot.column + cell % plot.columns, style: style)
    }
  }

  private func sign(_ rank: Int) -> (Character, Style) {
    switch rank {
    case 2: (glyphs.bullet, Style(.hotKey, .bold))
    case 1: (glyphs.hollowBullet, Style(.mark, .bold))
    default: (glyphs == .ascii ? "." : "·", Style(.text))
    }
  }

  private func drawHead(_ cost: CandidatesTable.Cost, into buffer: inout Buffer, _ rect: Rect) {
    let name = SafeText.cleaned(table.meanings.scoreName, maxLength: 20)
    var line = StyledText("\(name) by \(cost.name)", .title)
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
    let low = cost.quantity.text(costs.lowerBound)
    let high = cost.quantity.text(costs.upperBound)
    buffer.write(low, row: foot.row, column: plot.column, style: .dim, maxColumns: plot.columns)
    if low.count + high.count + 1 < plot.columns {
      buffer.write(high, row: foot.row, column: foot.endColumn - high.count, style: .dim)
    }
  }
}
