/// A cursor in the matrix of a layer's weights, and the part of it that is shown.
public struct LayersLens: Sendable, Equatable {
  /// The run and the layer whose weights they are.
  let run, layer: String
  /// All of the matrix.
  let rowCount, columnCount: Int
  private(set) var rows, columns: Range<Int>
  private(set) var row = 0
  private(set) var column = 0

  /// The whole matrix, the cursor at its first weight.
  init(run: String, layer: String, rowCount: Int, columnCount: Int) {
    self.run = run
    self.layer = layer
    self.rowCount = max(1, rowCount)
    self.columnCount = max(1, columnCount)
    rows = 0..<self.rowCount
    columns = 0..<self.columnCount
  }

  /// The same part of a matrix of another size.
  func scaled(rowCount: Int, columnCount: Int) -> LayersLens {
    var lens = LayersLens(run: run, layer: layer, rowCount: rowCount, columnCount: columnCount)
    lens.rows = Self.scaled(rows, of: self.rowCount, to: lens.rowCount)
    lens.columns = Self.scaled(columns, of: self.columnCount, to: lens.columnCount)
    lens.move(
      toRow: Self.scaled(row, of: self.rowCount, to: lens.rowCount),
      column: Self.scaled(column, of: self.columnCount, to: lens.columnCount))
    return lens
  }

  private static func scaled(_ place: Int, of old: Int, to new: Int) -> Int {
    min(max(0, Int(clampedTo: (Double(place) / Double(old) * Double(new)).rounded(.down))), new)
  }

  private static func scaled(_ range: Range<Int>, of old: Int, to new: Int) -> Range<Int> {
    let start = min(scaled(range.lowerBound, of: old, to: new), new - 1)
    return start..<max(start + 1, scaled(range.upperBound, of: old, to: new))
  }

  var showsAll: Bool { rows.count == rowCount && columns.count == columnCount }

  /// Shows all of it again.
  mutating func fit() {
    rows = 0..<rowCount
    columns = 0..<columnCount
  }

  /// Halves or doubles what is shown, around the cursor.
  mutating func zoom(isIn: Bool) {
    rows = Self.zoomed(rows, isIn: isIn, around: row, of: rowCount)
    columns = Self.zoomed(columns, isIn: isIn, around: column, of: columnCount)
  }

  private static let extentMin = 4

  private static func zoomed(
    _ range: Range<Int>, isIn: Bool, around place: Int, of count: Int
  ) -> Range<Int> {
    let halved = max(min(extentMin, count), (range.count + 1) / 2)
    let doubled = range.count > count / 2 ? count : range.count * 2
    let extent = isIn ? min(halved, range.count) : doubled
    let start = min(max(0, place - extent / 2), count - extent)
    return start..<start + extent
  }

  /// Moves the cursor; what is shown follows it.
  mutating func move(toRow row: Int, column: Int) {
    self.row = min(max(0, row), rowCount - 1)
    self.column = min(max(0, column), columnCount - 1)
    rows = Self.following(rows, self.row, of: rowCount)
    columns = Self.following(columns, self.column, of: columnCount)
  }

  private static func following(_ range: Range<Int>, _ place: Int, of count: Int) -> Range<Int> {
    if range.contains(place) { return range }
    let start = place < range.lowerBound ? place : place - range.count + 1
    let clamped = min(max(0, start), count - range.count)
    return clamped..<clamped + range.count
  }
}
