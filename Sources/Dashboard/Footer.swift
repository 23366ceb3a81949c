import RunLog
import TerminalUI

/// The line at the bottom: the keys that matter, and what is not on the screen; or the line that is
/// typed.
enum Footer {
  static func draw(
    _ state: DashboardState, _ keymap: Keymap, into buffer: inout Buffer, area: Rect
  ) {
    guard !area.isEmpty else { return }
    if let prompt = state.prompt {
      return PromptView.draw(prompt, state, into: &buffer, area: area)
    }
    let right = note(state, area)
    buffer.write(
      right.text, row: area.row, column: area.endColumn - SafeText.displayWidth(of: right.text),
      style: right.style)
    for place in places(state, keymap, area, note: right.text) {
      let isOff = state.obstacle(to: place.binding.action) != nil
      let key = label(place.binding, state) + " "
      let used = buffer.write(
        key, row: area.row, column: place.column, style: isOff ? .dim : Style(.hotKey, .bold))
      buffer.write(
        place.binding.footer ?? "", row: area.row, column: place.column + used,
        style: isOff ? .dim : .text)
    }
  }

  /// What a click on a word of the footer does.
  static func action(
    at event: MouseEvent, _ state: DashboardState, _ keymap: Keymap, area: Rect
  ) -> Action? {
    guard state.prompt == nil, area.contains(row: event.row, column: event.column) else {
      return nil
    }
    return places(state, keymap, area, note: note(state, area).text).first {
      ($0.column..<$0.column + width($0.binding, state) - gap).contains(event.column)
    }?.binding.action
  }

  private static let gap = 2

  /// What is at the cursor; without one, what does not fit and what was thinned.
  private static func note(
    _ state: DashboardState, _ area: Rect
  ) -> (text: String, style: Style) {
    guard !state.runs.isEmpty else { return ("", .dim) }
    let (share, shareOfCursor) = (0.5, 0.7)
    func cut(_ text: String, to share: Double) -> String {
      let room = Int(Double(area.columns) * share)
      return " " + SafeText.truncated(text, columns: room, glyphs: state.glyphs)
    }
    if let text = cursorText(state) { return (cut(text, to: shareOfCursor), Style(.mark, .bold)) }
    var parts = [Views.named(state.view).hidden(state, area: Frame(state).view)].compactMap { $0 }
    let thinning = state.selected?.run.thinning ?? 1
    if thinning > 1 { parts.append("points thinned \(thinning)×: minima and maxima kept") }
    let text = parts.joined(separator: ", ")
    return (text.isEmpty ? "" : cut(text, to: share), .dim)
  }

  private static func cursorText(_ state: DashboardState) -> String? {
    let hasCharts = state.view == CurvesView().name || state.view == SystemView().name
    return hasCharts ? CurvesView.cursorText(state) : nil
  }

  private static func places(
    _ state: DashboardState, _ keymap: Keymap, _ area: Rect, note: String
  ) -> [(binding: Keymap.Binding, column: Int)] {
    var column = area.column
    let end = area.endColumn - SafeText.displayWidth(of: note)
    let bindings = order(keymap.footerBindings(in: state.view), state)
    // What opens the help and the way out stand even where little else fits.
    let last = bindings.suffix(2)
    let reserved = last.reduce(0) { $0 + width($1, state) }
    var result: [(binding: Keymap.Binding, column: Int)] = []
    // The most important come first, so what stands behind one that does not fit goes, too.
    var isFull = false
    for binding in bindings {
      let isLast = last.contains { $0.action == binding.action }
      let room = isLast ? end : end - reserved
      isFull = isFull || column + width(binding, state) - gap > room
      guard !isFull || isLast else { continue }
      result.append((binding, column))
      column += width(binding, state)
    }
    return result
  }

  /// What can be done now comes before what cannot.
  private static func order(
    _ bindings: [Keymap.Binding], _ state: DashboardState
  ) -> [Keymap.Binding] {
    let useful = bindings.filter { isUseful($0.action, state) }
    let wayOut = useful.suffix(2)
    let rest = useful.dropLast(2).map { (binding: $0, isOff: state.obstacle(to: $0.action) != nil) }
    return rest.filter { !$0.isOff }.map(\.binding) + rest.filter(\.isOff).map(\.binding) + wayOut
  }

  /// Whether a key makes sense on this screen.
  private static func isUseful(_ action: Action, _ state: DashboardState) -> Bool {
    switch action {
    case .help, .quit: return true
    case .nextRun: return state.runs.count > 1
    case .filter: return !state.runs.isEmpty
    case .pageDown:
      return !state.runs.isEmpty
        && Views.named(state.view).hidden(state, area: Frame(state).view) != nil
    case .setValue: return state.selected?.run.manifest?.declares("set") == true
    case _ where Action.steering.contains(action):
      return state.selected?.run.manifest?.declares.isEmpty == false
    default: return !state.runs.isEmpty && Views.named(state.view).isUseful(action, state)
    }
  }

  private static func label(_ binding: Keymap.Binding, _ state: DashboardState) -> String {
    binding.keys.first?.label(glyphs: state.glyphs) ?? ""
  }

  private static func width(_ binding: Keymap.Binding, _ state: DashboardState) -> Int {
    SafeText.displayWidth(of: label(binding, state)) + 1 + (binding.footer?.count ?? 0) + gap
  }
}
