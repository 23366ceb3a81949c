import LogFormats
import RunLog
import RunModel
import TerminalUI

/// A picture of a layer's weights: the share of them that is not 0 in each cell, of all of the
/// matrix or of a part.
struct LayersDensity {
  /// The part that is shown, in the matrix [outputs, inputs × kernel].
  let rows, columns: Range<Int>
  let values: [Float]
  /// Where cells begin, and where the last ends.
  let rowEdges, columnEdges: [Int]
  /// The single weights of cells that are one.
  let weights: [Float?]
  /// The file that it was read from; nil: the log.
  let file: String?

  var gridColumns: Int { max(0, columnEdges.count - 1) }
  var gridRows: Int { max(0, rowEdges.count - 1) }

  /// Cells of a picture at most, as in the log.
  static let gridRowsMax = 32
  static let gridColumnsMax = 64

  /// From the log's grid: the cells that the lens shows a part of; all of them without one.
  init(_ grid: Grid, rowCount: Int, columnCount: Int, lens: LayersLens?) {
    let down = Self.edges(extent: rowCount, count: grid.rows)
    let across = Self.edges(extent: columnCount, count: grid.columns)
    let (someRows, someColumns) = (
      Self.cells(down, lens?.rows), Self.cells(across, lens?.columns)
    )
    rowEdges = Array(down[someRows.lowerBound...someRows.upperBound])
    columnEdges = Array(across[someColumns.lowerBound...someColumns.upperBound])
    values = someRows.flatMap { row in
      someColumns.map { grid.values[row * grid.columns + $0] }
    }
    rows = lens?.rows ?? 0..<max(1, rowCount)
    columns = lens?.columns ?? 0..<max(1, columnCount)
    weights = []
    file = nil
  }

  /// From a file.
  init(_ region: WeightRegion, file: String) {
    (rows, columns) = (region.rows, region.columns)
    rowEdges = Self.edges(extent: region.rows.count, count: region.gridRows)
      .map { $0 + region.rows.lowerBound }
    columnEdges = Self.edges(extent: region.columns.count, count: region.gridColumns)
      .map { $0 + region.columns.lowerBound }
    (values, weights) = (region.densities, region.values)
    self.file = file
  }

  /// Place p of an extent falls into cell p · count / extent.
  static func edges(extent: Int, count: Int) -> [Int] {
    let (extent, count) = (max(extent, count, 1), max(count, 1))
    return (0...count).map { cell in
      let product = cell.multipliedFullWidth(by: extent)
      guard product.high == 0, product.low <= UInt(Int.max) - UInt(count) else { return extent }
      return (Int(product.low) + count - 1) / count
    }
  }

  /// The cells that have a part of a range.
  private static func cells(_ edges: [Int], _ range: Range<Int>?) -> Range<Int> {
    let count = edges.count - 1
    guard let range else { return 0..<count }
    let first = (0..<count).last { edges[$0] <= range.lowerBound } ?? 0
    let last = (first..<count).last { edges[$0] < range.upperBound } ?? first
    return first..<last + 1
  }

  /// The cell of a place in the matrix.
  func cell(row: Int, column: Int) -> (row: Int, column: Int) {
    (
      (0..<gridRows).last { rowEdges[$0] <= row } ?? 0,
      (0..<gridColumns).last { columnEdges[$0] <= column } ?? 0
    )
  }

  /// The first place of the cell some cells away; beyond the edges by the width of a cell.
  func place(fromRow row: Int, column: Int, down: Int, right: Int) -> (row: Int, column: Int) {
    let cell = cell(row: row, column: column)
    return (
      down == 0 ? row : Self.place(rowEdges, cell.row + down),
      right == 0 ? column : Self.place(columnEdges, cell.column + right)
    )
  }

  private static func place(_ edges: [Int], _ cell: Int) -> Int {
    let count = edges.count - 1
    guard count > 0 else { return 0 }
    if cell < 0 { return edges[0] - 1 }
    if cell >= count { return edges[count] }
    return edges[cell]
  }

  /// "filters 12 to 15, weights 64 to 79: 81.2% not 0", "row 3, column 9: -0.0312".
  func text(row: Int, column: Int, rowName: String, columnName: String) -> String {
    let cell = cell(row: row, column: column)
    let index = cell.row * gridColumns + cell.column
    guard values.indices.contains(index), gridRows > 0, gridColumns > 0 else { return "" }
    func range(_ name: String, _ first: Int, _ end: Int) -> String {
      let last = max(first, end - 1)
      return first == last ? "\(name) \(first)" : "\(name)s \(first) to \(last)"
    }
    let place =
      range(rowName, rowEdges[cell.row], rowEdges[cell.row + 1]) + ", "
      + range(columnName, columnEdges[cell.column], columnEdges[cell.column + 1])
    if index < weights.count, let weight = weights[index] {
      return place + ": " + NumberText.significant(Double(weight))
    }
    return place + ": " + NumberText.percent(Double(values[index])) + " not 0"
  }
}
