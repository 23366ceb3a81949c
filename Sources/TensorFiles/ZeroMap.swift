/// Where the zeros of a matrix are: in which rows and columns, and how dense each part is. Takes
/// its elements in pieces, row by row.
struct ZeroMap {
  let rows, columns: Int
  let gridRows, gridColumns: Int
  private(set) var zeroRows = 0

  /// Zeros of each column in the rows of the present grid row.
  private var band: [UInt32]
  private var isBandClean = true
  /// Zeros of each column in all rows before.
  private var totals: [UInt32]
  /// Zeros in each cell.
  private var cells: [Int]
  private var row = 0
  private var column = 0
  private var zerosInRow = 0

  /// A matrix of more columns is not looked at: its counts would take much memory.
  static let columnsMax = 1 << 22

  /// nil for tensors without rows and columns, empty ones, and those that are too large.
  /// - Parameters:
  ///   - gridRows: the most rows of the grid; 0 where none is wanted.
  ///   - gridColumns: the most columns.
  init?(shape: [Int], gridRows: Int, gridColumns: Int) {
    guard shape.count >= 2, !shape.contains(0) else { return nil }
    rows = shape[0]
    columns = shape.dropFirst().reduce(1, *)
    guard columns <= Self.columnsMax, rows < Int(UInt32.max) else { return nil }
    self.gridRows = min(rows, max(gridRows, 1))
    self.gridColumns = min(columns, max(gridColumns, 1))
    band = Array(repeating: 0, count: columns)
    totals = band
    cells = Array(repeating: 0, count: self.gridRows * self.gridColumns)
  }

  /// - Parameter zeros: how many of the numbers are 0.
  mutating func add(_ numbers: UnsafeBufferPointer<Float>, zeros: Int) {
    guard let first = numbers.baseAddress else { return }
    var index = 0
    while index < numbers.count {
      let length = min(columns - column, numbers.count - index)
      if zeros > 0 { count(first + index, length) }
      index += length
      column += length
      if column == columns { endRow() }
    }
  }

  private mutating func count(_ numbers: UnsafePointer<Float>, _ length: Int) {
    let found = band.withUnsafeMutableBufferPointer { band -> Int in
      guard let counts = band.baseAddress.map({ $0 + column }) else { return 0 }
      var found: UInt32 = 0
      for index in 0..<length {
        let zero: UInt32 = numbers[index] == 0 ? 1 : 0
        counts[index] &+= zero
        found &+= zero
      }
      return Int(found)
    }
    if found > 0 { isBandClean = false }
    zerosInRow += found
  }

  private mutating func endRow() {
    if zerosInRow == columns { zeroRows += 1 }
    let gridRow = cell(row, of: rows, gridRows)
    row += 1
    (column, zerosInRow) = (0, 0)
    guard !isBandClean, row == rows || cell(row, of: rows, gridRows) != gridRow else { return }
    for column in 0..<columns {
      cells[gridRow * gridColumns + cell(column, of: columns, gridColumns)] += Int(band[column])
      totals[column] &+= band[column]
      band[column] = 0
    }
    isBandClean = true
  }

  /// Columns that hold nothing but zeros; once all rows have come.
  var zeroColumns: Int { totals.reduce(0) { $0 + ($1 == UInt32(rows) ? 1 : 0) } }

  /// The fraction of each cell that is not 0; once all rows have come.
  var density: TensorGrid {
    let heights = sizes(rows, gridRows)
    let widths = sizes(columns, gridColumns)
    let values = cells.indices.map { index in
      let size = heights[index / gridColumns] * widths[index % gridColumns]
      return Float(1 - Double(cells[index]) / Double(size))
    }
    return TensorGrid(rows: gridRows, columns: gridColumns, values: values)
  }

  private func cell(_ place: Int, of extent: Int, _ cells: Int) -> Int {
    GridCells(extent: extent, count: cells).cell(of: place)
  }

  private func sizes(_ extent: Int, _ count: Int) -> [Int] {
    let cells = GridCells(extent: extent, count: count)
    return (0..<count).map { cells.places(of: $0).count }
  }
}

/// How an axis is divided into cells that are as equal as can be.
struct GridCells {
  let extent, count: Int

  /// The cell in which a place from 0 lies.
  func cell(of place: Int) -> Int {
    Int(place.multipliedFullWidth(by: count).low / UInt(max(extent, 1)))
  }

  /// The places of a cell.
  func places(of cell: Int) -> Range<Int> {
    first(cell)..<first(cell + 1)
  }

  /// The least place whose cell is this one.
  private func first(_ cell: Int) -> Int { (cell * extent + count - 1) / count }
}
