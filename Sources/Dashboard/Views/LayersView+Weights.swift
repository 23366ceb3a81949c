import LogFormats
import TerminalUI

/// The cursor in the picture of a layer's weights.
extension LayersView {
  private static let farColumns = 10

  /// What an action does there; false: nothing, keys go elsewhere.
  func performInWeights(_ action: Action, _ state: inout DashboardState) -> Bool {
    let isZoom = [.zoomIn, .zoomOut, .fit].contains(action)
    guard isZoom || state.list(name).isDetailFocused,
      let detail = detail(state, in: Frame(state).view),
      detail.places.contains(where: { $0.pane == .density }),
      let layer = chosen(state, detail.facts),
      let matrix = detail.matrix(of: layer), let picture = detail.density(of: layer)
    else { return isZoom }
    var lens =
      detail.lens(on: layer)
      ?? LayersLens(
        run: detail.facts.run.path, layer: layer.name, rowCount: matrix.rows,
        columnCount: matrix.columns)
    func move(down: Int = 0, right: Int = 0) {
      let place = picture.place(fromRow: lens.row, column: lens.column, down: down, right: right)
      lens.move(toRow: place.row, column: place.column)
    }
    switch action {
    case .up: move(down: -1)
    case .down: move(down: 1)
    case .left: move(right: -1)
    case .right: move(right: 1)
    case .farLeft: for _ in 0..<Self.farColumns { move(right: -1) }
    case .farRight: for _ in 0..<Self.farColumns { move(right: 1) }
    case .pageUp: move(down: -picture.gridRows)
    case .pageDown: move(down: picture.gridRows)
    case .zoomIn: lens.zoom(isIn: true)
    case .zoomOut: lens.zoom(isIn: false)
    case .fit: lens.fit()
    default: return false
    }
    state.lists[name, default: ListState()].isDetailFocused = true
    state.layers.lens = lens
    return true
  }

  private func chosen(_ state: DashboardState, _ facts: LayersFacts) -> LayersFacts.Layer? {
    Self.chosenLayer(state).flatMap { facts.layer($0) }
  }

  /// Takes up what was read, and how large the matrix is.
  static func take(_ region: WeightRegion, _ state: inout DashboardState) {
    state.layers.region = region
    guard let lens = state.layers.lens, lens.layer == state.layers.asked?.layer else { return }
    state.layers.extents = LayersExtents(
      run: lens.run, layer: lens.layer, rows: region.rowCount, columns: region.columnCount)
    if lens.rowCount != region.rowCount || lens.columnCount != region.columnCount {
      state.layers.lens = lens.scaled(rowCount: region.rowCount, columnCount: region.columnCount)
    }
  }

  /// What has to be read for the part of the weights that is shown now.
  func regionEffects(_ state: inout DashboardState) -> [Effect] {
    guard state.layers.lens != nil, let detail = detail(state, in: Frame(state).view),
      let layer = chosen(state, detail.facts), let wanted = detail.wantedRegion(layer),
      wanted != state.layers.asked
    else { return [] }
    state.layers.asked = wanted
    return [.readRegion(wanted)]
  }
}
