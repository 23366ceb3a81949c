import RunModel
import TerminalUI

/// A grid of charts, one for each metric, of the chosen run and the marked ones.
struct CurvesView: DashboardView {
  let name = "curves"
  let title = "Curves"

  let bindings: [Keymap.Binding] = [
    .init([.enter], .open, "the chart alone, or all again", footer: "Zoom"),
    .init([.character("y")], .logarithmicY, "logarithmic y axis, on or off", footer: "Log y"),
    .init(
      [.character("x")], .nextAxis, "x axis: step, epoch, relative, wall time", footer: "X axis"),
    .init(
      [.character("s")], .smoother, "smoother curves; the raw ones stay behind", footer: "Smooth"),
    .init([.character("S")], .rougher, "less smooth"),
    .init([.character("o")], .clipOutliers, "clip outliers, on or off"),
    .init([.character("+")], .zoomIn, "zoom in, around the cursor or to the end", footer: "In"),
    .init([.character("-")], .zoomOut, "zoom out", footer: "Out"),
    .init([.character("<")], .panLeft, "pan to the left"),
    .init([.character(">")], .panRight, "pan to the right; at the end it follows"),
    .init([.character("=")], .fit, "fit: all of the x axis"),
    .init([.character("f")], .follow, "follow the end, or stand still"),
    .init([.shiftLeft], .farLeft, "cursor ten cells to the left"),
    .init([.shiftRight], .farRight, "cursor ten cells to the right"),
    .init([.character("{")], .previousGroup, "previous group of charts"),
    .init([.character("}")], .nextGroup, "next group of charts"),
    .init([.character("c")], .nextColumns, "charts beside each other: as they fit, 1, 2, 3, 4"),
    .init([.character(" ")], .pageDown, "next page of charts"),
    .init([.character("w")], .write, "write what is shown as CSV or SVG", footer: "Write"),
  ]

  /// A run whose curves are shown, with the number of its colour.
  struct ShownRun {
    let run: Run
    let color: Int
  }

  /// The chosen run, then the marked ones.
  static func shownRuns(_ state: DashboardState) -> [ShownRun] {
    var result: [ShownRun] = []
    if let selected = state.selected?.run {
      result.append(ShownRun(run: selected, color: state.runColors[selected.path] ?? 0))
    }
    if state.marked.isEmpty { return result }
    for followed in state.runs
    where state.marked.contains(followed.run.path) && followed.run.path != state.selectedPath {
      result.append(
        ShownRun(run: followed.run, color: state.runColors[followed.run.path] ?? 0))
    }
    return result
  }

  // MARK: Drawing

  func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    guard let run = state.selected?.run else { return }
    let plans = state.chartPlans
    guard !plans.charts.isEmpty else {
      return drawEmpty(run, state, into: &buffer, area)
    }
    let layout = CurvesLayout(state, area: area)
    drawGroups(plans, state, into: &buffer, layout.groups)
    drawRuns(state, into: &buffer, layout.runs)
    ConfusionPane(run)?.draw(state, into: &buffer, layout.confusion)
    let maker = CurveChart(state)
    for (index, place) in zip(layout.page, layout.places) {
      let plan = plans.charts[index]
      let chart = maker.chart(
        plan, columns: LineChart.plotColumns(in: place, glyphs: state.glyphs),
        isFocused: index == layout.focused && layout.page.count > 1)
      chart.draw(into: &buffer, rect: place, glyphs: state.glyphs)
      if layout.page.count == 1 {
        CursorValues(chart: chart, glyphs: state.glyphs).draw(into: &buffer, over: place)
      }
    }
  }

  /// Which colour, and where there are none which number, is which run.
  private func drawRuns(_ state: DashboardState, into buffer: inout Buffer, _ area: Rect) {
    guard !area.isEmpty else { return }
    var line = StyledText(" runs ", .dim)
    for shown in Self.shownRuns(state) {
      let sign =
        state.isMonochrome ? "\(shown.color + 1)" : String(state.glyphs.bullet)
      line.append(sign + " ", Style(.series(shown.color), .bold))
      line.append(SafeText.cleaned(shown.run.name, maxLength: 40) + "  ", .text)
    }
    buffer.write(line, row: area.row, column: area.column, maxColumns: area.columns)
  }

  /// The same charts as shapes, many points to a cell, for a picture.
  func drawings(_ state: DashboardState, area: Rect) -> [ChartDrawing] {
    guard state.selected != nil else { return [] }
    let columnsPerCell = 6
    let plans = state.chartPlans
    let layout = CurvesLayout(state, area: area)
    let maker = CurveChart(state)
    return zip(layout.page, layout.places).compactMap { index, place in
      let columns = LineChart.plotRect(in: place).columns * columnsPerCell
      var chart = maker.chart(plans.charts[index], columns: columns, isFocused: false)
      // The axes are those of the frame, whose columns outliers are found among.
      let cells = LineChart.plotColumns(in: place, glyphs: state.glyphs)
      chart.yRange = maker.chart(plans.charts[index], columns: cells, isFocused: false).yRange
      return chart.drawing(in: place)
    }
  }

  private func drawGroups(
    _ plans: ChartPlans, _ state: DashboardState, into buffer: inout Buffer, _ area: Rect
  ) {
    guard !area.isEmpty else { return }
    for place in groupPlaces(plans, area) {
      let isShown = place.group == state.curves.group
      buffer.write(
        place.label, row: area.row, column: place.column,
        style: isShown ? Style(.title, [.bold, .underline]) : .dim,
        maxColumns: max(0, area.endColumn - place.column))
    }
  }

  private func groupPlaces(
    _ plans: ChartPlans, _ area: Rect
  ) -> [(group: String?, label: String, column: Int)] {
    let total = plans.groups.reduce(0) { $0 + $1.count }
    let groups: [(name: String?, count: Int)] =
      [(nil, total)] + plans.groups.map { ($0.name, $0.count) }
    var places: [(group: String?, label: String, column: Int)] = []
    var column = area.column + 1
    for group in groups {
      guard column < area.endColumn else { break }
      let name = group.name.map { SafeText.cleaned($0, maxLength: 20) } ?? "all"
      let label = "\(name) \(group.count)"
      places.append((group.name, label, column))
      column += SafeText.displayWidth(of: label) + 3
    }
    return places
  }

  private func drawEmpty(
    _ run: Run, _ state: DashboardState, into buffer: inout Buffer, _ area: Rect
  ) {
    var line = "No numbers have been logged yet."
    if run.candidates.count > 0 {
      line = "No curves, but \(run.candidates.count) candidates: 3 shows them."
    }
    if run.state == .starting { line = "The engine is starting: loading data …" }
    if !state.filterText.isEmpty && !run.series.isEmpty {
      line =
        "No chart matches /\(SafeText.cleaned(state.filterText, maxLength: 60)); Esc shows all."
    }
    let columns = min(area.columns, SafeText.displayWidth(of: line))
    let place = area.centered(Size(rows: 1, columns: columns))
    buffer.write(
      line, row: place.row, column: place.column, style: .dim, maxColumns: place.columns)
  }

  func hidden(_ state: DashboardState, area: Rect) -> String? {
    let layout = CurvesLayout(state, area: area)
    guard layout.page.count < layout.count else { return nil }
    let (first, last) = (layout.page.lowerBound + 1, layout.page.upperBound)
    let shown = first == last ? "\(first)" : "\(first)-\(last)"
    return "charts \(shown) of \(layout.count)"
  }

  /// What is set, for the line of tabs: in words, or as short as can be.
  static func settings(_ state: DashboardState, isShort: Bool) -> [String] {
    var parts: [String] = []
    if state.curves.window != nil {
      let follows = isShort ? "zoom>" : "zoomed, follows"
      parts.append(state.curves.followsEnd ? follows : isShort ? "zoom" : "zoomed")
    }
    if state.curves.smoothing > 0 {
      let weight = NumberText.significant(Double(state.curves.smoothing), digits: 3)
      parts.append((isShort ? "s" : "smoothing ") + weight)
    }
    if state.curves.clipsOutliers { parts.append(isShort ? "clip" : "outliers clipped") }
    if state.shownAxis != .step {
      parts.append((isShort ? "" : "x: ") + state.shownAxis.rawValue)
    }
    let marked = shownRuns(state).count - 1
    if marked > 0 {
      parts.append(isShort ? "+\(marked)" : "\(marked) more run\(marked == 1 ? "" : "s")")
    }
    return parts
  }

  /// The place of the cursor and what happened there; nil without a cursor.
  static func cursorText(_ state: DashboardState) -> String? {
    guard let cursor = state.curves.cursor, let run = state.selected?.run else { return nil }
    var text =
      "step \(NumberText.grouped(Int(clamping: run.step(at: cursor, on: state.shownAxis))))"
    switch state.shownAxis {
    case .step: break
    case .epoch: text += "   epoch \(NumberText.significant(cursor))"
    case .relative: text += "   after \(NumberText.duration(cursor))"
    case .wall:
      text +=
        "   "
        + ClockText.full(
          secondsOfLocalTime: cursor + Double(state.settings.utcOffsetSeconds))
    }
    if let mark = CurveChart(state).markAtCursor() {
      text +=
        "   step \(NumberText.grouped(Int(clamping: mark.step))): "
        + SafeText.cleaned(mark.text, maxLength: 200)
    }
    return text
  }

  // MARK: Keys

  func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    let layout = CurvesLayout(state, area: Frame(state).view)
    switch action {
    case .logarithmicY:
      guard let title = focusedTitle(state) else { break }
      if state.curves.logarithmic.remove(title) == nil { state.curves.logarithmic.insert(title) }
    case .nextAxis: nextAxis(&state)
    case .smoother: changeSmoothing(&state, by: 1)
    case .rougher: changeSmoothing(&state, by: -1)
    case .clipOutliers: state.curves.clipsOutliers.toggle()
    case .zoomIn: CurvesWindow.zoom(&state, isIn: true)
    case .zoomOut: CurvesWindow.zoom(&state, isIn: false)
    case .panLeft: CurvesWindow.pan(&state, by: -1)
    case .panRight: CurvesWindow.pan(&state, by: 1)
    case .fit: CurvesWindow.fit(&state)
    case .follow: state.curves.followsEnd.toggle()
    case .left: moveCursor(-1, layout, &state)
    case .right: moveCursor(1, layout, &state)
    case .farLeft: moveCursor(-10, layout, &state)
    case .farRight: moveCursor(10, layout, &state)
    case .open where !state.chartPlans.charts.isEmpty: state.curves.isFullscreen.toggle()
    case .back: goBack(&state)
    case .resetLayout:
      state.curves = CurvesState()
      Self.setSmoothing(0, &state)
      state.setFilter("")
    case .nextGroup: changeGroup(&state, by: 1)
    case .previousGroup: changeGroup(&state, by: -1)
    case .nextColumns:
      let columnsMax = 4
      state.curves.gridColumns = (state.curves.gridColumns + 1) % (columnsMax + 1)
      state.curves.gridRows = 0
    case .write:
      state.prompt = Prompt(.palette, text: "write " + Self.fileName(state, "csv"))
    default: moveFocus(action, layout, &state)
    }
    return []
  }

  func isUseful(_ action: Action, _ state: DashboardState) -> Bool {
    switch action {
    case .panLeft, .panRight, .fit, .follow, .zoomOut: state.curves.window != nil
    case .rougher: state.curves.smoothing > 0
    default: true
    }
  }

  private func focusedTitle(_ state: DashboardState) -> String? {
    let charts = state.chartPlans.charts
    return (charts.first { $0.title == state.curves.focused } ?? charts.first)?.title
  }

  private func moveFocus(
    _ action: Action, _ layout: CurvesLayout, _ state: inout DashboardState
  ) {
    let charts = state.chartPlans.charts
    guard !charts.isEmpty else { return }
    let focused = charts.firstIndex { $0.title == state.curves.focused } ?? 0
    let perPage = max(1, layout.gridRows * layout.gridColumns)
    func focus(_ index: Int) {
      state.curves.focused = charts[min(max(0, index), charts.count - 1)].title
    }
    switch action {
    case .focusNext, .nextMatch: focus((focused + 1) % charts.count)
    case .focusPrevious, .previousMatch: focus((focused + charts.count - 1) % charts.count)
    case .down: focus(focused + layout.gridColumns)
    case .up: focus(focused - layout.gridColumns)
    case .pageDown: focus(layout.page.lowerBound + perPage)
    case .pageUp: focus(layout.page.lowerBound - perPage)
    case .first: focus(0)
    case .last: focus(charts.count - 1)
    default: break
    }
  }

  private func goBack(_ state: inout DashboardState) {
    if state.curves.cursor != nil {
      state.curves.cursor = nil
    } else if state.curves.isFullscreen {
      state.curves.isFullscreen = false
    } else if !state.filterText.isEmpty {
      state.setFilter("")
    } else if state.curves.group != nil {
      state.curves.group = nil
    } else if let path = state.selectedPath.flatMap(DashboardState.searchPath(ofCandidate:)),
      state.runs.contains(where: { $0.run.path == path })
    {
      // From a candidate back to where it was chosen.
      Update.select(path, &state)
      state.view = CandidatesView().name
    }
  }

  private func changeGroup(_ state: inout DashboardState, by offset: Int) {
    let groups: [String?] = [nil] + state.chartPlans.groups.map(\.name)
    let current = groups.firstIndex(of: state.curves.group) ?? 0
    state.curves.group = groups[(current + offset + groups.count) % groups.count]
  }

  // MARK: The x axis

  private func nextAxis(_ state: inout DashboardState) {
    guard let run = state.selected?.run else { return }
    let axes = TimeAxis.allCases
    var index = axes.firstIndex(of: state.shownAxis) ?? 0
    for _ in axes {
      index = (index + 1) % axes.count
      if run.isAvailable(axes[index]) { break }
    }
    Self.setAxis(axes[index], &state)
  }

  /// Counts something else on the x axis; cursor and window stay at the same steps.
  static func setAxis(_ axis: TimeAxis, _ state: inout DashboardState) {
    guard let run = state.selected?.run, axis != state.shownAxis else { return }
    guard run.isAvailable(axis) else {
      return state.tell("this log does not tell the \(axis.rawValue)", .statusWarning)
    }
    let old = state.shownAxis
    func moved(_ x: Double) -> Double? {
      run.axisValue(ofStep: run.step(at: x, on: old), on: axis)
    }
    state.curves.cursor = state.curves.cursor.flatMap(moved)
    state.curves.window = state.curves.window.flatMap { window in
      guard let lower = moved(window.lowerBound), let upper = moved(window.upperBound),
        lower < upper
      else { return nil }
      return lower...upper
    }
    state.curves.axis = axis
  }

  /// What belongs to the run that was shown before goes; an axis that the new one has not, too.
  static func takeOver(_ state: inout DashboardState) {
    state.curves.cursor = nil
    guard let run = state.selected?.run, !run.isAvailable(state.curves.axis) else { return }
    state.curves.axis = .step
    CurvesWindow.fit(&state)
  }

  static func setCursor(_ place: Double, _ state: inout DashboardState) {
    let range = CurvesWindow.extent(state)
    let cursor = min(max(place, range.lowerBound), range.upperBound)
    state.curves.cursor = cursor
    guard let window = state.curves.window, !CurvesWindow.range(state).contains(cursor) else {
      return
    }
    let half = (window.upperBound - window.lowerBound) / 2
    guard cursor - half < cursor + half else { return CurvesWindow.fit(&state) }
    state.curves.window = (cursor - half)...(cursor + half)
    state.curves.followsEnd = false
  }

  /// Moves the cursor by some cells of a chart; it begins at the end of what is shown.
  private func moveCursor(_ cells: Int, _ layout: CurvesLayout, _ state: inout DashboardState) {
    guard !state.chartPlans.charts.isEmpty else { return }
    let range = CurvesWindow.range(state)
    let end = min(range.upperBound, CurvesWindow.extent(state).upperBound)
    guard let cursor = state.curves.cursor else {
      state.curves.cursor = end
      return
    }
    let columns = layout.places.first.map { LineChart.plotRect(in: $0).columns } ?? 1
    var stride = (range.upperBound - range.lowerBound) / Double(max(1, columns))
    if state.shownAxis == .step { stride = max(1, stride.rounded()) }
    let moved = min(max(cursor + Double(cells) * stride, range.lowerBound), end)
    state.curves.cursor = state.shownAxis == .step ? moved.rounded() : moved
  }

  // MARK: Smoothing

  private static let smoothings: [Float] = [0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]

  private func changeSmoothing(_ state: inout DashboardState, by offset: Int) {
    let current = Self.smoothings.lastIndex { $0 <= state.curves.smoothing } ?? 0
    let next = min(max(0, current + offset), Self.smoothings.count - 1)
    Self.setSmoothing(Self.smoothings[next], &state)
  }

  static func setSmoothing(_ weight: Float, _ state: inout DashboardState) {
    state.curves.smoothing = weight
    for index in state.runs.indices { state.runs[index].run.smoothing = weight }
    state.smoothShown()
  }

  // MARK: Mouse

  func click(_ event: MouseEvent, area: Rect, _ state: inout DashboardState) -> [Effect] {
    let layout = CurvesLayout(state, area: area)
    let plans = state.chartPlans
    if event.kind == .press, layout.groups.contains(row: event.row, column: event.column) {
      let hit = groupPlaces(plans, layout.groups).last { $0.column <= event.column }
      if let hit { state.curves.group = hit.group }
      return []
    }
    guard let (index, place) = layout.chart(at: event) else { return [] }
    let plot = LineChart.plotRect(in: place)
    let range = CurvesWindow.range(state)
    let share = (Double(event.column - plot.column) + 0.5) / Double(max(1, plot.columns))
    let x = range.lowerBound + share * (range.upperBound - range.lowerBound)
    switch event.kind {
    case .press where event.row == place.row:
      state.curves.focused = plans.charts[index].title
      state.curves.isFullscreen.toggle()
    case .press, .drag:
      state.curves.focused = plans.charts[index].title
      guard plot.contains(row: event.row, column: event.column) else { break }
      Self.setCursor(state.shownAxis == .step ? x.rounded() : x, &state)
    case .wheelUp: CurvesWindow.zoom(&state, isIn: true, around: x)
    case .wheelDown: CurvesWindow.zoom(&state, isIn: false, around: x)
    case .release: break
    }
    return []
  }
}

extension Action {
  static let logarithmicY = Action("logarithmic-y")
  static let nextAxis = Action("next-axis")
  static let smoother = Action("smoother")
  static let rougher = Action("less-smooth")
  static let clipOutliers = Action("clip-outliers")
  static let zoomIn = Action("zoom-in")
  static let zoomOut = Action("zoom-out")
  static let panLeft = Action("pan-left")
  static let panRight = Action("pan-right")
  static let fit = Action("fit")
  static let follow = Action("follow")
  static let nextGroup = Action("next-group")
  static let previousGroup = Action("previous-group")
  static let nextColumns = Action("next-columns")
  static let write = Action("write-shown")
}
