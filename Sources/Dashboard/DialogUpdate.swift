import RunLog
import RunModel
import TerminalUI

/// What keys do while a dialog is open.
enum DialogUpdate {
  static func handle(
    _ key: Key, _ state: inout DashboardState, _ keymap: Keymap
  ) -> [Effect] {
    if key == .control("l") { return [.redraw] }
    if key == .control("z") { return [.suspend] }
    guard key != .escape else {
      state.dialog = nil
      return []
    }
    switch state.dialog {
    case .help(let firstLine): scrollHelp(key, firstLine, &state, keymap)
    case .learningRate(let field, let old, _): return typeLearningRate(key, field, old, &state)
    case .prune(let dialog): return handlePrune(key, dialog, &state)
    case .pruning: return handlePruning(key, &state)
    case .branch(let field, _): return typeBranch(key, field, &state)
    case .set(let dialog): return handleSet(key, dialog, &state)
    case .candidate(let dialog): return handleCandidate(key, dialog, &state)
    case .confirmation(_, _, let request):
      switch key {
      case .enter:
        state.dialog = nil
        return obstructed(to: Action(request.name), &state) ? [] : Update.send(request, state)
      case .character("q"), .character("n"): state.dialog = nil
      default: break
      }
    case nil: break
    }
    return []
  }

  /// Puts text into the line of the open dialog, if it has one.
  static func paste(_ text: String, _ state: inout DashboardState) {
    switch state.dialog {
    case .learningRate(var field, let old, _):
      field.insert(text)
      state.dialog = .learningRate(field: field, old: old, problem: nil)
    case .prune(var dialog) where dialog.stage == .typing:
      dialog.focus = .target
      dialog.field.insert(text)
      dialog.problem = nil
      state.dialog = .prune(dialog)
    case .branch(var field, _):
      field.insert(text)
      state.dialog = .branch(field: field, problem: nil)
    case .set(var dialog):
      guard case .typing(var field, _) = dialog.stage else { return }
      field.insert(text)
      dialog.stage = .typing(field: field, problem: nil)
      state.dialog = .set(dialog)
    case .candidate(var dialog):
      dialog.field?.insert(text)
      state.dialog = .candidate(dialog)
    default: break
    }
  }

  /// Takes an answer that an open dialog waits for; true when there was one.
  static func take(_ answer: JournalRecord.Answer, _ state: inout DashboardState) -> Bool {
    guard case .prune(var dialog) = state.dialog,
      case .asking(let id, let request) = dialog.stage, id == answer.id
    else { return answer.status == .previewed }
    if answer.status == .previewed {
      dialog.stage = .previewed(answer, request: request, firstLine: 0)
    } else {
      dialog.stage = .typing
      dialog.problem = "refused: \(SafeText.cleaned(answer.reason ?? ""))"
    }
    state.dialog = .prune(dialog)
    return true
  }

  /// A preview that could not be asked for is typed again.
  static func noteNotSent(_ state: inout DashboardState) {
    guard case .prune(var dialog) = state.dialog, case .asking = dialog.stage else { return }
    dialog.stage = .typing
    state.dialog = .prune(dialog)
  }

  /// What undoing the last change would do, for a run that says what its undo restores.
  static func undoLines(_ run: Run) -> [String] {
    // What the experiment itself did can be undone, too; the engine knows of it.
    let what = SafeText.cleaned(run.undoable ?? "the last change")
    let isForeign = run.manifest?.engine != nil
    return [
      "Undo \(what)?", "",
      isForeign
        ? "The step goes on, and so does the training from there."
        : "The step goes on: what was trained since is trained again, so the run gets longer.",
    ]
  }

  /// What stopping does: only nntop's own engine always leaves a checkpoint to resume from.
  static func stopLines(_ run: Run) -> [String] {
    guard let manifest = run.manifest, let engine = manifest.engine else {
      return [
        "Stop the training? A checkpoint is written first; nntop resume continues from there."
      ]
    }
    let hasCheckpoint = manifest.declares("checkpoint")
    return [
      "Stop the training? \(SafeText.cleaned(engine)) ends its loop after this step"
        + (hasCheckpoint ? ", with a checkpoint." : ".")
    ]
  }

  /// True, with a word about it, when the run cannot be steered so any more.
  static func obstructed(to action: Action, _ state: inout DashboardState) -> Bool {
    guard let obstacle = state.obstacle(to: action) else { return false }
    state.tell("not now: \(obstacle)", .statusBad)
    return true
  }

  private static func scrollHelp(
    _ key: Key, _ firstLine: Int, _ state: inout DashboardState, _ keymap: Keymap
  ) {
    let page = max(1, state.size.rows - 8)
    let lines = HelpText.lines(keymap, state).count
    func scroll(to line: Int) {
      state.dialog = .help(firstLine: min(max(0, line), max(0, lines - page)))
    }
    switch key {
    case .down, .character("j"): scroll(to: firstLine + 1)
    case .up, .character("k"): scroll(to: firstLine - 1)
    case .pageDown, .character(" "): scroll(to: firstLine + page)
    case .pageUp: scroll(to: firstLine - page)
    case .home, .character("g"): scroll(to: 0)
    case .end, .character("G"): scroll(to: lines)
    case .character("q"), .character("?"), .enter, .function(1): state.dialog = nil
    default: break
    }
  }

  // MARK: Learning rate

  private static func typeLearningRate(
    _ key: Key, _ field: TextField, _ old: Double?, _ state: inout DashboardState
  ) -> [Effect] {
    var (field, problem) = (field, String?.none)
    switch key {
    case .enter:
      let value = learningRateValue(field.text, old: old)
      let bounds = state.selected?.run.manifest?.learningRateBounds ?? 0 ... .infinity
      if let value, !bounds.contains(value) {
        problem = "a learning rate is a number \(SetDialog.boundsText(bounds) ?? "")"
        break
      }
      if let change = LearningRateText.change(field.text) {
        state.dialog = nil
        return obstructed(to: .learningRate, &state)
          ? [] : Update.send(.setLearningRate(change), state)
      }
      let kinds = state.selected?.run.manifest?.scheduleKinds ?? []
      if let schedule = ScheduleText.schedule(field.text), let kind = schedule["kind"]?.string,
        kinds.contains(kind)
      {
        state.dialog = nil
        return obstructed(to: .learningRate, &state)
          ? [] : Update.send(.schedule(schedule), state)
      }
      problem =
        kinds.isEmpty
        ? "type a number from 0, such as 0.01, or a factor, such as x0.5"
        : "type 0.01, x0.5, or a schedule: \(kinds.joined(separator: ", ")), "
          + "with settings such as finalFactor=0.1 or epochs=[3,5]"
    case .up, .down:
      let factor = key == .up ? 1.25 : 1 / 1.25
      if let value = learningRateValue(field.text, old: old) {
        field.replace(with: NumberText.significant(value * factor, digits: 4))
      }
    default: _ = field.handle(key)
    }
    state.dialog = .learningRate(field: field, old: old, problem: problem)
    return []
  }

  /// The learning rate that some typed text would give.
  static func learningRateValue(_ text: String, old: Double?) -> Double? {
    switch LearningRateText.change(text) {
    case .value(let value): value
    case .scale(let scale): old.map { $0 * scale }
    case nil: nil
    }
  }

  // MARK: Branch

  private static func typeBranch(
    _ key: Key, _ field: TextField, _ state: inout DashboardState
  ) -> [Effect] {
    var field = field
    guard key == .enter else {
      _ = field.handle(key)
      state.dialog = .branch(field: field, problem: nil)
      return []
    }
    guard let request = BranchText.request(field.text) else {
      state.dialog = .branch(
        field: field,
        problem: "type a learning rate, x0.5, a prune such as 80% or l2 50%, or nothing")
      return []
    }
    state.dialog = nil
    return obstructed(to: .branch, &state) ? [] : Update.send(.branch(request), state)
  }
}
