import TerminalUI

/// Where the charts stand, and which of them are on the page.
struct CurvesLayout {
  /// The line with the groups; no rows when there is one group, or room for all charts.
  let groups: Rect
  /// The line that says which colour is which run; no rows when there is one run.
  let runs: Rect
  let gridRows, gridColumns: Int
  let page: Range<Int>
  let count: Int
  /// The chart that keys go to.
  let focused: Int
  /// Where the confusion matrix stands beside the chart of the accuracy; mostly empty.
  let confusion: Rect
  /// One rectangle for each chart of the page.
  let places: [Rect]

  private static let chartColumnsMin = 36
  private static let chartRowsMin = 8

  init(_ state: DashboardState, area: Rect) {
    let plans = state.chartPlans
    let curves = state.curves
    count = plans.charts.count
    focused = plans.charts.firstIndex { $0.title == curves.focused } ?? 0
    let isAlone = curves.isFullscreen || count <= 1
    let whole = Self.grid(curves, area: area, count: count)
    let hasGroups =
      area.rows > Self.chartRowsMin && !isAlone
      && (curves.group != nil || (plans.groups.count > 1 && whole.rows * whole.columns < count))
    let (groups, belowGroups) = area.split(top: hasGroups ? 1 : 0)
    self.groups = groups
    let hasRuns =
      belowGroups.rows > Self.chartRowsMin / 2 && CurvesView.shownRuns(state).count > 1
    let (runs, belowRuns) = belowGroups.split(top: hasRuns ? 1 : 0)
    self.runs = runs
    let hasConfusion =
      curves.isFullscreen && plans.charts.indices.contains(focused)
      && plans.charts[focused].isOfAccuracy
      && state.selected.flatMap { ConfusionPane($0.run) } != nil
    let (confusion, rest) =
      hasConfusion ? ConfusionPane.split(belowRuns) : (belowRuns.split(right: 0).right, belowRuns)
    self.confusion = confusion
    let grid = isAlone ? (rows: 1, columns: 1) : Self.grid(curves, area: rest, count: count)
    (gridRows, gridColumns) = grid
    let perPage = grid.rows * grid.columns
    let first = focused / perPage * perPage
    page = count == 0 ? 0..<0 : first..<min(count, first + perPage)
    let bands = rest.bands(grid.rows)
    places = page.indices.map { index in
      let place = index - first
      let stripes = bands[place / grid.columns].stripes(grid.columns, gap: 1)
      return stripes[place % grid.columns]
    }
  }

  /// As many as were asked for; otherwise as few columns as hold them all, because wide charts read
  /// better than tall ones.
  private static func grid(
    _ curves: CurvesState, area: Rect, count: Int
  ) -> (rows: Int, columns: Int) {
    let columnsMax = max(1, area.columns / chartColumnsMin)
    let rowsMax = max(1, area.rows / chartRowsMin)
    let givenColumns = min(curves.gridColumns, max(1, area.columns / 8))
    let givenRows = min(curves.gridRows, max(1, area.rows / 3))
    if givenColumns > 0 {
      let rows = givenRows > 0 ? givenRows : rowsMax
      return (max(1, min(rows, (count + givenColumns - 1) / givenColumns)), givenColumns)
    }
    var columns = columnsMax
    for candidate in 1...columnsMax where candidate * rowsMax >= count {
      columns = candidate
      break
    }
    return (max(1, min(rowsMax, (count + columns - 1) / columns)), columns)
  }

  /// The chart, and its rectangle, at a place on the screen.
  func chart(at event: MouseEvent) -> (index: Int, place: Rect)? {
    for (index, place) in zip(page, places)
    where place.contains(row: event.row, column: event.column) {
      return (index, place)
    }
    return nil
  }
}
