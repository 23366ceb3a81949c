import RunModel
import TerminalUI

/// What the dashboard remembers from one session to the next.
extension DashboardState {
  /// What would be worth remembering now.
  public var remembered: RememberedView {
    var result = RememberedView()
    result.view = view
    result.axis = curves.axis.rawValue
    result.smoothing = curves.smoothing
    result.window = curves.window
    result.followsEnd = curves.followsEnd
    result.logarithmic = curves.logarithmic.sorted()
    result.clipsOutliers = curves.clipsOutliers
    (result.gridColumns, result.gridRows) = (curves.gridColumns, curves.gridRows)
    result.marked = marked.sorted()
    result.markedLayers = markedLayers.filter { !$0.value.isEmpty }.mapValues { $0.sorted() }
    result.pruningMethod = pruningMethod
    result.selected = selectedPath
    result.theme = theme == settings.theme ? nil : theme
    result.hasMouse = hasMouse
    for (name, list) in lists {
      if !list.filterText.isEmpty { result.filters[name] = list.filterText }
      if let column = list.sortColumn {
        result.sorts[name] = .init(column: column, isReversed: list.isReversed)
      }
      if let share = list.detailShare { result.dividers[name] = share }
    }
    result.paletteHistory = paletteHistory.reversed()
    return result
  }
}

extension RememberedView {
  /// How the dashboard begins for somebody who has not left it before.
  public init(_ configuration: Configuration) {
    self.init()
    view = configuration.view ?? ""
    axis = configuration.xAxis.rawValue
    smoothing = configuration.smoothing
    clipsOutliers = configuration.clipsOutliers
    hasMouse = configuration.hasMouse
  }
}

extension Update {
  /// Takes up what an earlier session left; what does not exist any more is left out.
  static func restore(_ remembered: RememberedView, _ state: inout DashboardState) {
    let remembered = remembered.clamped
    state.view = Views.named(remembered.view).name
    state.curves.axis = TimeAxis(rawValue: remembered.axis) ?? .step
    state.curves.smoothing = remembered.smoothing
    state.curves.window = remembered.window
    state.curves.followsEnd = remembered.followsEnd
    state.curves.logarithmic = Set(remembered.logarithmic)
    state.curves.clipsOutliers = remembered.clipsOutliers
    (state.curves.gridColumns, state.curves.gridRows) = (
      remembered.gridColumns, remembered.gridRows
    )
    for path in remembered.marked { mark(path, &state) }
    state.markedLayers = remembered.markedLayers.mapValues { Set($0) }
    state.pruningMethod = remembered.pruningMethod
    state.hasMouse = remembered.hasMouse
    if let theme = remembered.theme, state.themes.contains(theme) {
      state.show(theme: theme)
    } else {
      state.show(theme: state.theme)
    }
    for (name, filter) in remembered.filters {
      state.lists[name, default: ListState()].filterText = filter
    }
    for (name, sort) in remembered.sorts {
      state.lists[name, default: ListState()].sortColumn = sort.column
      state.lists[name]?.isReversed = sort.isReversed
    }
    for (name, share) in remembered.dividers {
      state.lists[name, default: ListState()].detailShare = share
    }
    state.paletteHistory = remembered.paletteHistory.reversed()
  }

  /// Shows a run's curves beside those of the chosen one, in a colour that stays its own.
  static func mark(_ path: String, _ state: inout DashboardState) {
    state.marked.insert(path)
    giveColors(&state)
  }

  /// Where runs are shown together, each has a colour that no other has.
  static func giveColors(_ state: inout DashboardState) {
    guard !state.marked.isEmpty else { return }
    if let selected = state.selectedPath { giveColor(to: selected, &state) }
    for path in state.marked.sorted() { giveColor(to: path, &state) }
  }

  private static func giveColor(to path: String, _ state: inout DashboardState) {
    guard state.runColors[path] == nil else { return }
    let taken = Set(state.runColors.values)
    state.runColors[path] = (0...taken.count).first { !taken.contains($0) } ?? 0
  }
}
