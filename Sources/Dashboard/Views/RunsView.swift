import RunLog
import RunModel
import TerminalUI

/// All runs below each other, and what differs in their hyper-parameters.
struct RunsView: ListView {
  let name = "runs"
  let title = "Runs"

  var bindings: [Keymap.Binding] {
    listBindings + [
      .init([.character("e")], .nextMetric, "another metric for newest and best", footer: "Metric"),
      .init([.character("M")], .unmarkAll, "unmark all runs", footer: "Unmark"),
    ]
  }

  func initialID(_ state: DashboardState) -> String? { state.selectedPath }

  /// Marked rows have a sample of their colour instead of a bullet.
  func isMarked(_ row: ListRow, _ state: DashboardState) -> Bool { false }

  func emptyText(_ state: DashboardState) -> String { "there is no run" }

  func revision(_ state: DashboardState) -> Int {
    var hasher = Hasher()
    for followed in state.runs {
      hasher.combine(followed.run.revision)
      hasher.combine(followed.run.path)
      hasher.combine(followed.run.state(at: state.wallNow))
    }
    hasher.combine(state.marked)
    hasher.combine(state.selectedPath)
    hasher.combine(state.list(name).quantity)
    hasher.combine(state.isMonochrome)
    hasher.combine(state.glyphs)
    hasher.combine(state.settings.utcOffsetSeconds)
    return hasher.finalize()
  }

  // MARK: Rows

  func columns(_ state: DashboardState) -> [ListColumn] {
    let metric = RunsMetric.title(chosen: state.list(name).quantity)
    let numberColumns = 9
    let best = "best " + metric
    func width(_ title: String) -> Int { max(numberColumns, SafeText.displayWidth(of: title) + 1) }
    return [
      ListColumn("marked", " ", width: 2, priority: 10),
      ListColumn("run", "run", width: 12, flex: 3, priority: 10),
      ListColumn("state", "state", width: 12, flex: 1, priority: 9),
      ListColumn("step", "step", .right, width: 9, priority: 8),
      ListColumn(
        "last", metric, .right, width: width(metric), priority: 7,
        alias: metric.contains(" ") ? nil : metric),
      ListColumn("best", best, .right, width: width(best), priority: 6),
      ListColumn("sparsity", "sparsity", .right, width: 9, priority: 5),
      ListColumn("duration", "duration", .right, width: 9, priority: 4),
      ListColumn("host", "host", width: 6, flex: 1, priority: 2),
      ListColumn("started", "started", width: 16, priority: 3),
    ]
  }

  func source(_ state: DashboardState) -> any ListSource {
    let columns = columns(state)
    return ListRowArray(columns, state.runs.map { row($0.run, columns, state) })
  }

  private func row(
    _ run: Run, _ columns: [ListColumn], _ state: DashboardState
  ) -> ListRow {
    let (word, role, symbol) = Self.stateWords(run, state.glyphs, at: state.wallNow)
    let isShown = run.path == state.selectedPath
    let name = SafeText.cleaned(run.name, maxLength: 200)
    let tag = RunsMetric.tag(of: run, chosen: state.list(self.name).quantity)
    let sparsity = run.series["sparsity/total"]?.last.map { Double($0) }
    let host = run.host.map { SafeText.cleaned($0, maxLength: 100) }
    let hasBegun = run.startedWallTime != nil
    return ListRow(
      id: run.path, columns: columns,
      [
        sample(run, state),
        (TableCell(name, isShown ? .title : .text), .word(name)),
        (TableCell("\(symbol) \(word)", Style(role)), .word(word)),
        run.series.isEmpty ? ("", .none) : Self.step(run.lastStep),
        Self.number(tag.flatMap { run.series.last(of: $0)?.value }),
        Self.number(tag.flatMap { run.best(of: $0)?.value }),
        (TableCell(sparsity.map { NumberText.percent($0) } ?? ""), ListValue(sparsity)),
        (
          TableCell(hasBegun ? NumberText.duration(run.durationSeconds) : ""),
          hasBegun ? .number(run.durationSeconds) : .none
        ),
        (TableCell(host ?? ""), host.map { .word($0) } ?? .none),
        started(run, state),
      ])
  }

  private func sample(_ run: Run, _ state: DashboardState) -> (cell: TableCell, value: ListValue) {
    guard state.marked.contains(run.path) else { return ("", .none) }
    let color = state.runColors[run.path] ?? 0
    let text = state.isMonochrome ? "\(color + 1)" : String(state.glyphs.bullet)
    return (TableCell(text, Style(.series(color), .bold)), .word("yes"))
  }

  private func started(_ run: Run, _ state: DashboardState) -> (cell: TableCell, value: ListValue) {
    guard let time = run.startedWallTime, time > 0 else { return ("", .none) }
    let local = time + Double(state.settings.utcOffsetSeconds)
    let hour = 3600.0
    let text =
      ClockText.of(secondsOfLocalTime: local, span: .infinity) + " "
      + ClockText.of(secondsOfLocalTime: local, span: hour)
    return (TableCell(text), .number(time))
  }

  private static func step(_ step: Int64) -> (cell: TableCell, value: ListValue) {
    (TableCell(NumberText.grouped(Int(clamping: step))), .number(Double(step)))
  }

  private static func number(_ value: Float?) -> (cell: TableCell, value: ListValue) {
    guard let value else { return ("", .none) }
    let style = value.isFinite ? Style.text : Style(.statusBad, .bold)
    return (TableCell(NumberText.significant(Double(value)), style), .number(Double(value)))
  }

  /// The header's words, and what a run is of which nothing could be read.
  static func stateWords(
    _ run: Run, _ glyphs: GlyphSet, at wallSeconds: Double
  ) -> (word: String, role: Role, symbol: Character) {
    let isUnreadable = run.troubles.contains {
      if case .unreadable = $0 { true } else { false }
    }
    if run.state == .waiting && isUnreadable { return ("unreadable", .statusBad, glyphs.cross) }
    let words = Header.stateWords(run, glyphs, at: wallSeconds)
    if isUnreadable { return (words.word + ", partly unreadable", .statusWarning, words.symbol) }
    return words
  }

  // MARK: Details

  func detailTitle(_ row: ListRow?, _ state: DashboardState) -> String? {
    row.flatMap { run($0, state)?.name } ?? "Run"
  }

  func drawDetail(
    _ row: ListRow?, _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {
    draw(detailLines(row, area.columns, state), state, into: &buffer, area: area)
  }

  private func detailLines(
    _ row: ListRow?, _ columns: Int, _ state: DashboardState
  ) -> [StyledText] {
    guard let row, let run = run(row, state), columns > 0 else { return [] }
    let compared =
      state.marked.count >= 2
      ? state.marked : Set(state.listModel(of: self).rows.map(\.id))
    let others = state.runs.lazy.map(\.run).filter {
      compared.contains($0.path) && $0.path != run.path
    }
    let taken = Array(others.prefix(RunsDetail.othersMax))
    let total = compared.count - (compared.contains(run.path) ? 1 : 0)
    return RunsDetail(
      run: run, others: taken, leftOutCount: max(0, total - taken.count),
      metric: state.list(name).quantity, columns: columns, glyphs: state.glyphs,
      wallSeconds: state.wallNow
    ).lines
  }

  private func run(_ row: ListRow, _ state: DashboardState) -> Run? {
    state.runs.first { $0.run.path == row.id }?.run
  }

  // MARK: Keys

  func open(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    if row.id != state.selectedPath { Update.select(row.id, &state) }
    // Whoever comes back finds the run that is shown.
    state.lists[name]?.selectedID = nil
    state.view = CurvesView().name
    return []
  }

  func mark(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    if state.marked.remove(row.id) == nil { Update.mark(row.id, &state) }
    return []
  }

  func performOwn(_ action: Action, _ state: inout DashboardState) -> Bool {
    switch action {
    case .nextMetric:
      let chosen = state.list(name).quantity
      state.lists[name, default: ListState()].quantity = RunsMetric.next(
        after: chosen, in: state.runs.map(\.run))
      return true
    case .unmarkAll:
      state.marked = []
      return true
    default: return scrollDetail(action, &state, lines: detailLines)
    }
  }

  func isUseful(_ action: Action, _ state: DashboardState) -> Bool {
    action != .unmarkAll || !state.marked.isEmpty
  }
}

extension Action {
  static let nextMetric = Action("next-metric")
  static let unmarkAll = Action("unmark-all")
}
