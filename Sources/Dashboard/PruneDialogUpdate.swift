import RunLog
import RunModel
import TerminalUI

/// What keys do in the dialogs about pruning.
extension DialogUpdate {
  /// The dialog for a prune, or for the pruning that goes on.
  static func openPrune(_ state: inout DashboardState) {
    guard let run = state.selected?.run else { return }
    state.dialog = run.pruning == nil ? .prune(PruneDialog(run, state)) : .pruning
  }

  /// Finishes the pruning that goes on, if it still does.
  static func handlePruning(_ key: Key, _ state: inout DashboardState) -> [Effect] {
    switch key {
    case .enter:
      state.dialog = nil
      guard state.selected?.run.pruning != nil, !obstructed(to: .finishPruning, &state) else {
        return []
      }
      return Update.send(.finishPruning, state)
    case .character("q"), .character("n"): state.dialog = nil
    default: break
    }
    return []
  }

  static func handlePrune(
    _ key: Key, _ dialog: PruneDialog, _ state: inout DashboardState
  ) -> [Effect] {
    var dialog = dialog
    defer { if case .prune = state.dialog { state.dialog = .prune(dialog) } }
    switch dialog.stage {
    case .typing:
      if key == .enter { return askForPreview(&dialog, &state) }
      dialog.problem = nil
      dialog.handle(key)
      return []
    case .asking: return []
    case .previewed(let answer, var request, let firstLine):
      func scroll(to line: Int) {
        dialog.stage = .previewed(
          answer, request: request,
          firstLine: min(max(0, line), max(0, answer.layers.count - 1)))
      }
      let page = max(1, state.size.rows - 8)
      switch key {
      case .enter:
        state.dialog = nil
        request.isPreview = false
        return obstructed(to: .prune, &state) ? [] : Update.send(.prune(request), state)
      case .down, .character("j"): scroll(to: firstLine + 1)
      case .up, .character("k"): scroll(to: firstLine - 1)
      case .pageDown: scroll(to: firstLine + page)
      case .pageUp: scroll(to: firstLine - page)
      case .home, .character("g"): scroll(to: 0)
      case .end, .character("G"): scroll(to: answer.layers.count)
      case .backspace: dialog.stage = .typing
      case .character("q"), .character("n"): state.dialog = nil
      default: break
      }
      return []
    }
  }

  private static func askForPreview(
    _ dialog: inout PruneDialog, _ state: inout DashboardState
  ) -> [Effect] {
    guard let request = dialog.request else {
      dialog.problem = "type a sparsity between 0 and 1, or a percentage, such as 80%"
      return []
    }
    if obstructed(to: .prune, &state) {
      state.dialog = nil
      return []
    }
    guard let path = state.selectedPath else { return [] }
    dialog.choose(request.method)
    state.pruningMethod = request.method
    let id = ControlCommand.makeID()
    dialog.stage = .asking(id: id, request: request)
    return [.send(id: id, request: .prune(request), runPath: path)]
  }
}

extension PruneDialog {
  /// What a key does while something is chosen or typed.
  mutating func handle(_ key: Key) {
    if case .character = key {} else { typedName = "" }
    switch (focus, key) {
    case (_, .tab): moveFocus(1)
    case (_, .backTab): moveFocus(-1)
    case (.method, .up), (.method, .left): methodIndex = max(0, methodIndex - 1)
    case (.method, .down) where methodIndex == methods.count - 1: focus = .target
    case (.method, .down), (.method, .right):
      methodIndex = min(methods.count - 1, methodIndex + 1)
    case (.method, .home): methodIndex = 0
    case (.method, .end): methodIndex = methods.count - 1
    case (.method, .character(let letter)) where letter.isLetter:
      choose(typing: Character(letter.lowercased()))
    case (.target, .up): focus = .method
    case (.target, .down): focus = .scope
    case (.scope, .up): focus = .target
    case (.scope, .left): scopeIndex = max(0, scopeIndex - 1)
    case (.scope, .right): scopeIndex = min(scopes.count - 1, scopeIndex + 1)
    case (.scope, .character(" ")): scopeIndex = (scopeIndex + 1) % scopes.count
    case (.method, .character), (.scope, .character):
      focus = .target
      _ = field.handle(key)
    case (.target, _): _ = field.handle(key)
    default: break
    }
  }

  private mutating func moveFocus(_ offset: Int) {
    let all = Focus.allCases
    let index = (all.firstIndex(of: focus) ?? 0) + offset + all.count
    focus = all[index % all.count]
  }

  private mutating func choose(typing letter: Character) {
    // What was typed so far goes on, or begins again with this letter.
    for text in [typedName + String(letter), String(letter)] {
      guard let index = methods.firstIndex(where: { $0.name.lowercased().hasPrefix(text) }) else {
        continue
      }
      (methodIndex, typedName) = (index, text)
      return
    }
  }
}
