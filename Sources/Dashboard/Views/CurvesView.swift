import RunModel
import TerminalUI

/// A grid of charts, one for each metric.
enum CurvesView {
  private static let chartColumnsMin = 36
  private static let chartRowsMin = 8

  /// How many charts stand beside and above each other, and which are on the page.
  struct Layout: Equatable {
    var gridRows, gridColumns: Int
    var page: Range<Int>
    var count: Int
  }

  static func layout(_ area: Rect, count: Int, _ state: CurvesState) -> Layout {
    let focused = min(state.focused, max(0, count - 1))
    if state.isFullscreen || count <= 1 {
      return Layout(
        gridRows: 1, gridColumns: 1, page: count == 0 ? 0..<0 : focused..<focused + 1,
        count: count)
    }
    let columnsMax = max(1, area.columns / chartColumnsMin)
    let rowsMax = max(1, area.rows / chartRowsMin)
    // Wide charts read better than tall ones: as few columns as hold them all.
    var columns = columnsMax
    for candidate in 1...columnsMax where candidate * rowsMax >= count {
      columns = candidate
      break
    }
    let rows = min(rowsMax, (count + columns - 1) / columns)
    let perPage = rows * columns
    let first = focused / perPage * perPage
    return Layout(
      gridRows: rows, gridColumns: columns, page: first..<min(count, first + perPage),
      count: count)
  }

  static func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    guard let run = state.selected?.run else { return }
    let charts = ChartPlan.charts(of: run)
    guard !charts.isEmpty else { return drawEmpty(run, into: &buffer, area) }
    let layout = layout(area, count: charts.count, state.curves)
    let range = xRange(run)
    let focused = min(state.curves.focused, charts.count - 1)
    let bands = area.bands(layout.gridRows)
    for (place, index) in layout.page.enumerated() {
      let stripes = bands[place / layout.gridColumns].stripes(layout.gridColumns, gap: 1)
      let rect = stripes[place % layout.gridColumns]
      let plan = charts[index]
      chart(
        plan, run, range, columns: LineChart.plotColumns(in: rect, glyphs: state.glyphs),
        isFocused: index == focused && layout.page.count > 1, state
      ).draw(into: &buffer, rect: rect, glyphs: state.glyphs)
    }
  }

  /// What is hidden, for the footer; nil when all charts are on the screen.
  static func hidden(_ state: DashboardState, area: Rect) -> String? {
    guard let run = state.selected?.run else { return nil }
    let layout = layout(area, count: ChartPlan.charts(of: run).count, state.curves)
    guard layout.page.count < layout.count else { return nil }
    let (first, last) = (layout.page.lowerBound + 1, layout.page.upperBound)
    let shown = first == last ? "\(first)" : "\(first)-\(last)"
    return "charts \(shown) of \(layout.count)"
  }

  static func perform(_ action: Action, _ state: inout DashboardState) {
    guard let run = state.selected?.run else { return }
    let charts = ChartPlan.charts(of: run)
    guard !charts.isEmpty else { return }
    let layout = layout(Frame(state).view, count: charts.count, state.curves)
    let perPage = max(1, layout.gridRows * layout.gridColumns)
    func focus(_ index: Int) { state.curves.focused = min(max(0, index), charts.count - 1) }
    let focused = min(state.curves.focused, charts.count - 1)
    switch action {
    case .focusNext: focus((focused + 1) % charts.count)
    case .focusPrevious: focus((focused + charts.count - 1) % charts.count)
    case .down: focus(focused + layout.gridColumns)
    case .up: focus(focused - layout.gridColumns)
    case .pageDown: focus(layout.page.lowerBound + perPage)
    case .pageUp: focus(layout.page.lowerBound - perPage)
    case .first: focus(0)
    case .last: focus(charts.count - 1)
    case .open: state.curves.isFullscreen.toggle()
    case .back:
      if state.curves.cursorStep != nil {
        state.curves.cursorStep = nil
      } else {
        state.curves.isFullscreen = false
      }
    case .resetLayout: state.curves = CurvesState()
    case .logarithmicY:
      let title = charts[focused].title
      if state.curves.logarithmic.remove(title) == nil { state.curves.logarithmic.insert(title) }
    case .cursorLeft: moveCursor(-1, &state)
    case .cursorRight: moveCursor(1, &state)
    default: break
    }
  }

  /// Moves the cursor by one cell of the focused chart; it begins at the end.
  private static func moveCursor(_ direction: Int, _ state: inout DashboardState) {
    guard let run = state.selected?.run else { return }
    let range = xRange(run)
    let area = Frame(state).view
    let count = ChartPlan.charts(of: run).count
    let layout = layout(area, count: count, state.curves)
    let stripe = area.bands(layout.gridRows).first?.stripes(layout.gridColumns, gap: 1).first
    let cells = max(1, LineChart.plotRect(in: stripe ?? area).columns)
    let stride = max(1, (range.upperBound - range.lowerBound) / Double(cells))
    guard let step = state.curves.cursorStep else {
      state.curves.cursorStep = run.lastStep
      return
    }
    let moved = Double(step) + Double(direction) * stride
    state.curves.cursorStep = clampedStep(min(max(moved, range.lowerBound), range.upperBound))
  }

  // MARK: One chart

  /// All charts of a run share their x axis: from the first step to the last.
  static func xRange(_ run: Run) -> ClosedRange<Double> {
    let first = run.series.values.compactMap(\.steps.first).min() ?? 0
    let last = run.series.values.compactMap(\.lastStep).max() ?? 0
    return Double(first)...max(Double(first) + 1, Double(last))
  }

  /// The dot column in which a step falls.
  static func column(of step: Int64, in range: ClosedRange<Double>, columns: Int) -> Int? {
    let fraction = (Double(step) - range.lowerBound) / (range.upperBound - range.lowerBound)
    guard fraction >= 0, fraction <= 1, columns > 0 else { return nil }
    return min(columns - 1, Int(fraction * Double(columns)))
  }

  /// The extent of the points in each dot column: O(columns · log points).
  static func extents(
    _ series: TimeSeries, in range: ClosedRange<Double>, columns: Int
  ) -> [ColumnExtent?] {
    guard columns > 0 else { return [] }
    let width = (range.upperBound - range.lowerBound) / Double(columns)
    var first = series.firstIndex(atOrAfter: clampedStep(range.lowerBound))
    return (0..<columns).map { column in
      let isLast = column == columns - 1
      let end = range.lowerBound + width * Double(column + 1)
      let next =
        isLast
        ? series.firstIndex(atOrAfter: clampedStep(range.upperBound) &+ 1)
        : series.firstIndex(atOrAfter: clampedStep(end.rounded(.up)))
      defer { first = max(first, next) }
      guard next > first else { return nil }
      let extent = series.extent(first..<next)
      if extent.isEmpty { return .nonFinite }
      return ColumnExtent(
        minimum: Double(extent.minimum), maximum: Double(extent.maximum),
        hasNonFinite: extent.hasNonFinite)
    }
  }

  private static func clampedStep(_ value: Double) -> Int64 {
    Int64(min(max(value, -9e18), 9e18))
  }

  private static func chart(
    _ plan: ChartPlan, _ run: Run, _ range: ClosedRange<Double>, columns: Int, isFocused: Bool,
    _ state: DashboardState
  ) -> LineChart {
    let cursorStep = state.curves.cursorStep
    let series = plan.curves.enumerated().compactMap { index, curve -> ChartSeries? in
      guard let points = run.series[curve.tag] else { return nil }
      let cursorValue = cursorStep.flatMap { points.index(nearest: $0) }.map {
        Double(points.values[$0])
      }
      return ChartSeries(
        name: SafeText.cleaned(curve.name, maxLength: 40), role: .series(index),
        columns: extents(points, in: range, columns: columns),
        value: points.last.map { Double($0) }, cursorValue: cursorValue)
    }
    let isLogarithmic = state.curves.logarithmic.contains(plan.title)
    return LineChart(
      title: SafeText.cleaned(plan.title, maxLength: 60), series: series, xRange: range,
      xKind: .integer, yRange: isLogarithmic ? nil : plan.yRange, logarithmicY: isLogarithmic,
      marks: marks(run, range, columns), isFocused: isFocused,
      numbersSeries: state.isMonochrome
    ).with(cursor: cursorStep.flatMap { column(of: $0, in: range, columns: columns) })
  }

  private static func marks(
    _ run: Run, _ range: ClosedRange<Double>, _ columns: Int
  ) -> [ChartMark] {
    var marks: [ChartMark] = []
    for mark in run.marks {
      guard let column = column(of: mark.step, in: range, columns: columns) else { continue }
      // Marks come by step, so what falls on the same place follows at once.
      if let last = marks.last, last.column == column, last.glyph == mark.glyph { continue }
      marks.append(
        ChartMark(
          column: column, glyph: mark.glyph, role: mark.role,
          label: SafeText.cleaned(mark.text, maxLength: 60), hasLine: mark.kind != .checkpoint))
    }
    return marks
  }

  private static func drawEmpty(_ run: Run, into buffer: inout Buffer, _ area: Rect) {
    var lines = ["No numbers have been logged yet."]
    if run.state == .starting { lines = ["The engine is starting: loading data …"] }
    let place = area.centered(Size(rows: lines.count, columns: min(area.columns, 44)))
    for (row, line) in lines.enumerated() {
      buffer.write(
        line, row: place.row + row, column: place.column, style: .dim, maxColumns: place.columns)
    }
  }
}

extension LineChart {
  fileprivate func with(cursor column: Int?) -> LineChart {
    var chart = self
    chart.cursorColumn = column
    return chart
  }
}

extension Run.Mark {
  /// A letter on the time axis: that of the key where there is one.
  var glyph: Character {
    switch kind {
    case .command: text.hasPrefix("learning rate") ? "L" : text == "stop" ? "K" : "P"
    case .prune: "X"
    case .undo: "U"
    case .checkpoint: "c"
    case .alert: "!"
    case .restart: "R"
    }
  }

  var role: Role {
    switch kind {
    case .alert: .statusBad
    case .checkpoint: .dim
    default: .mark
    }
  }
}
