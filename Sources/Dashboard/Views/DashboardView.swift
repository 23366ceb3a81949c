import TerminalUI

/// A page of the dashboard. It reads the state to draw, and changes only what belongs to it.
protocol DashboardView: Sendable {
  /// The name in commands: `curves`.
  var name: String { get }
  /// The name that people read: `Curves`.
  var title: String { get }
  /// Its own keys, before those that hold everywhere.
  var bindings: [Keymap.Binding] { get }
  /// What a filter can compare, besides words.
  func filterColumns(_ state: DashboardState) -> [String]
  func draw(_ state: DashboardState, into buffer: inout Buffer, area: Rect)
  func perform(_ action: Action, _ state: inout DashboardState) -> [Effect]
  /// What a mouse did in its area.
  func click(_ event: MouseEvent, area: Rect, _ state: inout DashboardState) -> [Effect]
  /// What does not fit on the screen, for the footer; nil when all does.
  func hidden(_ state: DashboardState, area: Rect) -> String?
  /// Whether an action makes sense now; what does not is faint in the help and not in the footer.
  func isUseful(_ action: Action, _ state: DashboardState) -> Bool
  /// Why an action of its own cannot be taken now; nil when it can, and for every other action.
  func obstacle(to action: Action, _ state: DashboardState) -> String?
}

extension DashboardView {
  var bindings: [Keymap.Binding] { [] }
  func filterColumns(_ state: DashboardState) -> [String] { [] }
  func click(_ event: MouseEvent, area: Rect, _ state: inout DashboardState) -> [Effect] { [] }
  func hidden(_ state: DashboardState, area: Rect) -> String? { nil }
  func isUseful(_ action: Action, _ state: DashboardState) -> Bool { true }
  func obstacle(to action: Action, _ state: DashboardState) -> String? { nil }
}

/// All views, in the order of their keys.
enum Views {
  static let all: [any DashboardView] = [
    CurvesView(),
    LayersView(),
    CandidatesView(),
    RunsView(),
    EventsView(),
    SystemView(),
  ]

  /// The view of a name; the first for any other.
  static func named(_ name: String) -> any DashboardView {
    all.first { $0.name == name } ?? all[0]
  }
}
