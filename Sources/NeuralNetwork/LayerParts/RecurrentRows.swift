/// Rows of a batch, one behind the other, whose sequences have the same length.
struct RowRun {
  let first: Int
  let count: Int
  /// Valid steps, from none to all.
  let length: Int
}

/// Some rows of a batch, run by run.
struct RowRuns: Sequence, IteratorProtocol {
  private var row: Int
  private let end: Int
  private let steps: Int
  private let lengths: UnsafePointer<Int32>?

  /// - Parameters:
  ///   - steps: that the longest sequence may have.
  ///   - lengths: the valid steps of each row of the batch; nil: all are valid.
  init(of rows: Range<Int>, steps: Int, lengths: UnsafePointer<Int32>?) {
    row = rows.lowerBound
    end = rows.upperBound
    self.steps = steps
    self.lengths = lengths
  }

  mutating func next() -> RowRun? {
    guard row < end else { return nil }
    let first = row
    guard let lengths else {
      row = end
      return RowRun(first: first, count: end - first, length: steps)
    }
    repeat { row += 1 } while row < end && lengths[row] == lengths[first]
    let length = Swift.min(Swift.max(0, Int(lengths[first])), steps)
    return RowRun(first: first, count: row - first, length: length)
  }
}
