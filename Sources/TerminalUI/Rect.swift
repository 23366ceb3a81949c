/// A rectangle of cells. Its sides are never negative, and everything that divides it clamps.
public struct Rect: Hashable, Sendable {
  /// The topmost row.
  public let row: Int
  /// The leftmost column.
  public let column: Int
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int

  /// A rectangle; what is out of range is clamped.
  public init(row: Int, column: Int, rows: Int, columns: Int) {
    let size = Size(rows: rows, columns: columns)
    self.row = min(max(row, 0), Size.dimensionMax)
    self.column = min(max(column, 0), Size.dimensionMax)
    self.rows = size.rows
    self.columns = size.columns
  }

  /// The rectangle of this size at the top left corner.
  public init(_ size: Size) {
    self.init(row: 0, column: 0, rows: size.rows, columns: size.columns)
  }

  /// Rows and columns without the place.
  public var size: Size { Size(rows: rows, columns: columns) }
  /// Whether there is no cell in it.
  public var isEmpty: Bool { rows == 0 || columns == 0 }
  /// The row after the last.
  public var endRow: Int { row + rows }
  /// The column after the last.
  public var endColumn: Int { column + columns }

  /// Whether the cell lies in it.
  public func contains(row: Int, column: Int) -> Bool {
    row >= self.row && row < endRow && column >= self.column && column < endColumn
  }

  /// Cuts off the uppermost `count` rows.
  public func split(top count: Int) -> (top: Rect, rest: Rect) {
    let taken = min(max(count, 0), rows)
    return (
      Rect(row: row, column: column, rows: taken, columns: columns),
      Rect(row: row + taken, column: column, rows: rows - taken, columns: columns)
    )
  }

  /// Cuts off the lowest `count` rows.
  public func split(bottom count: Int) -> (bottom: Rect, rest: Rect) {
    let parts = split(top: rows - min(max(count, 0), rows))
    return (parts.rest, parts.top)
  }

  /// Cuts off the leftmost `count` columns.
  public func split(left count: Int) -> (left: Rect, rest: Rect) {
    let taken = min(max(count, 0), columns)
    return (
      Rect(row: row, column: column, rows: rows, columns: taken),
      Rect(row: row, column: column + taken, rows: rows, columns: columns - taken)
    )
  }

  /// Cuts off the rightmost `count` columns.
  public func split(right count: Int) -> (right: Rect, rest: Rect) {
    let parts = split(left: columns - min(max(count, 0), columns))
    return (parts.rest, parts.left)
  }

  /// `count` bands one under another, as equal as whole rows allow, with `gap` rows between them.
  public func bands(_ count: Int, gap: Int = 0) -> [Rect] {
    Rect.shares(of: rows, count: count, gap: gap).map {
      Rect(row: row + $0.start, column: column, rows: $0.length, columns: columns)
    }
  }

  /// `count` columns side by side, as equal as whole cells allow, with `gap` cells between them.
  public func stripes(_ count: Int, gap: Int = 0) -> [Rect] {
    Rect.shares(of: columns, count: count, gap: gap).map {
      Rect(row: row, column: column + $0.start, rows: rows, columns: $0.length)
    }
  }

  /// What is left without a margin of `rows` above and below and `columns` left and right.
  public func inset(rows marginRows: Int = 1, columns marginColumns: Int = 1) -> Rect {
    let above = min(max(marginRows, 0), rows)
    let before = min(max(marginColumns, 0), columns)
    return Rect(
      row: row + above, column: column + before, rows: rows - 2 * above,
      columns: columns - 2 * before)
  }

  /// The part that both have; empty when they do not touch.
  public func intersection(_ other: Rect) -> Rect {
    let top = max(row, other.row)
    let left = max(column, other.column)
    return Rect(
      row: top, column: left, rows: min(endRow, other.endRow) - top,
      columns: min(endColumn, other.endColumn) - left)
  }

  /// A rectangle of the given size (or as much as fits) in the middle.
  public func centered(_ size: Size) -> Rect {
    let height = min(size.rows, rows)
    let width = min(size.columns, columns)
    return Rect(
      row: row + (rows - height) / 2, column: column + (columns - width) / 2, rows: height,
      columns: width)
  }

  private static func shares(of total: Int, count: Int, gap: Int) -> [(start: Int, length: Int)] {
    let pieces = min(max(count, 0), Size.dimensionMax)
    guard pieces > 0 else { return [] }
    let space = min(max(gap, 0), total)
    let usable = max(0, total - space * (pieces - 1))
    var start = 0
    return (0..<pieces).map { index in
      let length = usable * (index + 1) / pieces - usable * index / pieces
      let begin = min(start, total)
      start += length + space
      return (begin, length)
    }
  }
}
