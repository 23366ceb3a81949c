/// The rows of a matrix cut into panels, which products with a sparse matrix take transposed:
/// [columns, width], where width is the number of rows, rounded up to whole vectors, and what is
/// behind the rows is 0. Panels follow each other; as few as there can be, of about the same size.
public struct RowPanels: Sendable {
  public let rows: Int
  public let count: Int
  private let vectorWidth: Int

  public init(rows: Int, _ kernels: some SparseKernels) {
    self.rows = rows
    vectorWidth = kernels.vectorWidth
    count = (rows + kernels.panelRowsMax - 1) / kernels.panelRowsMax
  }

  private var vectors: Int { (rows + vectorWidth - 1) / vectorWidth }

  /// Rows with those that fill up the last vector: what a column takes in all panels together.
  public var paddedRows: Int { vectors * vectorWidth }

  /// The rows of a panel; it begins at scalar (columns · first row) of all panels.
  public func range(of panel: Int) -> Range<Int> {
    let first = vectors * panel / count * vectorWidth
    return first..<min(rows, vectors * (panel + 1) / count * vectorWidth)
  }
}
