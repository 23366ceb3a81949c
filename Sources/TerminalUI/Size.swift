/// Rows and columns, never negative and never above `dimensionMax`.
public struct Size: Hashable, Sendable {
  /// The largest number of rows or columns that anything here can have.
  public static let dimensionMax = 4096
  /// No cell at all.
  public static let zero = Size(rows: 0, columns: 0)

  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int

  /// A size; what is out of range is clamped.
  public init(rows: Int, columns: Int) {
    self.rows = min(max(rows, 0), Size.dimensionMax)
    self.columns = min(max(columns, 0), Size.dimensionMax)
  }

  /// Whether there is no cell.
  public var isEmpty: Bool { rows == 0 || columns == 0 }
}
