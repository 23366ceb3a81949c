import TerminalUI

/// The rows of a list that match its filter, in its order.
struct ListModel: Sendable {
  let columns: [ListColumn]
  let rows: [ListRow]
  /// How many there are without the filter.
  let totalCount: Int
  /// What stands there when a filter leaves no row.
  let emptyText: String?
  let key: Key

  /// What a model was made from; with the same key it is the same.
  struct Key: Hashable, Sendable {
    var view: String
    var revision: Int
    var filter: String
    var sortColumn: String?
    var isReversed: Bool
  }

  init(_ view: some ListView, _ state: DashboardState) {
    key = Self.key(view, state)
    let columns = view.columns(state)
    self.columns = columns
    var rows = view.rows(state)
    totalCount = rows.count
    let list = state.list(view.name)
    var problem: String?
    do throws(RowFilterError) {
      let filter = try RowFilter(list.filterText, columns: ListColumn.names(columns))
      if !filter.isEmpty { rows = rows.filter { filter.matches($0) } }
    } catch {
      problem = error.message
    }
    if let column = list.sortColumn {
      let order = rows.indices.sorted { first, second in
        let (one, two) = (rows[first].value(column), rows[second].value(column))
        if one.comes(before: two, isReversed: list.isReversed) { return true }
        if two.comes(before: one, isReversed: list.isReversed) { return false }
        return first < second
      }
      rows = order.map { rows[$0] }
    } else if list.isReversed {
      rows.reverse()
    }
    self.rows = rows
    emptyText =
      problem ?? (totalCount > 0 && rows.isEmpty ? "no row matches \(list.filterText)" : nil)
  }

  static func key(_ view: some ListView, _ state: DashboardState) -> Key {
    let list = state.list(view.name)
    return Key(
      view: view.name, revision: view.revision(state), filter: list.filterText,
      sortColumn: list.sortColumn, isReversed: list.isReversed)
  }

  /// Where the chosen row is; where it was, when it has gone.
  ///
  /// - Parameter initialID: the row that is chosen before anybody moves.
  func index(of list: ListState, followsEnd: Bool, initialID: String? = nil) -> Int? {
    guard !rows.isEmpty else { return nil }
    guard let id = list.selectedID ?? initialID else { return followsEnd ? rows.count - 1 : 0 }
    return rows.firstIndex { $0.id == id } ?? min(list.selectedIndex, rows.count - 1)
  }
}

extension DashboardState {
  func list(_ view: String) -> ListState { lists[view] ?? ListState() }

  /// The rows of a list: those that were made before, while nothing has changed.
  func listModel(of view: some ListView) -> ListModel {
    if let cachedList, cachedList.key == ListModel.key(view, self) { return cachedList }
    return ListModel(view, self)
  }

  /// Makes what the shown view is drawn from once, so that drawing and keys need not.
  mutating func refreshView() {
    if view == CurvesView().name { cachedCharts = chartPlans }
    if view == SystemView().name { cachedSystem = systemMetrics }
    if let run = selected?.run {
      cachedHeadline = headline(of: run)
      if view == LayersView().name, cachedLayers?.key != KnownLayers.Key(run) {
        cachedLayers = KnownLayers(run)
      }
    }
    cachedCandidates = view == CandidatesView().name ? candidatesTable : nil
    smoothShown()
    guard let view = Views.named(view) as? any ListView else {
      cachedList = nil
      return
    }
    cachedList = listModel(of: view)
  }
}
