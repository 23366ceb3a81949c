import TerminalUI

/// Where a list and the details of its chosen row are: side by side where it is wide, one above the
/// other where it is high, the list alone where it is neither.
struct ListLayout {
  let table: Rect
  /// With its border; nil: no room.
  let detail: Rect?
  private let isBeside: Bool

  private static let columnsForBeside = 100
  private static let rowsForBelow = 16
  private static let usualShare = 0.4
  private static let shares = 0.15...0.85

  /// - Parameters:
  ///   - share: the part of the area that the details have; nil: the usual, and what a short list
  ///     leaves.
  ///   - rowCount: the rows of the list.
  init(_ area: Rect, share: Double?, hasDetail: Bool, rowCount: Int) {
    let limits = Self.shares
    let part = min(max(share ?? Self.usualShare, limits.lowerBound), limits.upperBound)
    isBeside = area.columns >= Self.columnsForBeside
    if hasDetail && isBeside {
      let (detail, table) = area.split(right: Int(Double(area.columns) * part))
      self.table = table
      self.detail = detail
    } else if hasDetail && area.rows >= Self.rowsForBelow {
      let headingRows = 1
      let left = area.rows - max(rowCount, 1) - headingRows
      let wanted = Int(Double(area.rows) * part)
      let (detail, table) = area.split(bottom: share == nil ? max(wanted, left) : wanted)
      self.table = table
      self.detail = detail
    } else {
      table = area
      detail = nil
    }
  }

  /// Whether a press takes hold of the border between list and details.
  func isDivider(_ event: MouseEvent) -> Bool {
    guard let detail, detail.contains(row: event.row, column: event.column) else { return false }
    return isBeside ? event.column == detail.column : event.row == detail.row
  }

  /// The share of the details when their border is dragged to a place.
  func share(draggedTo event: MouseEvent, in area: Rect) -> Double {
    let rest =
      isBeside
      ? Double(area.endColumn - event.column) / Double(max(1, area.columns))
      : Double(area.endRow - event.row) / Double(max(1, area.rows))
    return min(max(rest, Self.shares.lowerBound), Self.shares.upperBound)
  }
}
