import LogFormats
import RunLog
import TerminalUI

@testable import Dashboard

/// A dashboard without terminal, files and clock: messages go in, effects and screens come out.
struct Desk {
  var state: DashboardState
  var now = 100.0
  var keymap = Keymap()
  private(set) var effects: [Effect] = []

  static let path = "runs/digits"

  init(rows: Int = 24, columns: Int = 80, glyphs: GlyphSet = .braille) {
    state = DashboardState(
      size: Size(rows: rows, columns: columns), glyphs: glyphs, places: ["runs"])
  }

  /// A dashboard that shows one living run which may be steered.
  static func steering(_ phase: JournalRecord.Phase.Name = .training) -> Desk {
    var desk = Desk()
    desk.find(path)
    desk.log([
      .manifest(Samples.manifest), .liveness(.alive), Samples.phase(phase),
      Samples.scalar("optimizer/learning_rate", 1, 0.1),
    ])
    return desk
  }

  @discardableResult
  mutating func send(_ message: Message) -> [Effect] {
    let new = update(&state, message, at: now, keymap: keymap)
    effects += new
    return new
  }

  @discardableResult
  mutating func press(_ keys: Key...) -> [Effect] {
    keys.flatMap { send(.input(.key($0))) }
  }

  @discardableResult
  mutating func type(_ text: String) -> [Effect] {
    text.flatMap { send(.input(.key(.character($0)))) }
  }

  /// A run whose log nobody reads here.
  static func found(_ path: String, name: String) -> RunFinder.Found {
    RunFinder.Found(path: path, name: name) { UnreadLog() }
  }

  private struct UnreadLog: LogReader {
    mutating func read() -> LogBatch { LogBatch() }
  }

  mutating func find(
    _ path: String, access: DashboardState.Access = .steerable, name: String = "digits"
  ) {
    send(.runsFound([(found: Self.found(path, name: name), access: access)]))
  }

  mutating func log(_ events: [RunEvent], path: String = Desk.path, isRestart: Bool = false) {
    var batch = LogBatch()
    batch.events = events
    batch.isRestart = isRestart
    send(.log(path: path, batch))
  }

  /// Does what the loop does with commands: they reach the control file.
  @discardableResult
  mutating func deliver(_ effects: [Effect]) -> [String] {
    effects.compactMap { effect in
      guard case .send(let id, let request, let path) = effect else { return nil }
      send(.sent(.init(id: id, runPath: path, request: request)))
      return id
    }
  }

  /// The text of the toasts, oldest first.
  var told: [String] { state.toasts.map(\.text) }

  var screen: [String] { render(state, keymap: keymap).textLines() }
}

extension Effect {
  /// The request of a command and where it goes, without its random id.
  var sent: (request: ControlCommand.Request, path: String)? {
    if case .send(_, let request, let path) = self { (request, path) } else { nil }
  }
}

extension [Effect] {
  /// The only command among them.
  var request: ControlCommand.Request? { count == 1 ? first?.sent?.request : nil }
}
