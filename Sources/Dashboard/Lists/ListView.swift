import TerminalUI

/// A view that is a table with details of the chosen row beside or below it. Moving, sorting,
/// filtering, marking and the mouse are the same in all of them.
protocol ListView: DashboardView {
  /// All rows in their natural order.
  func source(_ state: DashboardState) -> any ListSource
  /// Another number whenever columns or rows are others.
  func revision(_ state: DashboardState) -> Int
  /// What stands there when there is no row.
  func emptyText(_ state: DashboardState) -> String
  /// The name of the details; nil: there are none.
  func detailTitle(_ row: ListRow?, _ state: DashboardState) -> String?
  func drawDetail(_ row: ListRow?, _ state: DashboardState, into buffer: inout Buffer, area: Rect)
  /// The part of the view that list and details have.
  func listArea(_ area: Rect, _ state: DashboardState) -> Rect
  /// What Enter does with a row.
  func open(_ row: ListRow, _ state: inout DashboardState) -> [Effect]
  /// What Space does with a row.
  func mark(_ row: ListRow, _ state: inout DashboardState) -> [Effect]
  func isMarked(_ row: ListRow, _ state: DashboardState) -> Bool
  /// What the view does with actions of its own; false: nothing, the list handles it.
  func performOwn(_ action: Action, _ state: inout DashboardState) -> Bool
  /// Whether the list stands at its end until somebody moves in it.
  var followsEnd: Bool { get }
  /// The row that is chosen until somebody moves; nil: the first, or the last.
  func initialID(_ state: DashboardState) -> String?
}

extension ListView {
  func detailTitle(_ row: ListRow?, _ state: DashboardState) -> String? { nil }
  func drawDetail(
    _ row: ListRow?, _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {}
  func listArea(_ area: Rect, _ state: DashboardState) -> Rect { area }
  func open(_ row: ListRow, _ state: inout DashboardState) -> [Effect] { [] }
  func mark(_ row: ListRow, _ state: inout DashboardState) -> [Effect] { [] }
  func isMarked(_ row: ListRow, _ state: DashboardState) -> Bool { false }
  func performOwn(_ action: Action, _ state: inout DashboardState) -> Bool { false }
  var followsEnd: Bool { false }
  func initialID(_ state: DashboardState) -> String? { nil }

  var bindings: [Keymap.Binding] { listBindings }

  /// The keys of every list.
  var listBindings: [Keymap.Binding] {
    [
      Keymap.Binding([.enter], .open, "open the row", footer: "Open"),
      Keymap.Binding([.character(" ")], .mark, "mark the row", footer: "Mark"),
      Keymap.Binding([.character(",")], .sortLeft, "sort by the column to the left"),
      Keymap.Binding(
        [.character(".")], .sortRight, "sort by the column to the right", footer: "Sort"),
      Keymap.Binding([.character("I")], .reverse, "reverse the order"),
    ]
  }

  func filterColumns(_ state: DashboardState) -> [String] {
    ListColumn.names(knownColumns(state))
  }

  // MARK: Drawing

  func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    drawList(state, into: &buffer, area: listArea(area, state))
  }

  /// Draws list and details.
  func drawList(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    let model = state.listModel(of: self)
    let list = state.list(name)
    let layout = ListLayout(
      area, share: list.detailShare, hasDetail: detailTitle(nil, state) != nil,
      rowCount: model.rows.count)
    let selected = chosenIndex(model, state)
    let visible = TextTable.visibleRows(in: layout.table)
    let first = TextTable.firstRow(
      showing: selected ?? 0, current: list.firstRow, visible: visible, count: model.rows.count)
    let marked = (first..<min(model.rows.count, first + visible)).filter {
      isMarked(model.rows[$0], state)
    }
    let sorted = model.columns.firstIndex { $0.name == list.sortColumn }
    TextTable(
      columns: model.columns.map(\.column), rowCount: model.rows.count, selectedRow: selected,
      firstRow: first, markedRows: Set(marked),
      sort: sorted.map { (column: $0, isDescending: list.isReversed) },
      isFocused: !list.isDetailFocused, emptyText: model.emptyText ?? emptyText(state)
    ) { model.rows[$0].cells }.draw(into: &buffer, rect: layout.table, glyphs: state.glyphs)
    guard let detail = layout.detail else { return }
    let row = selected.map { model.rows[$0] }
    let title = detailTitle(row, state) ?? ""
    let inside = Panel(
      title: StyledText(SafeText.cleaned(title, maxLength: 60), .title),
      isFocused: list.isDetailFocused
    ).draw(into: &buffer, rect: detail, glyphs: state.glyphs)
    drawDetail(row, state, into: &buffer, area: inside)
  }

  func hidden(_ state: DashboardState, area: Rect) -> String? {
    let area = listArea(area, state)
    let model = state.listModel(of: self)
    let hasDetail = detailTitle(nil, state) != nil
    let layout = ListLayout(
      area, share: state.list(name).detailShare, hasDetail: hasDetail, rowCount: model.rows.count)
    var parts: [String] = []
    if model.rows.count < model.totalCount {
      parts.append("\(model.rows.count) of \(model.totalCount) rows match")
    } else if model.rows.count > TextTable.visibleRows(in: layout.table) {
      parts.append("\(model.rows.count) rows")
    }
    let table = TextTable(columns: model.columns.map(\.column), rows: [])
    let shown = Set(table.layout(width: layout.table.columns).map(\.index))
    let missing = model.columns.indices.filter { !shown.contains($0) }
    if !missing.isEmpty {
      parts.append("hidden: " + missing.map { model.columns[$0].name }.joined(separator: " "))
    }
    if hasDetail && layout.detail == nil { parts.append("no room for details") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  // MARK: Keys

  func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    performInList(action, &state)
  }

  /// What an action does in every list.
  func performInList(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    if performOwn(action, &state) { return [] }
    let model = state.listModel(of: self)
    var list = state.list(name)
    let visible = max(1, visibleRows(state))
    let selected = chosenIndex(model, state)
    func select(_ index: Int) {
      list.select(model, index, visible: visible, followsEnd: followsEnd)
    }
    switch action {
    case .up: select((selected ?? 0) - 1)
    case .down: select((selected ?? -1) + 1)
    case .pageUp: select((selected ?? 0) - visible)
    case .pageDown: select((selected ?? 0) + visible)
    case .first: select(0)
    case .last: select(model.rows.count - 1)
    case .nextMatch: select((selected ?? -1) + 1)
    case .previousMatch: select((selected ?? 0) - 1)
    case .sortLeft: list.sort(model.columns, by: -1)
    case .sortRight: list.sort(model.columns, by: 1)
    case .reverse: list.isReversed.toggle()
    case .focusNext, .focusPrevious:
      list.isDetailFocused = detailTitle(nil, state) != nil && !list.isDetailFocused
    case .back:
      if list.isDetailFocused { list.isDetailFocused = false } else { list.filterText = "" }
    case .resetLayout: list = ListState()
    case .mark:
      guard let selected else { break }
      let effects = mark(model.rows[selected], &state)
      list = state.list(name)
      select(selected + 1)
      state.lists[name] = list
      return effects
    case .open:
      guard let selected else { break }
      state.lists[name] = list
      return open(model.rows[selected], &state)
    default: break
    }
    state.lists[name] = list
    return []
  }

  // MARK: Mouse

  func click(_ event: MouseEvent, area: Rect, _ state: inout DashboardState) -> [Effect] {
    let area = listArea(area, state)
    let model = state.listModel(of: self)
    var list = state.list(name)
    let layout = ListLayout(
      area, share: list.detailShare, hasDetail: detailTitle(nil, state) != nil,
      rowCount: model.rows.count)
    let visible = max(1, TextTable.visibleRows(in: layout.table))
    let selected = chosenIndex(model, state)
    defer { state.lists[name] = list }
    switch event.kind {
    case .wheelUp, .wheelDown:
      let rowsPerNotch = 3
      let change = event.kind == .wheelUp ? -rowsPerNotch : rowsPerNotch
      list.select(model, (selected ?? 0) + change, visible: visible, followsEnd: followsEnd)
    case .press:
      list.isDragging = layout.isDivider(event)
      guard layout.table.contains(row: event.row, column: event.column) else {
        list.isDetailFocused =
          layout.detail?.contains(row: event.row, column: event.column) ?? false
        return []
      }
      list.isDetailFocused = false
      if event.row == layout.table.row, layout.table.rows >= 2 {
        list.sort(model.columns, atColumn: event.column - layout.table.column, layout.table.columns)
        return []
      }
      let first = TextTable.firstRow(
        showing: selected ?? 0, current: list.firstRow, visible: visible, count: model.rows.count)
      let index = first + event.row - layout.table.endRow + visible
      guard model.rows.indices.contains(index) else { return [] }
      list.select(model, index, visible: visible, followsEnd: followsEnd)
    case .drag where list.isDragging:
      list.detailShare = layout.share(draggedTo: event, in: area)
    case .release, .drag: list.isDragging = false
    }
    return []
  }

  /// The columns, without a look at the rows where these are known.
  func knownColumns(_ state: DashboardState) -> [ListColumn] {
    if let known = state.cachedList, known.key.view == name, known.key.revision == revision(state) {
      return known.columns
    }
    return source(state).columns
  }

  /// The rows as they are now.
  func model(_ state: DashboardState) -> ListModel { state.listModel(of: self) }

  /// Where the chosen row of a list is.
  func chosenIndex(_ model: ListModel, _ state: DashboardState) -> Int? {
    model.index(of: state.list(name), followsEnd: followsEnd, initialID: initialID(state))
  }

  func visibleRows(_ state: DashboardState) -> Int {
    let layout = ListLayout(
      listArea(Frame(state).view, state), share: state.list(name).detailShare,
      hasDetail: detailTitle(nil, state) != nil, rowCount: state.listModel(of: self).rows.count)
    return TextTable.visibleRows(in: layout.table)
  }
}

extension Action {
  static let sortLeft = Action("sort-left")
  static let sortRight = Action("sort-right")
  static let reverse = Action("reverse")
}
