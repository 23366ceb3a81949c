import Testing

@testable import Tensors

struct SparsePatternTests {
  private func pattern(_ kept: [Double], rows: Int, columns: Int) -> SparsePattern {
    let tensor = Tensor<Double>(shape: [rows, columns], kept)
    return withExtendedLifetime(tensor) {
      SparsePattern(
        ofNonzerosIn: UnsafePointer(tensor.scalars), rows: rows, columns: columns,
        PlainSparseKernels<Double>())
    }
  }

  private func starts(_ pattern: SparsePattern) -> [Int] {
    withExtendedLifetime(pattern) { (0...pattern.rows).map { pattern.starts[$0] } }
  }

  private func numbers(_ pattern: SparsePattern, _ numbers: UnsafePointer<Int32>) -> [Int] {
    withExtendedLifetime(pattern) { (0..<pattern.count).map { Int(numbers[$0]) } }
  }

  /// The example of the text books, with an empty row and an empty column.
  @Test func byHand() {
    let pattern = pattern([0, 5, 0, 0, 0, 0, 6, 0, 0, 7, 8, 9], rows: 3, columns: 4)
    #expect(starts(pattern) == [0, 1, 2, 5])
    #expect(numbers(pattern, pattern.columnIndices) == [1, 2, 1, 2, 3])
    #expect(numbers(pattern, pattern.places) == [1, 6, 9, 10, 11])
    let transposed = SparsePattern(transposing: pattern)
    #expect((transposed.rows, transposed.columns) == (4, 3))
    #expect(starts(transposed) == [0, 0, 2, 4, 5])
    #expect(numbers(transposed, transposed.columnIndices) == [0, 2, 1, 2, 2])
    #expect(numbers(transposed, transposed.places) == [0, 2, 1, 3, 4])
  }

  @Test func nothingIsLeft() {
    for (rows, columns) in [(3, 2), (1, 1), (0, 5), (4, 0)] {
      let pattern = pattern(
        [Double](repeating: 0, count: rows * columns), rows: rows, columns: columns)
      let transposed = SparsePattern(transposing: pattern)
      #expect(pattern.count == 0 && transposed.count == 0)
      #expect(starts(pattern) == [Int](repeating: 0, count: rows + 1))
      #expect(starts(transposed) == [Int](repeating: 0, count: columns + 1))
    }
  }

  @Test(arguments: [1, 15, 16, 40, 700])
  func piecesCoverAllRowsEvenly(rows: Int) {
    let columns = 50
    for densest in [0, rows / 2, rows - 1] {
      // One row is full, the others have every tenth number.
      let kept = (0..<rows * columns).map { $0 / columns == densest || $0 % 10 == 3 ? 1.0 : 0 }
      let pattern = pattern(kept, rows: rows, columns: columns)
      for countMax in [1, 2, 5, 16] {
        let pieces = pattern.pieces(countMax: countMax)
        #expect(pieces.first == 0 && pieces.last == rows && pieces.count <= countMax + 1)
        #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0 < $1 })
        #expect(pieces.dropLast().allSatisfy { $0 % 16 == 0 })
        let sizes = zip(pieces, pieces.dropFirst()).map {
          starts(pattern)[$1] - starts(pattern)[$0]
        }
        // A fair share, a piece's rounding up, and the full row.
        let limit = pattern.count / countMax + 16 * 5 + 50 + 4 * 16
        #expect(sizes.allSatisfy { $0 <= limit }, "\(sizes) of \(pattern.count)")
      }
    }
  }

  @Test func panelsCoverAllRows() {
    let kernels = FloatSparseKernels()
    for rows in [0, 1, 16, 17, 128, 129, 130, 1000] {
      let panels = RowPanels(rows: rows, kernels)
      let ranges = (0..<panels.count).map { panels.range(of: $0) }
      #expect(ranges.flatMap { Array($0) } == Array(0..<rows))
      #expect(ranges.allSatisfy { !$0.isEmpty && $0.count <= kernels.panelRowsMax })
      #expect(ranges.dropLast().allSatisfy { $0.count % kernels.vectorWidth == 0 })
      #expect(panels.paddedRows >= rows && panels.paddedRows < rows + kernels.vectorWidth)
    }
  }
}
