/// A part of a tensor seen as a matrix, in a grid of few cells: a picture that can be zoomed into.
public struct TensorRegion: Sendable, Equatable {
  /// What is shown of the matrix [first axis, all others].
  public let rows, columns: Range<Int>
  public let gridRows, gridColumns: Int
  /// Row by row.
  public let cells: [Cell]

  public struct Cell: Sendable, Equatable {
    /// Weights in it.
    public fileprivate(set) var count = 0
    public fileprivate(set) var nonZeros = 0
    /// Of those that are finite; where the cell is one weight, both are its value.
    public fileprivate(set) var minimum = Float.infinity
    public fileprivate(set) var maximum = -Float.infinity
    fileprivate var sum = 0.0

    /// The part that is not 0.
    public var density: Float { count > 0 ? Float(nonZeros) / Float(count) : 0 }
    /// The mean absolute value.
    public var meanMagnitude: Float { count > 0 ? Float(sum / Double(count)) : 0 }
    /// The weight, where the cell is one.
    public var value: Float? { count == 1 && minimum == maximum ? minimum : nil }
  }

  /// Reads a part of a tensor, and nothing else of the file.
  /// - Parameters:
  ///   - rows: cut to those there are; so are columns.
  ///   - gridRows: the most rows of cells, at least 1; fewer where the region has fewer.
  /// - Returns: nil for a type that is not read as numbers, and for an empty region.
  public static func read(
    rows: Range<Int>, columns: Range<Int>, of tensor: SafetensorsHeader.Entry,
    in reader: SafetensorsReader, gridRows: Int, gridColumns: Int
  ) throws(TensorFileError) -> TensorRegion? {
    guard tensor.elementCount > 0, let decoder = ElementDecoder(tensor.type) else { return nil }
    let width = tensor.elementCount / (tensor.shape.first ?? 1)
    let rows = rows.clamped(to: 0..<(tensor.shape.first ?? 1))
    let columns = columns.clamped(to: 0..<width)
    guard !rows.isEmpty, !columns.isEmpty else { return nil }
    var cells = RegionCells(
      down: GridCells(extent: rows.count, count: min(max(gridRows, 1), rows.count)),
      across: GridCells(extent: columns.count, count: min(max(gridColumns, 1), columns.count)))
    for row in rows {
      let first = row * width + columns.lowerBound
      try reader.read(first..<first + columns.count, of: tensor, by: decoder) {
        (numbers: UnsafeBufferPointer<Float>, index) throws(TensorFileError) in
        cells.add(numbers, row: row - rows.lowerBound, column: index - first)
      }
    }
    return TensorRegion(
      rows: rows, columns: columns, gridRows: cells.down.count, gridColumns: cells.across.count,
      cells: cells.cells)
  }
}

private struct RegionCells {
  let down, across: GridCells
  private(set) var cells: [TensorRegion.Cell]

  init(down: GridCells, across: GridCells) {
    self.down = down
    self.across = across
    cells = Array(repeating: TensorRegion.Cell(), count: down.count * across.count)
  }

  /// Adds a piece of a row of the region.
  mutating func add(_ numbers: UnsafeBufferPointer<Float>, row: Int, column: Int) {
    let first = down.cell(of: row) * across.count
    var index = 0
    while index < numbers.count {
      let cell = across.cell(of: column + index)
      let end = min(numbers.count, across.places(of: cell).upperBound - column)
      add(numbers[index..<end], to: &cells[first + cell])
      index = end
    }
  }

  private func add(_ numbers: Slice<UnsafeBufferPointer<Float>>, to cell: inout TensorRegion.Cell) {
    for number in numbers {
      cell.count += 1
      if number != 0 { cell.nonZeros += 1 }
      guard number.isFinite else { continue }
      cell.minimum = min(cell.minimum, number)
      cell.maximum = max(cell.maximum, number)
      cell.sum += Double(abs(number))
    }
  }
}
