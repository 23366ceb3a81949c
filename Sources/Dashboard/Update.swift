import LogFormats
import RunLog
import RunModel
import TerminalUI

/// Changes the state for a message and says what has to be done in the world. The only place where
/// the state changes; reads no clock, file or terminal.
public func update(
  _ state: inout DashboardState, _ message: Message, at now: Double, keymap: Keymap = Keymap()
) -> [Effect] {
  state.now = max(state.now, now)
  defer { state.toasts.removeAll { $0.until.map { $0 <= state.now } ?? false } }
  switch message {
  case .input(.key(let key)):
    if state.dialog != nil { return DialogUpdate.handle(key, &state, keymap) }
    guard let action = keymap.action(for: key) else { return [] }
    return perform(action, &state)
  case .input(.mouse), .input(.resized), .tick: break
  case .resized(let size): state.size = size
  case .runsFound(let runs, let preferred): add(runs, preferred: preferred, to: &state)
  case .runGone(let path):
    state.runs.removeAll { $0.run.path == path }
    if state.selectedPath == path {
      select(state.runs.last?.run.path, &state)
      state.tell("\(SafeText.cleaned(path)) is gone", .statusBad)
    }
    tellAnswers(&state)
  case .log(let path, let batch):
    apply(batch, to: path, &state)
    tellAnswers(&state)
  case .sent(let command):
    state.pending.append(command)
    state.toasts.removeAll { $0.commandID == command.id }
    state.toasts.append(
      .init(
        text: "asked: \(command.request.summary)", role: .statusWarning, until: nil,
        commandID: command.id))
    tellAnswers(&state)
  case .notSent(let problem):
    DialogUpdate.noteNotSent(&state)
    state.tell(SafeText.cleaned(problem), .statusBad)
  case .notStarted(let problem): state.tell(SafeText.cleaned(problem), .statusBad)
  case .started(let path):
    select(path, &state)
    state.tell("started \(SafeText.cleaned(path))", .statusGood)
  }
  return []
}

private func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
  if Keymap.steeringActions.contains(action) {
    if let obstacle = state.steeringObstacle {
      state.tell("not now: \(obstacle)", .statusBad)
      return []
    }
    return steer(action, &state)
  }
  switch action {
  case .quit: return [.quit]
  case .suspend: return [.suspend]
  case .redraw: return [.redraw]
  case .help: state.dialog = .help(firstLine: 0)
  case .showCurves: state.view = .curves
  case .previousRun: selectRun(by: -1, &state)
  case .nextRun: selectRun(by: 1, &state)
  case .open where state.runs.isEmpty: return [.startDefaultRun]
  default: CurvesView.perform(action, &state)
  }
  return []
}

private func steer(_ action: Action, _ state: inout DashboardState) -> [Effect] {
  guard let run = state.selected?.run else { return [] }
  switch action {
  case .pauseOrResume:
    let isAsked = state.pending.contains {
      $0.runPath == run.path && ($0.request == .pause || $0.request == .resume)
    }
    return isAsked ? [] : send(run.state == .paused ? .resume : .pause, state)
  case .learningRate:
    let old = run.learningRate
    let text = old.map { NumberText.significant($0, digits: 6) } ?? ""
    state.dialog = .learningRate(field: TextField(text, isProposal: true), old: old, problem: nil)
  case .prune:
    state.dialog = .prune(
      PruneDialog(field: TextField("0.8", isProposal: true), problem: nil, stage: .typing))
  case .undo:
    // What the experiment itself did can be undone, too; the engine knows of it.
    let what = run.undoable ?? "the last prune or learning-rate change"
    state.dialog = .confirmation(title: "Undo", lines: ["Undo \(what)?"], request: .undo)
  case .checkpoint:
    state.dialog = .confirmation(
      title: "Checkpoint", lines: ["Write a checkpoint of the present state?"],
      request: .checkpoint)
  case .stop:
    state.dialog = .confirmation(
      title: "Stop",
      lines: [
        "Stop the training? A checkpoint is written first;", "nntop resume continues from there.",
      ], request: .stop)
  default: break
  }
  return []
}

/// The effect that sends a command to the shown run.
func send(_ request: ControlCommand.Request, _ state: DashboardState) -> [Effect] {
  guard let path = state.selectedPath else { return [] }
  return [.send(id: ControlCommand.makeID(), request: request, runPath: path)]
}

/// Shows a run; what belongs to the one before, a dialog above all, goes with it.
private func select(_ path: String?, _ state: inout DashboardState) {
  state.selectedPath = path
  state.curves.cursorStep = nil
  state.dialog = nil
}

private func selectRun(by offset: Int, _ state: inout DashboardState) {
  guard let index = state.selectedIndex else { return select(state.runs.last?.run.path, &state) }
  let next = min(max(0, index + offset), state.runs.count - 1)
  guard next != index else {
    state.tell(offset < 0 ? "this is the first run" : "this is the last run", .statusWarning)
    return
  }
  select(state.runs[next].run.path, &state)
}

private func add(
  _ runs: [(found: RunFinder.Found, access: DashboardState.Access)], preferred: String?,
  to state: inout DashboardState
) {
  for (found, access) in runs where !state.runs.contains(where: { $0.run.path == found.path }) {
    state.runs.append(
      .init(run: Run(path: found.path, name: found.name), access: access))
  }
  state.runs.sort { $0.run.path < $1.run.path }
  if state.selectedIndex == nil {
    let known = state.runs.first { $0.run.path == preferred } ?? state.runs.last
    state.selectedPath = known?.run.path
  }
}

private func apply(_ batch: LogBatch, to path: String, _ state: inout DashboardState) {
  guard let index = state.runs.firstIndex(where: { $0.run.path == path }) else { return }
  if batch.isRestart {
    state.runs[index].run = Run(path: path, name: state.runs[index].run.name)
  }
  for event in batch.events { state.runs[index].run.apply(event) }
}

/// Turns answers that have come into toasts, and a preview into the next page of its dialog.
private func tellAnswers(_ state: inout DashboardState) {
  var stillPending: [DashboardState.PendingCommand] = []
  for pending in state.pending {
    guard let run = state.runs.first(where: { $0.run.path == pending.runPath })?.run else {
      state.toasts.removeAll { $0.commandID == pending.id }
      continue
    }
    guard let command = run.command(pending.id), let answer = command.answer else {
      stillPending.append(pending)
      continue
    }
    state.toasts.removeAll { $0.commandID == pending.id }
    if DialogUpdate.take(answer, &state) { continue }
    let place = command.answeredStep.map { " at step \(NumberText.grouped(Int($0)))" } ?? ""
    if answer.status == .refused {
      state.tell("refused: \(SafeText.cleaned(answer.reason ?? "no reason given"))", .statusBad)
    } else {
      state.tell(AnswerText.sentence(pending.request, answer) + place, .statusGood)
    }
  }
  state.pending = stillPending
}

extension DashboardState {
  /// Shows a line for some seconds; at most three stand at a time, besides what is asked.
  mutating func tell(_ text: String, _ role: Role) {
    let seconds = role == .statusBad ? 8.0 : 5.0
    let newsMax = 3
    toasts.removeAll { $0.text == text && $0.until != nil }
    toasts.append(Toast(text: text, role: role, until: now + seconds, commandID: nil))
    let news = toasts.indices.filter { toasts[$0].until != nil }
    if news.count > newsMax { toasts.remove(at: news[0]) }
  }
}
