import RunLog
import RunModel
import TerminalUI

/// What happened in the chosen run: commands and answers, prunes, checkpoints, alerts, log lines.
struct EventsView: ListView {
  let name = "events"
  let title = "Events"
  let followsEnd = true

  func isUseful(_ action: Action, _ state: DashboardState) -> Bool { action != .mark }

  func emptyText(_ state: DashboardState) -> String { "nothing has happened yet" }

  /// Numbers that are logged change no row, so it asks for what else the run knows.
  func revision(_ state: DashboardState) -> Int {
    var hasher = Hasher()
    hasher.combine(state.glyphs)
    hasher.combine(state.settings.utcOffsetSeconds)
    guard let run = state.selected?.run else { return hasher.finalize() }
    hasher.combine(run.path)
    hasher.combine(run.startedWallTime)
    hasher.combine(isLong(run))
    hasher.combine(run.manifest?.parent?.run)
    // The oldest records go when there are too many, which the count does not tell.
    combine(run.journal.count, run.journal.first.map { ($0.wallTime, $0.step) }, &hasher)
    combine(run.journal.count, run.journal.last.map { ($0.wallTime, $0.step) }, &hasher)
    combine(run.texts.count, run.texts.first.map { ($0.wallTime, $0.step) }, &hasher)
    combine(run.texts.count, run.texts.last.map { ($0.wallTime, $0.step) }, &hasher)
    combine(run.alerts.count, run.alerts.last.map { ($0.wallTime, $0.step) }, &hasher)
    hasher.combine(run.commands.count)
    hasher.combine(run.commands.last?.id)
    hasher.combine(run.commands.last?.asked == nil)
    hasher.combine(run.engineOutput)
    for trouble in run.troubles { hasher.combine(TroubleText.of(trouble)) }
    return hasher.finalize()
  }

  private func combine(
    _ count: Int, _ last: (wallTime: Double, step: Int64)?, _ hasher: inout Hasher
  ) {
    hasher.combine(count)
    hasher.combine(last?.wallTime)
    hasher.combine(last?.step)
  }

  // MARK: Rows

  private func isLong(_ run: Run) -> Bool {
    let day = 86_400.0
    return run.durationSeconds >= day
  }

  func columns(_ state: DashboardState) -> [ListColumn] {
    let isLong = state.selected.map { self.isLong($0.run) } ?? false
    return [
      ListColumn("time", "time", width: isLong ? 14 : 8, priority: 6),
      ListColumn("step", "step", .right, width: 9, priority: 7),
      ListColumn("sign", " ", width: 1, priority: 8),
      ListColumn("kind", "kind", width: 10, priority: 9),
      ListColumn("text", "event", width: 20, flex: 1, priority: 10),
    ]
  }

  func source(_ state: DashboardState) -> any ListSource {
    let columns = columns(state)
    guard let run = state.selected?.run else { return ListRowArray(columns, []) }
    let isLong = self.isLong(run)
    var counts: [String: Int] = [:]
    let rows = EventsRows(run, glyphs: state.glyphs).rows.map { row in
      let key = row.source + "\n\(row.wallTime ?? 0) \(row.step ?? 0) \(row.kind)"
      let count = counts[key, default: 0]
      counts[key] = count + 1
      return row.listRow(
        id: "\(key)\n\(count)", columns: columns,
        utcOffsetSeconds: state.settings.utcOffsetSeconds, isLong: isLong)
    }
    return ListRowArray(columns, rows)
  }

  // MARK: Details

  func detailTitle(_ row: ListRow?, _ state: DashboardState) -> String? {
    row?.filterWord("kind") ?? "Event"
  }

  func drawDetail(
    _ row: ListRow?, _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {
    draw(detailLines(row, area.columns, state), state, into: &buffer, area: area)
  }

  private func detailLines(
    _ row: ListRow?, _ columns: Int, _ state: DashboardState
  ) -> [StyledText] {
    guard let row, let run = state.selected?.run, columns > 0 else { return [] }
    return EventsDetail(
      row: row, command: EventsRow.commandID(ofListRow: row.id).flatMap(run.command),
      columns: columns, utcOffsetSeconds: state.settings.utcOffsetSeconds, glyphs: state.glyphs
    ).lines
  }

  // MARK: Keys

  func open(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    guard let step = row.step, let run = state.selected?.run,
      let place = run.axisValue(ofStep: step, on: state.shownAxis)
    else {
      state.tell("this has no step to go to", .statusWarning)
      return []
    }
    state.view = CurvesView().name
    CurvesView.setCursor(place, &state)
    return []
  }

  func performOwn(_ action: Action, _ state: inout DashboardState) -> Bool {
    switch action {
    case .nextMatch: goToAlert(1, &state)
    case .previousMatch: goToAlert(-1, &state)
    default: scrollDetail(action, &state, lines: detailLines)
    }
  }

  /// To the next alert or trouble; false when there is a filter, as every row is a match then.
  private func goToAlert(_ direction: Int, _ state: inout DashboardState) -> Bool {
    guard state.list(name).filterText.isEmpty else { return false }
    let model = state.listModel(of: self)
    guard let selected = chosenIndex(model, state) else { return true }
    var index = selected + direction
    while model.rows.indices.contains(index) {
      if Self.isAlert(model.rows[index]) {
        let visible = max(1, visibleRows(state))
        state.lists[name, default: ListState()].select(
          model, index, visible: visible, followsEnd: followsEnd)
        return true
      }
      index += direction
    }
    state.tell(direction > 0 ? "no alert below" : "no alert above", .statusWarning)
    return true
  }

  private static func isAlert(_ row: ListRow) -> Bool {
    row.value("kind") == .word("alert") || row.value("kind") == .word("trouble")
  }
}
