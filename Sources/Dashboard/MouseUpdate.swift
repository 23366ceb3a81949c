import TerminalUI

/// What a mouse does: tabs, words of the footer, and the view below it.
enum MouseUpdate {
  static func handle(
    _ event: MouseEvent, _ state: inout DashboardState, _ keymap: Keymap
  ) -> [Effect] {
    guard state.hasMouse else { return [] }
    if let dialog = state.dialog { return over(dialog, event, &state, keymap) }
    guard state.prompt == nil else { return [] }
    let frame = Frame(state)
    if event.kind == .press {
      if let view = Tabs.view(at: event, state, area: frame.tabs) {
        state.view = view
        return []
      }
      if let action = Footer.action(at: event, state, keymap, area: frame.footer) {
        return Update.perform(action, &state)
      }
      if state.runs.isEmpty {
        return StartScreen.choice(at: event, state, area: frame.view).map { [.start($0.start)] }
          ?? []
      }
    }
    guard !state.runs.isEmpty else { return [] }
    return Views.named(state.view).click(event, area: frame.view, &state)
  }

  /// A dialog scrolls with the wheel; a click beside it closes it.
  private static func over(
    _ dialog: Dialog, _ event: MouseEvent, _ state: inout DashboardState, _ keymap: Keymap
  ) -> [Effect] {
    switch event.kind {
    case .wheelUp: return DialogUpdate.handle(.up, &state, keymap)
    case .wheelDown: return DialogUpdate.handle(.down, &state, keymap)
    case .press:
      let box = DialogView.frame(of: dialog, state, keymap)
      if !box.contains(row: event.row, column: event.column) { state.dialog = nil }
      return []
    case .release, .drag: return []
    }
  }
}
