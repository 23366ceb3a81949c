import LogFormats
import OperatingSystem
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
  case .input(let input): return Update.take(input, &state, keymap)
  case .tick: break
  case .clock(let wallSeconds): state.wallNow = wallSeconds
  case .frame:
    Update.keepToMemoryBudget(&state)
    state.refreshView()
  case .resized(let size): state.size = size
  case .machine(let reading): state.machine = reading
  case .runsFound(let runs, let preferred): Update.add(runs, preferred: preferred, to: &state)
  case .runGone(let path):
    state.runs.removeAll { $0.run.path == path }
    state.marked.remove(path)
    if state.selectedPath == path {
      Update.select(state.runs.last?.run.path, &state)
      state.tell("\(SafeText.cleaned(path)) is gone", .statusBad)
    }
    Update.tellAnswers(&state)
  case .log(let path, let batch):
    Update.apply(batch, to: path, &state)
    Update.tellAnswers(&state)
  case .sent(let command):
    state.isFrozen = false
    state.pending.append(command)
    state.toasts.removeAll { $0.commandID == command.id }
    state.toasts.append(
      .init(
        text: "asked: \(command.request.summary)", role: .statusWarning, until: nil,
        commandID: command.id))
    Update.tellAnswers(&state)
  case .notSent(let problem):
    DialogUpdate.noteNotSent(&state)
    state.tell(SafeText.cleaned(problem), .statusBad)
  case .misconfigured(let problem): state.tell(SafeText.cleaned(problem), .statusWarning)
  case .followed(let path, let purpose): Update.follow(path, purpose, &state)
  case .notFollowed(let problem): state.tell(SafeText.cleaned(problem), .statusWarning)
  case .notStarted(let problem), .notWritten(let problem):
    state.tell(SafeText.cleaned(problem), .statusBad)
  case .written(let path): state.tell("written: \(SafeText.cleaned(path))", .statusGood)
  case .started(let path):
    Update.select(path, &state)
    if state.view == CandidatesView().name { state.view = CurvesView().name }
    state.tell("opened \(SafeText.cleaned(path))", .statusGood)
  case .region(let request, let region):
    guard state.layers.asked == request else { break }
    LayersView.take(region, &state)
    return LayersView().regionEffects(&state)
  case .noRegion(let request, let problem):
    guard state.layers.asked == request else { break }
    state.layers.region = nil
    state.tell("not read: \(SafeText.cleaned(problem))", .statusWarning)
  case .remembered(let view): Update.restore(view, &state)
  }
  return []
}

/// The parts of `update`.
enum Update {
  static func take(
    _ input: TerminalInput, _ state: inout DashboardState, _ keymap: Keymap
  ) -> [Effect] {
    switch input {
    case .key(let key):
      state.refreshView()
      if key == .control("c") { return [.quit] }
      if state.dialog != nil { return DialogUpdate.handle(key, &state, keymap) }
      if state.prompt != nil { return PromptUpdate.handle(key, &state) }
      if state.runs.isEmpty, let choice = StartScreen.choice(for: key, state) {
        return [.start(choice.start)]
      }
      guard let action = keymap.action(for: key, in: state.view) else { return [] }
      return perform(action, &state)
    case .paste(let text):
      // Pasted text is typed where something is typed, and is no command anywhere else.
      state.refreshView()
      if state.dialog != nil {
        DialogUpdate.paste(text, &state)
      } else {
        PromptUpdate.paste(text, &state)
      }
      return []
    case .mouse(let event):
      state.refreshView()
      return MouseUpdate.handle(event, &state, keymap)
    case .resized: return []
    }
  }

  /// Does what a key, a click or a word in the palette asks for.
  static func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    if let obstacle = state.obstacle(to: action) {
      state.tell("not now: \(obstacle)", .statusBad)
      return []
    }
    if Action.steering.contains(action) { return steer(action, &state) }
    if let view = Views.all.first(where: { .view($0.name) == action }) {
      state.view = view.name
      return []
    }
    switch action {
    case .quit: return [.quit]
    case .suspend: return [.suspend]
    case .redraw: return [.redraw]
    case .help: state.dialog = .help(firstLine: 0)
    case .palette: state.prompt = Prompt(.palette)
    case .filter:
      state.prompt = Prompt(.filter(before: state.filterText), proposal: state.filterText)
    case .previousRun: selectRun(by: -1, &state)
    case .nextRun: selectRun(by: 1, &state)
    case .freeze:
      state.isFrozen.toggle()
      state.tell(
        state.isFrozen
          ? "the display stands still; the same key lets it go on" : "the display goes on",
        .statusWarning)
    case .mouse:
      state.hasMouse.toggle()
      state.tell(
        state.hasMouse ? "mouse on; Shift selects text in most terminals" : "mouse off", .mark)
      return [.setMouse(state.hasMouse)]
    case .nextTheme: return nextTheme(&state)
    default: return Views.named(state.view).perform(action, &state)
    }
    return []
  }

  private static func nextTheme(_ state: inout DashboardState) -> [Effect] {
    guard !state.themes.isEmpty, state.hasColors else {
      state.tell("this terminal has no colours to choose", .statusWarning)
      return []
    }
    let next = (state.themes.firstIndex(of: state.theme) ?? -1) + 1
    state.show(theme: state.themes[next % state.themes.count])
    state.tell("theme \(SafeText.cleaned(state.theme))", .mark)
    return [.setTheme(state.theme)]
  }

  private static func steer(_ action: Action, _ state: inout DashboardState) -> [Effect] {
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
    case .prune: DialogUpdate.openPrune(&state)
    case .undo:
      state.dialog = .confirmation(
        title: "Undo", lines: DialogUpdate.undoLines(run), request: .undo)
    case .setValue: DialogUpdate.openSet(&state)
    case .branch:
      state.dialog = .branch(field: TextField("x0.5", isProposal: true), problem: nil)
    case .checkpoint:
      state.dialog = .confirmation(
        title: "Checkpoint", lines: ["Write a checkpoint of the present state?"],
        request: .checkpoint)
    case .stop:
      state.dialog = .confirmation(
        title: "Stop", lines: DialogUpdate.stopLines(run), request: .stop)
    default: break
    }
    return []
  }

  /// The effect that sends a command to the shown run.
  static func send(_ request: ControlCommand.Request, _ state: DashboardState) -> [Effect] {
    guard let path = state.selectedPath else { return [] }
    return [.send(id: ControlCommand.makeID(), request: request, runPath: path)]
  }

  /// Shows a run that has been asked for, or its curves beside others.
  static func follow(
    _ path: String, _ purpose: Effect.FollowPurpose, _ state: inout DashboardState
  ) {
    switch purpose {
    case .open:
      select(path, &state)
      state.view = CurvesView().name
    case .mark: mark(path, &state)
    }
  }

  /// Shows a run; what belongs to the one before, a dialog above all, goes with it.
  static func select(_ path: String?, _ state: inout DashboardState) {
    state.selectedPath = path
    state.dialog = nil
    giveColors(&state)
    CurvesView.takeOver(&state)
  }

  private static func selectRun(by offset: Int, _ state: inout DashboardState) {
    guard let index = state.selectedIndex else { return select(state.runs.last?.run.path, &state) }
    let next = min(max(0, index + offset), state.runs.count - 1)
    guard next != index else {
      state.tell(offset < 0 ? "this is the first run" : "this is the last run", .statusWarning)
      return
    }
    select(state.runs[next].run.path, &state)
  }

  static func add(
    _ runs: [(found: RunFinder.Found, access: DashboardState.Access)], preferred: String?,
    to state: inout DashboardState
  ) {
    var known = Set(state.runs.map(\.run.path))
    for (found, access) in runs where known.insert(found.path).inserted {
      var run = Run(path: found.path, name: found.name)
      run.smoothing = state.curves.smoothing
      state.runs.append(.init(run: run, access: access))
    }
    state.runs.sort { $0.run.path < $1.run.path }
    if state.selectedIndex == nil {
      let known = state.runs.first { $0.run.path == preferred } ?? state.runs.last
      state.selectedPath = known?.run.path
    }
    giveColors(&state)
  }

  static func apply(_ batch: LogBatch, to path: String, _ state: inout DashboardState) {
    guard let index = state.runs.firstIndex(where: { $0.run.path == path }) else { return }
    if batch.isRestart {
      var run = Run(path: path, name: state.runs[index].run.name)
      run.smoothing = state.curves.smoothing
      state.runs[index].run = run
      state.cachedLayers = nil
    }
    for event in batch.events { state.runs[index].run.apply(event) }
    if state.runs[index].isCaughtUp && !batch.events.isEmpty && state.wallNow > 0 {
      state.runs[index].run.heard(at: state.wallNow)
    }
    state.runs[index].reading = batch.hasMore ? batch.progress : nil
    if !batch.hasMore { state.runs[index].isCaughtUp = true }
  }

  /// Thins the largest runs until all points together keep to the budget.
  static func keepToMemoryBudget(_ state: inout DashboardState) {
    var sizes = state.runs.map(\.run.byteCount)
    var total = sizes.reduce(0, +)
    while total > state.settings.memoryBudgetBytes {
      guard let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }), sizes[largest] > 0
      else { return }
      let before = sizes[largest]
      let after = state.runs[largest].run.thin() ? state.runs[largest].run.byteCount : before
      total -= before - after
      // What could not be made smaller will not be by trying again.
      sizes[largest] = after < before ? after : 0
    }
  }

  /// Turns answers that have come into toasts, and a preview into the next page of its dialog.
  static func tellAnswers(_ state: inout DashboardState) {
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
        if case .branch = pending.request, let name = answer.new?.string {
          // Both curves from here on, side by side.
          mark(Path.join(Path.parent(of: pending.runPath), name), &state)
        }
      }
    }
    state.pending = stillPending
  }
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
