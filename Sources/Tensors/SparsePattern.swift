/// Where the numbers of a sparse matrix lie: row after row, within a row by growing column
/// (compressed sparse rows).
///
/// It knows no values. Those of a masked weight matrix stay in the dense one, and are gathered from
/// their places there.
public final class SparsePattern: @unchecked Sendable {
  public let rows, columns: Int
  /// Numbers that there are.
  public let count: Int
  /// The numbers of row r are number starts[r] to starts[r + 1]; [rows + 1].
  public let starts: UnsafePointer<Int>
  /// The column of each number; [count].
  public let columnIndices: UnsafePointer<Int32>
  /// Where each number is to be found: in a dense row-major matrix, or, of a transposed pattern, in
  /// the values of the one that it was made from; [count].
  public let places: UnsafePointer<Int32>

  /// - Parameter kept: a dense matrix of at most 2³¹ numbers, [rows, columns], without gaps; the
  ///   numbers that are not 0 belong to the pattern.
  public init<Scalar>(
    ofNonzerosIn kept: UnsafePointer<Scalar>, rows: Int, columns: Int,
    _ kernels: some SparseKernels<Scalar>
  ) {
    precondition(rows * columns <= 1 << 31, "the places of a pattern are 32-bit numbers")
    let count = kernels.findNonzeros(kept, count: rows * columns, into: nil)
    let memory = Memory(rows: rows, count: count)
    _ = kernels.findNonzeros(kept, count: rows * columns, into: memory.places)
    var row = 0
    for number in 0..<count {
      let place = Int(memory.places[number])
      while place >= (row + 1) * columns {
        row += 1
        memory.starts[row] = number
      }
      memory.columnIndices[number] = Int32(place - row * columns)
    }
    for rest in row..<rows { memory.starts[rest + 1] = count }
    (self.rows, self.columns, self.count) = (rows, columns, count)
    (starts, columnIndices, places) = memory.pointers
  }

  /// The pattern of the transposed matrix.
  public init(transposing other: SparsePattern) {
    let memory = Memory(rows: other.columns, count: other.count)
    (rows, columns, count) = (other.columns, other.rows, other.count)
    (starts, columnIndices, places) = memory.pointers
    // First how many each row has, then where the next one goes, which ends at the next row.
    for number in 0..<count { memory.starts[Int(other.columnIndices[number]) + 1] += 1 }
    for row in 0..<rows { memory.starts[row + 1] += memory.starts[row] }
    for row in stride(from: rows, to: 0, by: -1) { memory.starts[row] = memory.starts[row - 1] }
    for column in 0..<columns {
      for number in other.starts[column]..<other.starts[column + 1] {
        let row = Int(other.columnIndices[number])
        let place = memory.starts[row + 1]
        memory.starts[row + 1] += 1
        memory.columnIndices[place] = Int32(column)
        memory.places[place] = Int32(number)
      }
    }
  }

  deinit {
    starts.deallocate()
    columnIndices.deallocate()
    places.deallocate()
  }

  private struct Memory {
    let starts: UnsafeMutablePointer<Int>
    let columnIndices, places: UnsafeMutablePointer<Int32>

    init(rows: Int, count: Int) {
      starts = .allocate(capacity: rows + 1)
      starts.initialize(repeating: 0, count: rows + 1)
      columnIndices = .allocate(capacity: max(1, count))
      columnIndices.initialize(repeating: 0, count: max(1, count))
      places = .allocate(capacity: max(1, count))
      places.initialize(repeating: 0, count: max(1, count))
    }

    var pointers: (UnsafePointer<Int>, UnsafePointer<Int32>, UnsafePointer<Int32>) {
      (UnsafePointer(starts), UnsafePointer(columnIndices), UnsafePointer(places))
    }
  }

  /// The first row of each of some pieces that have about as many numbers each, and the number of
  /// rows; for the threads of a pool. It follows from the pattern alone.
  public func pieces(countMax: Int) -> [Int] {
    // Whole vectors but for the last piece; a row costs something even when it is empty.
    let rowsPerPieceMin = 16
    let costOfARow = 4
    var boundaries = [0]
    for piece in 1..<max(2, countMax) {
      let target = (count + costOfARow * rows) * piece / countMax
      var row = boundaries[boundaries.count - 1]
      while row < rows && starts[row] + costOfARow * row < target { row += rowsPerPieceMin }
      if row > boundaries[boundaries.count - 1] && row < rows { boundaries.append(row) }
    }
    return boundaries + [rows]
  }
}
