import RunModel
import TerminalUI

/// A quantity of the layers over the steps: a row a layer, a column some steps.
struct LayersHistory {
  let facts: LayersFacts
  let quantity: LayersQuantity
  /// Those that the log measures it of, from the input to the output.
  let layers: [LayersFacts.Layer]
  /// The first step of the first column and the end of the last.
  let steps: Range<Double>

  init(_ facts: LayersFacts, _ wanted: LayersQuantity) {
    self.facts = facts
    let known = facts.quantities
    let quantity = known.contains(wanted) ? wanted : known.first ?? wanted
    self.quantity = quantity
    layers = facts.layers.filter { $0.tags[quantity] != nil }
    let extent = facts.run.extent(on: .step) ?? 0...0
    let end = facts.run.isGrowing() ? CurvesWindow.ahead(of: extent) : extent.upperBound
    steps = extent.lowerBound..<max(end + 1, extent.lowerBound.nextUp)
  }

  // MARK: Columns

  /// No more columns than steps, so that each has one.
  func columnCount(in places: Int) -> Int {
    max(1, Int(min(Double(max(places, 1)), steps.upperBound - steps.lowerBound)))
  }

  func column(ofStep step: Int64, of columns: Int) -> Int {
    let share = (Double(step) - steps.lowerBound) / (steps.upperBound - steps.lowerBound)
    return min(max(0, Int(min(max(share, 0), 1) * Double(columns))), columns - 1)
  }

  /// The steps of a column.
  func stepRange(_ column: Int, of columns: Int) -> Range<Int64> {
    let width = (steps.upperBound - steps.lowerBound) / Double(columns)
    let first = Self.step(steps.lowerBound + width * Double(column))
    let end = Self.step(steps.lowerBound + width * Double(column + 1))
    return first..<max(first, end)
  }

  /// The column of the newest point.
  func lastColumn(of columns: Int) -> Int {
    let last = layers.compactMap { layer in
      layer.tags[quantity].flatMap { facts.run.series.last(of: $0)?.step }
    }.max()
    return last.map { column(ofStep: $0, of: columns) } ?? columns - 1
  }

  private static func step(_ x: Double) -> Int64 {
    let up = x.rounded(.up)
    return Int64(exactly: up) ?? (up < 0 ? .min : .max)
  }

  // MARK: Values

  private func series(_ layer: LayersFacts.Layer) -> TimeSeries? {
    layer.tags[quantity].flatMap { facts.run.series[$0] }
  }

  /// The points of a column, or where there are none the one before them.
  private func extent(_ series: TimeSeries, _ points: Range<Int>) -> Extent? {
    if !points.isEmpty { return series.extent(points) }
    guard points.lowerBound > 0, points.lowerBound < series.count else { return nil }
    return Extent(series.values[points.lowerBound - 1])
  }

  /// One value a column: the largest, infinite where a point is no number; NaN where there is none.
  private func values(_ layer: LayersFacts.Layer, columns: Int) -> [Float] {
    guard let series = series(layer) else { return Array(repeating: .nan, count: columns) }
    var first = series.firstIndex(atOrAfter: stepRange(0, of: columns).lowerBound)
    return (0..<columns).map { column in
      let end = stepRange(column, of: columns).upperBound
      let next = max(first, series.firstIndex(atOrAfter: end))
      defer { first = next }
      guard let extent = extent(series, first..<next) else { return .nan }
      return extent.hasNonFinite ? .infinity : extent.maximum
    }
  }

  /// The layers around the chosen one that so many rows have room for.
  private func shown(around chosen: String?, rows: Int) -> Range<Int> {
    let count = min(max(rows, 1), layers.count)
    let middle = layers.firstIndex { $0.name == chosen } ?? 0
    let first = min(max(0, middle - count / 2), layers.count - count)
    return first..<first + count
  }

  private func empty(_ labels: [String], hasColors: Bool) -> Heatmap {
    Heatmap(values: [], columns: 0, rowLabels: labels, hasLegend: true, hasColors: hasColors)
  }

  /// How many columns a heatmap in this rectangle has.
  func columns(in rect: Rect) -> Int {
    let labels = layers.map { SafeText.cleaned($0.name, maxLength: 40) }
    return columnCount(in: empty(labels, hasColors: true).plotRect(in: rect).columns)
  }

  func heatmap(
    in rect: Rect, chosen: String?, cursorStep: Int64?, hasColors: Bool, glyphs: GlyphSet
  ) -> Heatmap {
    let columns = columns(in: rect)
    let plotRows = empty([], hasColors: hasColors).plotRect(in: rect).rows
    // Half a cell is enough for a row where colours and half blocks can show it.
    let rows = hasColors && glyphs != .ascii ? 2 * plotRows : plotRows
    let shown = shown(around: chosen, rows: rows)
    let some = layers[shown]
    let largest = some.compactMap { series($0)?.extent.maximum }.max() ?? 1
    let column = cursorStep.map { self.column(ofStep: $0, of: columns) }
    let row = some.firstIndex { $0.name == chosen }
    return Heatmap(
      values: some.flatMap { values($0, columns: columns) }, columns: columns,
      range: quantity.range(upTo: largest),
      // The widest name of all decides the columns, so it is the same wherever the list stands.
      rowLabels: labels(some, widest: layers),
      cursor: row.map { ($0 - shown.lowerBound, column ?? lastColumn(of: columns)) },
      hasLegend: true, hasColors: hasColors)
  }

  private func labels(
    _ some: ArraySlice<LayersFacts.Layer>, widest all: [LayersFacts.Layer]
  ) -> [String] {
    func label(_ layer: LayersFacts.Layer) -> String { SafeText.cleaned(layer.name, maxLength: 40) }
    let width = all.map { SafeText.displayWidth(of: label($0)) }.max() ?? 0
    return some.map { layer in
      let text = label(layer)
      return text + String(repeating: " ", count: max(0, width - SafeText.displayWidth(of: text)))
    }
  }

  /// What is under the cursor: `step 1 240: linear1 sparsity 81.2%`.
  func cursorText(chosen: String?, cursorStep: Int64?, columns: Int) -> String {
    let column = cursorStep.map { self.column(ofStep: $0, of: columns) } ?? lastColumn(of: columns)
    let range = stepRange(column, of: columns)
    func stepText(_ step: Int64) -> String { NumberText.grouped(Int(clamping: step)) }
    let last = range.isEmpty ? range.lowerBound : range.upperBound - 1
    let place =
      range.lowerBound < last
      ? "steps \(stepText(range.lowerBound)) to \(stepText(last))"
      : "step \(stepText(last))"
    guard let layer = layers.first(where: { $0.name == chosen }), let series = series(layer) else {
      return place
    }
    let points =
      series.firstIndex(
        atOrAfter: range.lowerBound)..<series.firstIndex(
        atOrAfter: range.upperBound)
    return "\(place): \(SafeText.cleaned(layer.name, maxLength: 40)) \(quantity.rawValue) "
      + (extent(series, points).map(text) ?? "not logged")
  }

  private func text(_ extent: Extent) -> String {
    let strange = extent.hasNonFinite ? "not a number" : ""
    if extent.isEmpty { return strange }
    let (low, high) = (quantity.text(extent.minimum), quantity.text(extent.maximum))
    return (low == high ? low : "\(low)..\(high)") + (strange.isEmpty ? "" : " and \(strange)")
  }
}
