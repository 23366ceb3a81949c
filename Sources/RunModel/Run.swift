import RunLog

/// All that is known of one run: a fold over its events, the same in whatever order its files were
/// read.
public struct Run: Sendable {
  /// Where it lies.
  public let path: String
  public private(set) var name: String
  public private(set) var manifest: RunManifest?
  public private(set) var liveness = Liveness.unknown
  /// What the engine said last that it does.
  public private(set) var phase: JournalRecord.Phase?
  /// Metrics by tag.
  public private(set) var series: [String: TimeSeries] = [:]
  /// The newest grid of each tag.
  public private(set) var grids: [String: (step: Int64, grid: Grid)] = [:]
  public private(set) var hyperparameters: [Hyperparameter] = []
  /// Commands: those that are answered in the order of their answers, then those that wait.
  public private(set) var commands: [Command] = []
  /// What happened, for the time axis, by step.
  public private(set) var marks: [Mark] = []
  /// The newest records of the journal, oldest first.
  public private(set) var journal: [JournalRecord] = []
  public private(set) var troubles: [LogTrouble] = []
  public private(set) var engineOutput: [String] = []
  /// The step at which the run will be complete.
  public private(set) var finalStep: Int64?
  public private(set) var stepsPerEpoch: Int64?
  /// Of all points and records, seconds since 1970.
  public private(set) var lastWallTime = 0.0
  /// When the engine began to train or went on, seconds since 1970.
  private(set) var trainingSince = 0.0
  /// Grows with every event that changes what can be seen.
  public private(set) var revision = 0

  private var layersOfAnswers: [String: [JournalRecord.LayerChange]] = [:]

  private static let journalMax = 5000
  private static let commandsMax = 1000
  private static let marksMax = 2000

  /// A command and what became of it.
  public struct Command: Sendable, Equatable {
    public let id: String
    public var asked: ControlCommand?
    public var answer: JournalRecord.Answer?
    public var answeredStep: Int64?
  }

  /// Something that happened at a step.
  public struct Mark: Sendable, Equatable {
    public enum Kind: Sendable { case command, prune, undo, checkpoint, alert, restart }
    public let step: Int64
    public let kind: Kind
    public let text: String
  }

  public init(path: String, name: String) {
    self.path = path
    self.name = name
  }

  /// The newest step of any metric; 0 when there is none.
  public private(set) var lastStep: Int64 = 0

  public mutating func apply(_ event: RunEvent) {
    revision += 1
    switch event {
    case .manifest(let manifest):
      self.manifest = manifest
      name = manifest.name
      troubles.removeAll { if case .missing("run.json", _) = $0 { true } else { false } }
    case .sessionStarted(let step, let wallTime):
      for tag in series.keys { series[tag]?.supersede(from: step) }
      lastStep = newestStep
      lastWallTime = max(lastWallTime, wallTime)
    case .scalar(let point): add(point)
    case .grid(let tag, let step, _, let grid): grids[tag] = (step, grid)
    case .hyperparameters(let hyperparameters): self.hyperparameters = hyperparameters
    case .journal(let record): apply(record)
    case .asked(let command): noteAsked(command)
    case .liveness(let liveness):
      if self.liveness == liveness { revision -= 1 }
      self.liveness = liveness
    case .engineOutput(let lines): engineOutput = lines
    case .trouble(let trouble): note(trouble)
    case .histogram, .text: break
    }
  }

  private mutating func add(_ point: ScalarPoint) {
    let before = series[point.tag]?.lastStep ?? point.step
    series[point.tag, default: TimeSeries()].append(
      step: point.step, wallTime: point.wallTime, value: point.value)
    lastStep = point.step < before ? newestStep : max(lastStep, point.step)
    lastWallTime = max(lastWallTime, point.wallTime)
  }

  private var newestStep: Int64 {
    series.values.reduce(0) { max($0, $1.lastStep ?? 0) }
  }

  private mutating func apply(_ record: JournalRecord) {
    journal.append(record)
    if journal.count > Self.journalMax { journal.removeFirst(journal.count - Self.journalMax) }
    lastWallTime = max(lastWallTime, record.wallTime)
    switch record.entry {
    case .phase(let phase):
      self.phase = phase
      if phase.name == .training { trainingSince = record.wallTime }
      finalStep = phase.finalStep ?? finalStep
      stepsPerEpoch = phase.stepsPerEpoch ?? stepsPerEpoch
    case .layers(let id, let layers): layersOfAnswers[id, default: []] += layers
    case .answer(let answer): noteAnswer(answer, step: record.step)
    case .prune(let prune):
      let change = "\(Self.percent(prune.before)) → \(Self.percent(prune.after))"
      add(Mark(step: record.step, kind: .prune, text: "prune \(prune.method) \(change)"))
    case .undo(let undo):
      finalStep = undo.finalStep
      let change = undo.command == "prune" ? "prune" : "learning rate"
      let what = "\(change) at step \(undo.restoredStep)"
      add(Mark(step: record.step, kind: .undo, text: "undo \(what)"))
    case .checkpoint: add(Mark(step: record.step, kind: .checkpoint, text: "checkpoint"))
    case .restore: add(Mark(step: record.step, kind: .restart, text: "resumed"))
    case .alert(let text): add(Mark(step: record.step, kind: .alert, text: text))
    case .note, .other: break
    }
  }

  private mutating func noteAsked(_ command: ControlCommand) {
    if let index = commands.firstIndex(where: { $0.id == command.id }) {
      commands[index].asked = command
    } else {
      commands.append(Command(id: command.id, asked: command, answer: nil, answeredStep: nil))
      limitCommands()
    }
  }

  private mutating func noteAnswer(_ answer: JournalRecord.Answer, step: Int64) {
    var whole = answer
    whole.layers = (layersOfAnswers.removeValue(forKey: answer.id) ?? []) + answer.layers
    var command = Command(id: answer.id, asked: nil, answer: whole, answeredStep: step)
    if let index = commands.lastIndex(where: { $0.id == answer.id }) {
      if commands[index].answer != nil { return }
      command.asked = commands.remove(at: index).asked
    }
    commands.insert(command, at: commands.firstIndex { $0.answer == nil } ?? commands.count)
    limitCommands()
    guard answer.status == .applied, let request = answer.request?["command"]?.string else {
      return
    }
    switch request {
    case "set_learning_rate":
      let change = [answer.old, answer.new].map { $0?.double.map { "\(Float($0))" } ?? "?" }
      add(
        Mark(step: step, kind: .command, text: "learning rate " + change.joined(separator: " → ")))
    case "pause", "resume", "stop": add(Mark(step: step, kind: .command, text: request))
    default: break  // the journal tells of these by records of their own
    }
  }

  private mutating func limitCommands() {
    if commands.count > Self.commandsMax { commands.removeFirst() }
  }

  /// Keeps the marks in order of their steps; what was done again after a restart is one mark.
  private mutating func add(_ mark: Mark) {
    var index = marks.count
    while index > 0 && marks[index - 1].step > mark.step { index -= 1 }
    var same = index
    while same > 0 && marks[same - 1].step == mark.step {
      if marks[same - 1] == mark { return }
      same -= 1
    }
    marks.insert(mark, at: index)
    if marks.count > Self.marksMax {
      let old = marks.firstIndex { $0.kind == .checkpoint } ?? 0
      marks.remove(at: old)
    }
  }

  /// A file has one trouble at a time, and none when it can be read again.
  private mutating func note(_ trouble: LogTrouble) {
    let before = troubles
    troubles.removeAll { $0.subject == trouble.subject }
    let troublesMax = 100
    switch trouble {
    case .readable, .diskFull(false): break
    default: if troubles.count < troublesMax { troubles.append(trouble) }
    }
    if troubles == before { revision -= 1 }
  }

  private static func percent(_ fraction: Double) -> String {
    "\((fraction * 1000).rounded() / 10)%"
  }
}
