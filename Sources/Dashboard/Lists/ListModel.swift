import RunModel
import TerminalUI

/// The rows of a list that match its filter, in its order.
struct ListModel: Sendable {
  let rows: ListRows
  /// What stands there when a filter leaves no row.
  let emptyText: String?
  let key: Key

  let columns: [ListColumn]
  /// How many rows there are without the filter.
  var totalCount: Int { rows.source.count }

  /// What a model was made from; with the same key it is the same.
  struct Key: Hashable, Sendable {
    var view: String
    var revision: Int
    var filter: String
    var sortColumn: String?
    var isReversed: Bool
  }

  /// - Parameter earlier: whose rows are taken over when only filter or order are others.
  init(_ view: some ListView, _ state: DashboardState, earlier: ListModel? = nil) {
    let key = Self.key(view, state)
    self.key = key
    let known = earlier.flatMap {
      ($0.key.view, $0.key.revision) == (key.view, key.revision) ? $0.rows.source : nil
    }
    let source = known ?? view.source(state)
    var order: [Int32]?
    var problem: String?
    do throws(RowFilterError) {
      let filter = try RowFilter(key.filter, columns: ListColumn.names(source.columns))
      if !filter.isEmpty { order = filter.matching(source) }
    } catch {
      problem = error.message
    }
    let column = source.columns.firstIndex { $0.name == key.sortColumn }
    if key.sortColumn != nil || key.isReversed {
      var rows = order ?? Array(0..<Int32(clamping: source.count))
      if let column {
        let sortKeys = source.sortKeys(column, isReversed: key.isReversed)
        rows = RadixSort.sorted(rows) { sortKeys[Int($0)].bits }
      } else if key.sortColumn == nil {
        rows.reverse()
      }
      order = rows
    }
    columns = Self.columns(source, sorted: column)
    let rows = ListRows(source, order: order)
    self.rows = rows
    let isNoneLeft = source.count > 0 && rows.isEmpty
    emptyText = problem ?? (isNoneLeft ? "no row matches \(key.filter)" : nil)
  }

  /// The columns of the rows; that by which they are sorted is the last to go.
  private static func columns(_ source: any ListSource, sorted: Int?) -> [ListColumn] {
    var columns = source.columns
    if let sorted { columns[sorted].column.priority = .max }
    return columns
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
    return rows.place(ofID: id) ?? min(list.selectedIndex, rows.count - 1)
  }
}

extension DashboardState {
  func list(_ view: String) -> ListState { lists[view] ?? ListState() }

  /// The rows of a list: those that were made before, while nothing has changed.
  func listModel(of view: some ListView) -> ListModel {
    if let cachedList, cachedList.key == ListModel.key(view, self) { return cachedList }
    return ListModel(view, self, earlier: cachedList)
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
