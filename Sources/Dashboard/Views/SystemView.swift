import RunModel
import TerminalUI

/// The run's machine and this one: facts, the division of a step's time, charts of what was
/// measured.
struct SystemView: DashboardView {
  let name = "system"
  let title = "System"

  /// What the charts share with those of the Curves view.
  private static let chartActions: Set<Action> = [
    .nextAxis, .smoother, .rougher, .zoomIn, .zoomOut, .panLeft, .panRight, .fit, .follow, .left,
    .right, .farLeft, .farRight, .clipOutliers,
  ]

  var bindings: [Keymap.Binding] {
    CurvesView().bindings.filter { Self.chartActions.contains($0.action) }
  }

  // MARK: Drawing

  func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    guard let run = state.selected?.run, !area.isEmpty else { return }
    let metrics = state.systemMetrics
    let layout = SystemLayout(metrics, run, state, area: area)
    // What does not fit is drawn aside, and the part of it that is scrolled to is shown.
    var page = Buffer(rows: layout.rows, columns: area.columns)
    draw(facts: SystemFacts.ofRun(run, state), state, into: &page, layout.facts)
    layout.stepTime(state).draw(into: &page, rect: layout.times, glyphs: state.glyphs)
    drawMachine(state, into: &page, layout.machine)
    for (index, line) in metrics.missing.enumerated() {
      page.write(
        SafeText.truncated(
          "not in this log: " + line, columns: layout.missing.columns, glyphs: state.glyphs),
        row: layout.missing.row + index, column: layout.missing.column, style: .dim)
    }
    let maker = CurveChart(state)
    for (plan, place) in zip(metrics.charts, layout.charts) {
      maker.chart(
        plan, columns: LineChart.plotColumns(in: place, glyphs: state.glyphs), isFocused: false
      ).draw(into: &page, rect: place, glyphs: state.glyphs)
    }
    let first = layout.firstRow(state)
    for row in 0..<min(area.rows, layout.rows - first) {
      for column in 0..<area.columns where page[first + row, column].width > 0 {
        buffer[area.row + row, area.column + column] = page[first + row, column]
      }
    }
  }

  private func drawMachine(_ state: DashboardState, into page: inout Buffer, _ rect: Rect) {
    let (head, rest) = rect.split(top: 1)
    page.write("this machine now", row: head.row, column: head.column, style: .title)
    draw(facts: SystemFacts.ofMachine(state), state, into: &page, rest)
  }

  private func draw(
    facts: [SystemFacts.Fact], _ state: DashboardState, into page: inout Buffer, _ rect: Rect
  ) {
    let gaugeColumns = 12
    let width = facts.map { SafeText.displayWidth(of: $0.name) }.max() ?? 0
    for (index, fact) in facts.prefix(rect.rows).enumerated() {
      let row = rect.row + index
      page.write(fact.name, row: row, column: rect.column, style: .dim, maxColumns: rect.columns)
      var start = width + 2
      if let share = SystemFacts.share(fact.name, state), rect.columns > start + 2 * gaugeColumns {
        Gauge(fraction: share).draw(
          into: &page, row: row, column: rect.column + start, width: gaugeColumns,
          glyphs: state.glyphs)
        start += gaugeColumns + 1
      }
      page.write(
        SafeText.truncated(fact.value, columns: rect.columns - start, glyphs: state.glyphs),
        row: row, column: rect.column + start)
    }
  }

  func hidden(_ state: DashboardState, area: Rect) -> String? {
    guard let layout = Self.layout(state, area), layout.rows > area.rows else { return nil }
    let first = layout.firstRow(state)
    return "rows \(first + 1)-\(min(layout.rows, first + area.rows)) of \(layout.rows)"
  }

  private static func layout(_ state: DashboardState, _ area: Rect) -> SystemLayout? {
    guard let run = state.selected?.run else { return nil }
    return SystemLayout(state.systemMetrics, run, state, area: area)
  }

  // MARK: Keys

  func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    let area = Frame(state).view
    switch action {
    case .up: scroll(-1, &state, area)
    case .down: scroll(1, &state, area)
    case .pageUp: scroll(-max(1, area.rows - 1), &state, area)
    case .pageDown: scroll(max(1, area.rows - 1), &state, area)
    case .first: scroll(-Size.dimensionMax, &state, area)
    case .last: scroll(Size.dimensionMax, &state, area)
    case .back: state.curves.cursor = nil
    case .resetLayout:
      state.system = SystemState()
      state.curves.cursor = nil
      CurvesWindow.fit(&state)
    case _ where Self.chartActions.contains(action):
      return CurvesView().perform(action, &state)
    default: break
    }
    return []
  }

  private func scroll(_ rows: Int, _ state: inout DashboardState, _ area: Rect) {
    guard let layout = Self.layout(state, area) else { return }
    state.system.firstRow =
      min(max(0, layout.firstRow(state) + rows), max(0, layout.rows - area.rows))
  }

  func isUseful(_ action: Action, _ state: DashboardState) -> Bool {
    CurvesView().isUseful(action, state)
  }

  // MARK: Mouse

  func click(_ event: MouseEvent, area: Rect, _ state: inout DashboardState) -> [Effect] {
    let rowsPerNotch = 3
    switch event.kind {
    case .wheelUp: scroll(-rowsPerNotch, &state, area)
    case .wheelDown: scroll(rowsPerNotch, &state, area)
    case .press, .drag:
      guard let layout = Self.layout(state, area) else { break }
      let row = event.row - area.row + layout.firstRow(state)
      let column = event.column - area.column
      let plots = layout.charts.map { LineChart.plotRect(in: $0) }
      guard let plot = plots.first(where: { $0.contains(row: row, column: column) }) else { break }
      let range = CurvesWindow.range(state)
      let share = (Double(column - plot.column) + 0.5) / Double(max(1, plot.columns))
      let x = range.lowerBound + share * (range.upperBound - range.lowerBound)
      CurvesView.setCursor(state.shownAxis == .step ? x.rounded() : x, &state)
    case .release: break
    }
    return []
  }
}
