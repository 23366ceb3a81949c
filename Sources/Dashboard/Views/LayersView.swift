import RunModel
import TerminalUI

/// A row a layer, with pictures of the chosen one and of all over time beside them.
struct LayersView: ListView {
  let name = "layers"
  let title = "Layers"

  private static let sparklineColumns = 16
  private static let emptyLine =
    "no layers: log scalars such as gradient_norm/<layer> or sparsity/<layer>"

  var bindings: [Keymap.Binding] {
    [
      Keymap.Binding([.enter], .open, "the layer's curves", footer: "Curves"),
      Keymap.Binding(
        [.character("e")], .nextQuantity, "history of: sparsity, gradient norm, weight norm, dead",
        footer: "Quantity"),
      Keymap.Binding(
        [.character("v")], .nextPane, "details: density, history, histogram, prunes",
        footer: "Details"),
      Keymap.Binding([.character("+")], .zoomIn, "zoom into the weights; arrows move there"),
      Keymap.Binding([.character("-")], .zoomOut, "zoom out of the weights"),
      Keymap.Binding([.character("=")], .fit, "all of the weights"),
      Keymap.Binding([.shiftLeft], .farLeft, "cursor ten columns to the left"),
      Keymap.Binding([.shiftRight], .farRight, "cursor ten columns to the right"),
    ] + listBindings.filter { $0.action != .open }
  }

  // MARK: The table

  func columns(_ state: DashboardState) -> [ListColumn] {
    let isSmaller = state.selected.map { !$0.run.changedShapes.isEmpty } ?? false
    return [
      ListColumn("layer", "layer", width: 12, flex: 2, priority: 9),
      ListColumn("shape", "shape", .right, width: isSmaller ? 18 : 10, priority: 2),
      ListColumn("weights", "weights", .right, width: 8, priority: 4),
      ListColumn("sparsity", "sparsity", width: 16, flex: 1, priority: 8),
      ListColumn("gradient_norm", "grad norm", .right, width: 9, priority: 7),
      ListColumn("weight_norm", "wt norm", .right, width: 9, priority: 6),
      ListColumn("dead_units", "dead", .right, width: 5, priority: 5),
      ListColumn("gradients", "gradients", width: Self.sparklineColumns, priority: 1),
    ]
  }

  func source(_ state: DashboardState) -> any ListSource {
    let columns = columns(state)
    guard let run = state.selected?.run else { return ListRowArray(columns, []) }
    let facts = state.layersFacts(of: run)
    let counts = facts.weightCounts
    let shapes = facts.shapes(counts)
    let smaller = run.changedShapes
    let rows = facts.layers.map { layer in
      let shape = LayersFacts.text(shapes[layer.name], now: smaller[layer.name]) ?? ""
      let count = counts[layer.name]
      let sparsity = facts.latest(.sparsity, of: layer).map { Double($0) }
      return ListRow(
        id: layer.name, columns: columns,
        [
          (TableCell(SafeText.cleaned(layer.name, maxLength: 100)), .word(layer.name)),
          (TableCell(shape, .dim), shape.isEmpty ? .none : .word(shape)),
          (TableCell(count.map(NumberText.compact) ?? ""), ListValue(count)),
          Self.sparsity(sparsity, nearZero: facts.nearZero(layer)),
          Self.number(.gradientNorm, layer, facts), Self.number(.weightNorm, layer, facts),
          Self.number(.deadUnits, layer, facts),
          (TableCell(sparkline(layer, run, state.glyphs), Style(.series1)), .none),
        ])
    }
    return ListRowArray(columns, rows)
  }

  /// A bar; of a log that counts no zeros what its histogram tells, which is no exact zeros.
  private static func sparsity(
    _ sparsity: Double?, nearZero: Double?
  ) -> (cell: TableCell, value: ListValue) {
    guard let sparsity else {
      let text = nearZero.map { nearZeroSign + NumberText.percent($0, decimals: 0) + " near 0" }
      return (TableCell(text ?? "", .dim), ListValue(nearZero))
    }
    let cell =
      sparsity.isFinite
      ? TableCell(gauge: sparsity, text: NumberText.percent(sparsity))
      : TableCell(NumberText.significant(sparsity), Style(.statusBad, .bold))
    return (cell, .number(sparsity))
  }

  private static let nearZeroSign = "≈ "

  private static func number(
    _ quantity: LayersQuantity, _ layer: LayersFacts.Layer, _ facts: LayersFacts
  ) -> (cell: TableCell, value: ListValue) {
    guard let value = facts.latest(quantity, of: layer) else { return ("", .none) }
    let style: Style = value.isFinite ? .text : Style(.statusBad, .bold)
    return (
      TableCell(NumberText.significant(Double(value)), style), .number(Double(value))
    )
  }

  /// The gradient's norm over the whole run; the largest value of each part.
  private func sparkline(_ layer: LayersFacts.Layer, _ run: Run, _ glyphs: GlyphSet) -> String {
    guard let series = layer.tags[.gradientNorm].flatMap({ run.series[$0] }), series.count > 1,
      case let all = series.extent, !all.isEmpty
    else { return "" }
    let parts = glyphs.verticalParts
    let columns = min(Self.sparklineColumns, series.count)
    let span = max(all.maximum - all.minimum, .leastNormalMagnitude)
    return (0..<columns).map { column in
      let first = series.count * column / columns
      let extent = series.extent(first..<max(first + 1, series.count * (column + 1) / columns))
      if extent.hasNonFinite { return String(glyphs.nonFinite) }
      let share = (extent.maximum - all.minimum) / span
      guard share.isFinite else { return " " }
      return String(parts[min(max(Int(share * Float(parts.count)), 0), parts.count - 1)])
    }.joined()
  }

  func revision(_ state: DashboardState) -> Int {
    var hasher = Hasher()
    hasher.combine(state.selectedPath)
    hasher.combine(state.selected?.run.revision)
    return hasher.finalize()
  }

  func emptyText(_ state: DashboardState) -> String { Self.emptyLine }

  // MARK: Marks

  /// What a prune may be kept to.
  func mark(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    guard let path = state.selectedPath else { return [] }
    let isMarked = state.markedLayers[path]?.contains(row.id) ?? false
    if isMarked {
      state.markedLayers[path]?.remove(row.id)
    } else {
      state.markedLayers[path, default: []].insert(row.id)
    }
    return []
  }

  func isMarked(_ row: ListRow, _ state: DashboardState) -> Bool {
    state.selectedPath.flatMap { state.markedLayers[$0] }?.contains(row.id) ?? false
  }

  /// The marked layers of a run that it has, in its order.
  static func markedLayers(_ run: Run, _ state: DashboardState) -> [String] {
    guard let marked = state.markedLayers[run.path], !marked.isEmpty else { return [] }
    return state.layersFacts(of: run).layers.map(\.name).filter(marked.contains)
  }

  /// The layer on which the list stands; nil while it has none.
  static func chosenLayer(_ state: DashboardState) -> String? {
    let view = LayersView()
    let model = state.listModel(of: view)
    return view.chosenIndex(model, state).map { model.rows.id($0) }
  }

  // MARK: Details

  func detailTitle(_ row: ListRow?, _ state: DashboardState) -> String? {
    let hasLayers = row != nil || !state.listModel(of: self).rows.isEmpty
    guard hasLayers else { return nil }
    let isFromHistogram = row?.cells.contains { $0.text.hasPrefix(Self.nearZeroSign) } ?? false
    return (row?.id ?? title) + (isFromHistogram ? ": near 0 from the histogram" : "")
  }

  func drawDetail(
    _ row: ListRow?, _ state: DashboardState, into buffer: inout Buffer, area: Rect
  ) {
    guard let run = state.selected?.run, !area.isEmpty else { return }
    let facts = state.layersFacts(of: run)
    let layer = row.flatMap { facts.layer($0.id) }
    if let layer, let mixture = LayersMixture(layer.name, tag: layer.mixture, of: run) {
      return mixture.draw(state, into: &buffer, area)
    }
    let detail = LayersDetail(facts, state, area: area, hasPrunes: hasPrunesPane(state))
    detail.draw(layer, into: &buffer)
    guard detail.places.isEmpty, let layer else { return }
    for (index, tag) in layer.others.prefix(area.rows).enumerated() {
      let value = run.series[tag]?.last.map { NumberText.significant(Double($0)) } ?? ""
      buffer.write(
        "\(SafeText.cleaned(tag, maxLength: 60)) \(value)", row: area.row + index,
        column: area.column, maxColumns: area.columns)
    }
  }

  /// The details as they stand on the screen; nil when there is no room for them.
  func detail(_ state: DashboardState, in view: Rect) -> LayersDetail? {
    guard let run = state.selected?.run, detailTitle(nil, state) != nil,
      let rect = ListLayout(
        listArea(view, state), share: state.list(name).detailShare, hasDetail: true,
        rowCount: state.listModel(of: self).rows.count
      ).detail
    else { return nil }
    return LayersDetail(
      state.layersFacts(of: run), state, area: rect.inset(), hasPrunes: hasPrunesPane(state))
  }

  // MARK: Prunes

  /// Where it is wide, the table of prunes stands below list and details.
  private static let columnsForPrunes = 100
  private static let rowsForPrunes = 16

  /// The place of the table of prunes; nil: it has none of its own.
  private func prunesArea(_ area: Rect, _ state: DashboardState) -> Rect? {
    guard area.columns >= Self.columnsForPrunes, area.rows >= Self.rowsForPrunes,
      let count = state.selected?.run.stageCount, count > 0
    else { return nil }
    let (borderRows, headingRows, share) = (2, 1, 3)
    return area.split(bottom: min(count + borderRows + headingRows, area.rows / share)).bottom
  }

  func listArea(_ area: Rect, _ state: DashboardState) -> Rect {
    guard let prunes = prunesArea(area, state) else { return area }
    return area.split(bottom: prunes.rows).rest
  }

  private func hasPrunesPane(_ state: DashboardState) -> Bool {
    guard let count = state.selected?.run.stageCount, count > 0 else { return false }
    return prunesArea(Frame(state).view, state) == nil
  }

  func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect) {
    drawList(state, into: &buffer, area: listArea(area, state))
    guard let place = prunesArea(area, state), let run = state.selected?.run else { return }
    let inside = Panel(title: StyledText(LayersPrunes.heading, .title))
      .draw(into: &buffer, rect: place, glyphs: state.glyphs)
    LayersPrunes(run.stages, state.glyphs).draw(into: &buffer, rect: inside)
  }

  // MARK: Keys

  func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    performInList(action, &state) + regionEffects(&state)
  }

  func performOwn(_ action: Action, _ state: inout DashboardState) -> Bool {
    if performInWeights(action, &state) { return true }
    switch action {
    case .nextQuantity:
      guard let run = state.selected?.run else { break }
      let facts = state.layersFacts(of: run)
      let known = facts.quantities
      let shown = LayersHistory(facts, state.layers.quantity).quantity
      guard let index = known.firstIndex(of: shown) else { break }
      state.layers.quantity = known[(index + 1) % known.count]
    case .nextPane: nextPane(&state)
    case .left: moveCursor(-1, &state)
    case .right: moveCursor(1, &state)
    case .farLeft: moveCursor(-10, &state)
    case .farRight: moveCursor(10, &state)
    case .back where state.layers.cursorStep != nil && !state.list(name).isDetailFocused:
      state.layers.cursorStep = nil
    default: return false
    }
    return true
  }

  private func nextPane(_ state: inout DashboardState) {
    guard let detail = detail(state, in: Frame(state).view), !detail.showsAll else { return }
    let shown = detail.places.first?.pane ?? state.layers.pane
    let index = detail.panes.firstIndex(of: shown) ?? 0
    state.layers.pane = detail.panes[(index + 1) % detail.panes.count]
  }

  /// Moves by columns; from the newest to the right it follows.
  private func moveCursor(_ offset: Int, _ state: inout DashboardState) {
    guard let detail = detail(state, in: Frame(state).view), let columns = detail.historyColumns
    else { return }
    let history = detail.history
    let last = history.lastColumn(of: columns)
    let current = state.layers.cursorStep.map { history.column(ofStep: $0, of: columns) } ?? last
    let next = max(0, min(current, last) + offset)
    state.layers.cursorStep =
      next >= last ? nil : history.stepRange(next, of: columns).lowerBound
  }

  func isUseful(_ action: Action, _ state: DashboardState) -> Bool {
    switch action {
    case .nextPane: detail(state, in: Frame(state).view).map { !$0.showsAll } ?? false
    case .nextQuantity, .open, .sortRight: !state.listModel(of: self).rows.isEmpty
    default: true
    }
  }

  /// Shows the curves that name the layer.
  func open(_ row: ListRow, _ state: inout DashboardState) -> [Effect] {
    let quote = "\""
    guard !row.id.contains(quote) else { return [] }
    state.view = CurvesView().name
    state.setFilter(quote + row.id + quote)
    return []
  }
}

extension Action {
  static let nextQuantity = Action("next-quantity")
  static let nextPane = Action("next-pane")
}
