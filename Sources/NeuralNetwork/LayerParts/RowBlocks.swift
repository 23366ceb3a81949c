/// Rows cut into blocks for the threads of a pool. The cut follows from the shape alone, so that
/// results do not depend on the number of threads.
struct RowBlocks {
  let rows, rowsPerBlock: Int
  var count: Int { (rows + rowsPerBlock - 1) / rowsPerBlock }

  /// - Parameter columns: scalars of a row.
  init(rows: Int, columns: Int) {
    self.rows = rows
    let blocks = Self.countMax(rows: rows, columns: columns)
    rowsPerBlock = max(1, (rows + blocks - 1) / blocks)
  }

  func range(of block: Int) -> Range<Int> {
    let first = block * rowsPerBlock
    return first..<min(rows, first + rowsPerBlock)
  }

  /// No fewer than the blocks of that many rows or less.
  static func countMax(rows: Int, columns: Int) -> Int {
    // Less is done before another thread is awake.
    let scalarsPerBlockMin = 1 << 15
    let blocksMax = 64
    return max(1, min(rows, rows * columns / scalarsPerBlockMin, blocksMax))
  }
}
