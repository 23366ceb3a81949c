import TerminalUI

/// What a list remembers.
public struct ListState: Sendable, Equatable {
  /// The chosen row; nil: the first, or the last of a list that follows its end.
  var selectedID: String?
  /// Where the chosen row was, for when it has gone.
  var selectedIndex = 0
  var firstRow = 0
  /// The column that it is sorted by; nil: as the rows come.
  var sortColumn: String?
  var isReversed = false
  var filterText = ""
  /// The part of the view that the details have; nil: the usual.
  var detailShare: Double?
  var isDetailFocused = false
  var detailFirstLine = 0
  /// Whether the border of the details is being dragged.
  var isDragging = false
  /// Whether columns that are the same in all rows are left out.
  var showsOnlyDiffering = false
  /// What the rows tell of, where that can be chosen; nil: the usual.
  var quantity: String?

  public init() {}

  /// Chooses a row, clamped, and scrolls to it. At its end a list that follows goes on following.
  mutating func select(_ model: ListModel, _ index: Int, visible: Int, followsEnd: Bool) {
    guard !model.rows.isEmpty else {
      selectedID = nil
      return
    }
    let chosen = min(max(0, index), model.rows.count - 1)
    firstRow = TextTable.firstRow(
      showing: chosen, current: firstRow, visible: visible, count: model.rows.count)
    selectedIndex = chosen
    selectedID = followsEnd && chosen == model.rows.count - 1 ? nil : model.rows.id(chosen)
    detailFirstLine = 0
  }

  /// Sorts by the next column to a side; beyond the outermost the rows come as they are.
  mutating func sort(_ columns: [ListColumn], by offset: Int) {
    let current = columns.firstIndex { $0.name == sortColumn } ?? (offset > 0 ? -1 : columns.count)
    let next = current + offset
    sortColumn = columns.indices.contains(next) ? columns[next].name : nil
  }

  /// Sorts by the column whose heading was clicked; a second click reverses.
  mutating func sort(_ columns: [ListColumn], atColumn place: Int, _ width: Int) {
    let leadColumns = 3
    let gap = 2
    var start = leadColumns
    for (index, columnWidth) in TextTable(columns: columns.map(\.column), rows: []).layout(
      width: width)
    {
      if (start..<start + columnWidth + gap).contains(place) {
        if sortColumn == columns[index].name { isReversed.toggle() } else { isReversed = false }
        sortColumn = columns[index].name
        return
      }
      start += columnWidth + gap
    }
  }
}
