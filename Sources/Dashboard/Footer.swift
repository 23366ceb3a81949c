import RunLog
import TerminalUI

/// The line at the bottom: the keys that matter, and what is not on the screen.
enum Footer {
  static func draw(
    _ state: DashboardState, _ keymap: Keymap, into buffer: inout Buffer, area: Rect
  ) {
    guard !area.isEmpty else { return }
    let hidden = CurvesView.hidden(state, area: Frame(state).view)
    let right = hidden.map { " " + $0 } ?? ""
    buffer.write(
      right, row: area.row, column: area.endColumn - right.count, style: .dim)
    var column = area.column
    let end = area.endColumn - right.count
    let obstacle = state.steeringObstacle
    // What opens the help and the way out stand even where little else fits.
    let bindings = keymap.footerBindings.filter { isUseful($0.action, state, hidden) }
    let last = bindings.suffix(2)
    let reserved = last.reduce(0) { $0 + width($1, state) }
    // The most important come first, so what stands behind one that does not fit goes, too.
    var isFull = false
    for binding in bindings {
      let isLast = last.contains { $0.action == binding.action }
      let room = isLast ? end : end - reserved
      isFull = isFull || column + width(binding, state) - 1 > room
      guard !isFull || isLast else { continue }
      let isOff = obstacle != nil && Keymap.steeringActions.contains(binding.action)
      let label = (binding.keys.first?.label(glyphs: state.glyphs) ?? "") + " "
      column += buffer.write(
        label, row: area.row, column: column, style: isOff ? .dim : Style(.hotKey, .bold))
      column += buffer.write(
        (binding.footer ?? "") + "  ", row: area.row, column: column, style: isOff ? .dim : .text)
    }
  }

  /// Whether a key makes sense on this screen.
  private static func isUseful(
    _ action: Action, _ state: DashboardState, _ hidden: String?
  ) -> Bool {
    switch action {
    case .help, .quit: return true
    case .nextRun: return state.runs.count > 1
    case .pageDown: return hidden != nil
    case _ where Keymap.steeringActions.contains(action):
      return state.selected?.run.manifest?.declares.isEmpty == false
    default: return !state.runs.isEmpty
    }
  }

  private static func width(_ binding: Keymap.Binding, _ state: DashboardState) -> Int {
    let label = binding.keys.first?.label(glyphs: state.glyphs) ?? ""
    return SafeText.displayWidth(of: label) + 1 + (binding.footer?.count ?? 0) + 2
  }
}
