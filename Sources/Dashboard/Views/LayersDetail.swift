import RunModel
import TerminalUI

/// The details of a layer: density, history and histogram, all of them or one by one.
struct LayersDetail {
  let facts: LayersFacts
  let history: LayersHistory
  /// Those that the log feeds, with their places; those without a place have no room.
  let places: [(pane: LayersPane, rect: Rect)]
  let panes: [LayersPane]
  let state: DashboardState

  private static let rowsMin: [LayersPane: Int] = [
    .density: 6, .history: 6, .histogram: 5, .prunes: 4,
  ]
  private static let columnsMin = 30
  /// Heading, legend and the line of the cursor.
  private static let historyExtraRows = 3
  /// Taller bars tell little more.
  private static let histogramExtraRows = 5

  /// - Parameter hasPrunes: whether the table of prunes is among the details.
  init(_ facts: LayersFacts, _ state: DashboardState, area: Rect, hasPrunes: Bool) {
    self.facts = facts
    self.state = state
    history = LayersHistory(facts, state.layers.quantity)
    var panes: [LayersPane] = []
    if facts.layers.contains(where: { $0.density != nil }) { panes.append(.density) }
    if !history.layers.isEmpty { panes.append(.history) }
    if facts.layers.contains(where: { $0.histogram != nil }) { panes.append(.histogram) }
    if hasPrunes { panes.append(.prunes) }
    self.panes = panes
    let needed = panes.reduce(0) { $0 + (Self.rowsMin[$1] ?? 1) }
    if area.rows >= needed {
      places = Self.stacked(
        panes, area, layers: history.layers.count, stages: facts.run.stageCount)
    } else if area.columns >= Self.columnsMin * panes.count, panes.count > 1 {
      places = Array(zip(panes, area.stripes(panes.count, gap: 2)))
    } else {
      let chosen = panes.contains(state.layers.pane) ? state.layers.pane : panes.first
      places = chosen.map { [($0, area)] } ?? []
    }
  }

  var showsAll: Bool { places.count == panes.count }

  /// Whole rows for the history's layers, the rest shared by what is larger than any room.
  private static func stacked(
    _ panes: [LayersPane], _ area: Rect, layers: Int, stages: Int
  ) -> [(pane: LayersPane, rect: Rect)] {
    var spare = area.rows - panes.reduce(0) { $0 + (rowsMin[$1] ?? 1) }
    var rows = rowsMin
    if panes.contains(.history) {
      let isAlone = panes.count == 1
      let wanted = max(0, layers + historyExtraRows - (rowsMin[.history] ?? 0))
      let taken = isAlone ? spare : min(wanted, spare / 2)
      rows[.history, default: 0] += taken
      spare -= taken
    }
    if panes.contains(.prunes) {
      let headingRows = 2
      let wanted = max(0, stages + headingRows - (rowsMin[.prunes] ?? 0))
      let taken = min(wanted, panes.contains(.density) ? spare / 2 : spare)
      rows[.prunes, default: 0] += taken
      spare -= taken
    }
    if panes.contains(.histogram) {
      let taken = panes.contains(.density) ? min(histogramExtraRows, spare / 3) : spare
      rows[.histogram, default: 0] += taken
      spare -= taken
    }
    rows[panes.contains(.density) ? .density : panes.first ?? .density, default: 0] += spare
    var rest = area
    return panes.map { pane in
      let (top, below) = rest.split(top: rows[pane] ?? 0)
      rest = below
      return (pane, top)
    }
  }

  /// The part of a pane's place that its heatmap or its bars have.
  private func body(of pane: LayersPane, _ rect: Rect) -> (
    head: Rect, body: Rect, foot: Rect
  ) {
    let (head, rest) = rect.split(top: 1)
    let hasFoot = pane == .history || (pane == .density && isFocused)
    let (foot, body) = rest.split(bottom: hasFoot && rest.rows >= 2 ? 1 : 0)
    return (head, body, foot)
  }

  /// Whether keys go to the details.
  var isFocused: Bool { state.list(LayersView().name).isDetailFocused }

  /// The number of columns of the history; nil while it is not shown.
  var historyColumns: Int? {
    guard let place = places.first(where: { $0.pane == .history }) else { return nil }
    return history.columns(in: body(of: .history, place.rect).body)
  }

  // MARK: Drawing

  func draw(_ layer: LayersFacts.Layer?, into buffer: inout Buffer) {
    for (pane, rect) in places {
      let (head, body, foot) = body(of: pane, rect)
      var heading = self.heading(pane, layer)
      if !showsAll {
        let next = panes[((panes.firstIndex(of: pane) ?? 0) + 1) % panes.count]
        heading += "   v: \(next.rawValue)"
      }
      heading = SafeText.truncated(heading, columns: head.columns, glyphs: state.glyphs)
      buffer.write(heading, row: head.row, column: head.column, style: .title)
      switch pane {
      case .density: drawDensity(layer, into: &buffer, body, foot)
      case .history: drawHistory(layer, into: &buffer, body, foot)
      case .histogram: drawHistogram(layer, into: &buffer, body)
      case .prunes: LayersPrunes(facts.run.stages, state.glyphs).draw(into: &buffer, rect: body)
      }
    }
  }

  private func heading(_ pane: LayersPane, _ layer: LayersFacts.Layer?) -> String {
    func at(_ step: Int64?) -> String {
      step.map { " at step \(NumberText.grouped(Int(clamping: $0)))" } ?? ""
    }
    switch pane {
    case .density:
      return densityHeading(layer)
        ?? "share of weights that are not 0"
        + at(layer?.density.flatMap { facts.run.grids[$0]?.step })
    case .history:
      let others = facts.quantities.count > 1 ? "   e: next" : ""
      return "\(history.quantity.rawValue), layers by steps" + others
    case .histogram:
      return "weights, heights as square roots"
        + at(layer?.histogram.flatMap { facts.run.histograms[$0]?.step })
    case .prunes: return LayersPrunes.heading
    }
  }

  private func drawHistory(
    _ layer: LayersFacts.Layer?, into buffer: inout Buffer, _ rect: Rect, _ foot: Rect
  ) {
    let step = state.layers.cursorStep
    history.heatmap(
      in: rect, chosen: layer?.name, cursorStep: step, hasColors: !state.isMonochrome,
      glyphs: state.glyphs
    ).draw(into: &buffer, rect: rect, glyphs: state.glyphs)
    let text = history.cursorText(
      chosen: layer?.name, cursorStep: step, columns: history.columns(in: rect))
    buffer.write(
      SafeText.truncated(text, columns: foot.columns, glyphs: state.glyphs), row: foot.row,
      column: foot.column, style: Style(.mark))
  }

  private func drawHistogram(_ layer: LayersFacts.Layer?, into buffer: inout Buffer, _ rect: Rect) {
    guard let histogram = layer?.histogram.flatMap({ facts.run.histograms[$0]?.histogram }) else {
      return say("this layer has no histogram of weights", into: &buffer, rect)
    }
    LayersHistogram(histogram: histogram).draw(into: &buffer, rect: rect, glyphs: state.glyphs)
  }

  func say(_ text: String, into buffer: inout Buffer, _ rect: Rect) {
    buffer.write(text, row: rect.row, column: rect.column, style: .dim, maxColumns: rect.columns)
  }
}
