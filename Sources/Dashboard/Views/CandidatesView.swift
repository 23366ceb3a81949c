import JSONText
import RunModel
import TerminalUI

/// The candidates of an architecture search, from the best to the worst; the runs where there is
/// no search.
struct CandidatesView: ListView {
  let name = "candidates"
  let title = "Candidates"

  private static let scatterRowsMin = 7
  private static let scatterShare = 0.55

  var bindings: [Keymap.Binding] {
    [
      Keymap.Binding([.enter], .open, "the candidate's curves", footer: "Curves"),
      Keymap.Binding(
        [.character("d")], .candidatesDifferences, "only columns that differ, or all",
        footer: "Differ"),
    ] + listBindings.filter { $0.action != .open }
  }

  // MARK: The table

  func columns(_ state: DashboardState) -> [ListColumn] {
    state.candidatesTable.columns(onlyDiffering: state.list(name).showsOnlyDiffering)
  }

  func rows(_ state: DashboardState) -> [ListRow] {
    state.candidatesTable.rows(onlyDiffering: state.list(name).showsOnlyDiffering)
  }

  func revision(_ state: DashboardState) -> Int {
    var hasher = Hasher()
    hasher.combine(CandidatesTable.key(state))
    hasher.combine(state.list(name).showsOnlyDiffering)
    return hasher.finalize()
  }

  func emptyText(_ state: DashboardState) -> String { "no candidates and no runs" }

  // MARK: Details

  func detailTitle(_ row: ListRow?, _ state: DashboardState) -> String? {
    let table = state.candidatesTable
    return table.record(row).map { table.records[$0].id } ?? title
  }

  func drawDetail(
    _ row: ListRow?, _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {
    let table = state.candidatesTable
    let index = table.record(row)
    var rest = area
    if table.isOfRuns {
      let line = SafeText.truncated(
        "no search in this log: the runs serve as candidates", columns: area.columns,
        glyphs: state.glyphs)
      buffer.write(line, row: area.row, column: area.column, style: .dim)
      rest = area.split(top: 1).rest
    }
    let lines = index.map { Self.lines(table.records[$0]) } ?? []
    let scatterRows = max(
      Int(Double(rest.rows) * Self.scatterShare), rest.rows - lines.count - 1)
    let hasScatter = scatterRows >= Self.scatterRowsMin
    let (scatter, facts) = rest.split(bottom: hasScatter ? scatterRows : 0)
    if hasScatter {
      CandidatesScatter(table: table, chosen: index, glyphs: state.glyphs)
        .draw(into: &buffer, rect: scatter)
    }
    let first = min(state.list(name).detailFirstLine, max(0, lines.count - facts.rows))
    for (offset, line) in lines.dropFirst(first).prefix(facts.rows).enumerated() {
      buffer.write(line, row: facts.row + offset, column: facts.column, maxColumns: facts.columns)
    }
  }

  /// A line a field, the names as wide as the widest.
  private static func lines(_ record: CandidateRecord) -> [StyledText] {
    let fields = record.fields.map {
      (
        name: SafeText.cleaned($0.name, maxLength: 24),
        value: SafeText.cleaned(CandidateRecord.text($0.value), maxLength: 500)
      )
    }
    let width = fields.map { SafeText.displayWidth(of: $0.name) }.max() ?? 0
    return fields.map { field in
      let blanks = max(0, width - SafeText.displayWidth(of: field.name)) + 2
      var line = StyledText(field.name + String(repeating: " ", count: blanks), .dim)
      line.append(field.value)
      return line
    }
  }

  // MARK: Keys

  func performOwn(_ action: Action, _ state: inout DashboardState) -> Bool {
    var list = state.list(name)
    switch action {
    case .candidatesDifferences: list.showsOnlyDiffering.toggle()
    case .up where list.isDetailFocused: list.detailFirstLine -= 1
    case .down where list.isDetailFocused: list.detailFirstLine += 1
    case .pageUp where list.isDetailFocused: list.detailFirstLine -= 10
    case .pageDown where list.isDetailFocused: list.detailFirstLine += 10
    default: return false
    }
    let table = state.candidatesTable
    let model = state.listModel(of: self)
    let row = model.index(of: list, followsEnd: followsEnd).map { model.rows[$0] }
    let lineCount = table.record(row).map { table.records[$0].fields.count } ?? 0
    list.detailFirstLine = min(max(0, list.detailFirstLine), max(0, lineCount - 1))
    state.lists[name] = list
    return true
  }

  /// Shows the curves of the run that belongs to a candidate.
  func open(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    guard let path = runPath(row, state) else {
      state.tell(
        "candidate \(SafeText.cleaned(row.id, maxLength: 60)) has no run here", .statusWarning)
      return []
    }
    Update.select(path, &state)
    state.view = CurvesView().name
    return []
  }

  /// Shows the curves of a candidate's run beside the others, or no longer.
  func mark(_ row: ListRow, _ state: inout DashboardState) {
    guard let path = runPath(row, state) else { return }
    if state.marked.remove(path) == nil { Update.mark(path, &state) }
  }

  func isMarked(_ row: ListRow, _ state: DashboardState) -> Bool {
    guard !state.marked.isEmpty, let path = runPath(row, state) else { return false }
    return state.marked.contains(path)
  }

  private func runPath(_ row: ListRow, _ state: DashboardState) -> String? {
    let table = state.candidatesTable
    return table.record(row).flatMap { table.records[$0].runPath }
  }
}

extension Action {
  static let candidatesDifferences = Action("only-differing")
}
