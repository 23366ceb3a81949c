import RunModel
import TerminalUI

/// The candidates of an architecture search, from the best to the worst; the runs where there is
/// no search.
struct CandidatesView: ListView {
  let name = "candidates"
  let title = "Candidates"

  private static let scatterRowsMin = 7
  private static let scatterShare = 0.45

  var bindings: [Keymap.Binding] {
    [
      Keymap.Binding([.enter], .open, "the candidate's curves", footer: "Curves"),
      Keymap.Binding(
        [.character("p")], .pauseCandidate, "pause the candidate, or let it go on",
        footer: "Pause"),
      Keymap.Binding(
        [.character("x")], .killCandidate, "kill the candidate", footer: "Kill"),
      Keymap.Binding(
        [.character("t")], .promoteCandidate, "train the candidate longer", footer: "Longer"),
      Keymap.Binding(
        [.character("f")], .runCandidate, "a full run of the candidate, by itself",
        footer: "Full run"),
      Keymap.Binding(
        [.character("d")], .candidatesDifferences, "only columns that differ, or all",
        footer: "Differ"),
    ] + listBindings.filter { $0.action != .open }
  }

  // MARK: The table

  func source(_ state: DashboardState) -> any ListSource {
    state.candidatesTable.source(onlyDiffering: state.list(name).showsOnlyDiffering)
  }

  func revision(_ state: DashboardState) -> Int {
    var hasher = Hasher()
    hasher.combine(state.candidatesTable.key)
    hasher.combine(state.list(name).showsOnlyDiffering)
    return hasher.finalize()
  }

  func emptyText(_ state: DashboardState) -> String { "no candidates and no runs" }

  // MARK: Details

  func detailTitle(_ row: ListRow?, _ state: DashboardState) -> String? {
    let table = state.candidatesTable
    guard let candidate = table.candidate(row) else { return title }
    let name = table.isOfRuns ? table.candidates.column("run")?.word(candidate) : nil
    return name ?? table.candidates.id(candidate)
  }

  func drawDetail(
    _ row: ListRow?, _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {
    let table = state.candidatesTable
    if table.isOfRuns {
      let line = SafeText.truncated(
        "no search in this log: the runs serve as candidates", columns: area.columns,
        glyphs: state.glyphs)
      buffer.write(line, row: area.row, column: area.column, style: .dim)
    }
    let lines = lines(row, area.columns, state)
    let (facts, scatter) = Self.places(in: area, lineCount: lines.count, hasHeading: table.isOfRuns)
    if !scatter.isEmpty {
      CandidatesScatter(table: table, chosen: table.candidate(row), glyphs: state.glyphs)
        .draw(into: &buffer, rect: scatter)
    }
    draw(lines, state, into: &buffer, area: facts)
  }

  /// Where what is told of a candidate stands, and the picture of all of them below it.
  private static func places(
    in area: Rect, lineCount: Int, hasHeading: Bool
  ) -> (facts: Rect, scatter: Rect) {
    let rest = hasHeading ? area.split(top: 1).rest : area
    let rows = max(Int(Double(rest.rows) * scatterShare), rest.rows - lineCount - 1)
    let (scatter, facts) = rest.split(bottom: rows >= scatterRowsMin ? rows : 0)
    return (facts, scatter)
  }

  private func lines(_ row: ListRow?, _ columns: Int, _ state: DashboardState) -> [StyledText] {
    let table = state.candidatesTable
    guard let candidate = table.candidate(row) else { return [] }
    return CandidatesDetail(
      table: table, candidate: candidate, columns: columns, glyphs: state.glyphs
    ).lines
  }

  // MARK: Keys

  func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    guard CandidatesSteering.actions.contains(action) else { return performInList(action, &state) }
    return CandidatesSteering(state)?.perform(action, &state) ?? []
  }

  func performOwn(_ action: Action, _ state: inout DashboardState) -> Bool {
    guard action == .candidatesDifferences else {
      let isOfRuns = state.candidatesTable.isOfRuns
      return scrollDetail(action, &state, lines: lines) { area, count in
        Self.places(in: area, lineCount: count, hasHeading: isOfRuns).facts
      }
    }
    state.lists[name, default: ListState()].showsOnlyDiffering.toggle()
    return true
  }

  func obstacle(to action: Action, _ state: DashboardState) -> String? {
    guard CandidatesSteering.actions.contains(action) else { return nil }
    guard state.search != nil else { return "there is no search in this log" }
    guard let steering = CandidatesSteering(state) else { return "there is no candidate" }
    return steering.obstacle(to: action)
  }

  /// Where the runs serve as candidates nothing can be done to them here.
  func isUseful(_ action: Action, _ state: DashboardState) -> Bool {
    !CandidatesSteering.actions.contains(action) || state.search != nil
  }

  /// Shows the curves of the run that belongs to a candidate.
  func open(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    follow(row, .open, &state)
  }

  /// Shows the curves of a candidate's run beside the others, or no longer.
  func mark(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    if let path = runPath(row, state), state.marked.remove(path) != nil { return [] }
    return follow(row, .mark, &state)
  }

  /// Its run is found only when it is asked for: a search has very many.
  private func follow(
    _ row: ListRow, _ purpose: Effect.FollowPurpose, _ state: inout DashboardState
  ) -> [Effect] {
    guard let path = runPath(row, state) else {
      state.tell(
        "candidate \(SafeText.cleaned(row.id, maxLength: 60)) has no run here", .statusWarning)
      return []
    }
    guard state.runs.contains(where: { $0.run.path == path }) else {
      return [.follow(path: path, purpose)]
    }
    Update.follow(path, purpose, &state)
    return []
  }

  func isMarked(_ row: ListRow, _ state: DashboardState) -> Bool {
    guard !state.marked.isEmpty, let path = runPath(row, state) else { return false }
    return state.marked.contains(path)
  }

  private func runPath(_ row: ListRow, _ state: DashboardState) -> String? {
    let table = state.candidatesTable
    guard let search = table.searchPath else { return row.id }
    return DashboardState.runPath(ofCandidate: row.id, search: search)
  }
}

extension Action {
  static let candidatesDifferences = Action("only-differing")
}
