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
  public internal(set) var series: [String: TimeSeries] = [:]
  /// The newest grid of each tag.
  public private(set) var grids: [String: (step: Int64, grid: Grid)] = [:]
  /// The newest histogram of each tag.
  public private(set) var histograms: [String: (step: Int64, histogram: Histogram)] = [:]
  /// The newest texts, oldest first; each cut to 4096 Unicode scalars.
  public private(set) var texts: [Text] = []
  public private(set) var hyperparameters: [Hyperparameter] = []
  /// What the curves tell, the newest, in the order in which it was found.
  public internal(set) var alerts: [Alert] = []
  /// The newest records of the journal, oldest first.
  public private(set) var journal: [JournalRecord] = []
  public private(set) var troubles: [LogTrouble] = []
  public private(set) var engineOutput: [String] = []
  /// The step at which the run will be complete.
  public private(set) var finalStep: Int64?
  public private(set) var stepsPerEpoch: Int64?
  /// Of all points and records, seconds since 1970.
  public private(set) var lastWallTime = 0.0
  /// Of the run's first point or record, seconds since 1970; nil before there is one.
  public private(set) var startedWallTime: Double?
  /// When the engine began to train or went on, seconds since 1970.
  private(set) var trainingSince = 0.0
  /// Grows with every event that changes what can be seen.
  public internal(set) var revision = 0
  /// TensorBoard's smoothing weight of all series, present and to come: 0 (off) to 0.9999.
  public var smoothing: Float = 0 {
    didSet {
      guard smoothing != oldValue else { return }
      revision += 1
      for tag in series.keys { series[tag]?.smoothing = smoothing }
    }
  }

  var markList = MarkList()
  var layersSeen = LayerNames()
  /// The metric that counts epochs.
  private(set) var epochTag: String?
  private var commandList = CommandList()
  private var originHost: String?
  private var longest: (tag: String, count: Int)?
  private var layersOfAnswers: [String: [JournalRecord.LayerChange]] = [:]

  private static let journalMax = 5000
  private static let textsMax = 1000
  private static let textScalarsMax = 4096

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
    /// Seconds since 1970.
    public let wallTime: Double
    public let kind: Kind
    /// The metric that it is about; nil when it comes from the journal.
    public let tag: String?
    public let text: String
  }

  /// Words that were logged under a tag.
  public struct Text: Sendable, Equatable {
    public let tag: String
    public let step: Int64
    /// Seconds since 1970.
    public let wallTime: Double
    public let text: String
  }

  public init(path: String, name: String) {
    self.path = path
    self.name = name
  }

  /// Commands: those that are answered in the order of their answers, then those that wait.
  public var commands: [Command] { commandList.commands }

  /// What happened, for the time axis, by step and time.
  public var marks: [Mark] { markList.marks }

  /// The machine that it runs on; nil when that is not known.
  public var host: String? {
    if let host = manifest?.host, !host.isEmpty { return host }
    return originHost
  }

  /// From the first to the last point or record.
  public var durationSeconds: Double {
    startedWallTime.map { max(0, lastWallTime - $0) } ?? 0
  }

  /// The series with the most points.
  var longestSeries: TimeSeries? { longest.flatMap { series[$0.tag] } }

  /// The newest step of any metric; 0 when there is none.
  public private(set) var lastStep: Int64 = 0

  public mutating func apply(_ event: RunEvent) {
    revision += 1
    switch event {
    case .manifest(let manifest):
      self.manifest = manifest
      name = manifest.name
      troubles.removeAll { if case .missing("run.json", _) = $0 { true } else { false } }
    case .sessionStarted(let step, let wallTime): beginSession(step, wallTime)
    case .scalar(let point): add(point)
    case .grid(let tag, let step, _, let grid):
      if grids.updateValue((step, grid), forKey: tag) == nil { layersSeen.note(tag) }
    case .histogram(let tag, let step, _, let histogram): histograms[tag] = (step, histogram)
    case .text(let tag, let step, let wallTime, let text):
      let cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.textScalarsMax)))
      texts.append(Text(tag: tag, step: step, wallTime: wallTime, text: cut))
      if texts.count > Self.textsMax { texts.removeFirst() }
    case .hyperparameters(let hyperparameters): self.hyperparameters = hyperparameters
    case .journal(let record): apply(record)
    case .asked(let command): commandList.ask(command)
    case .origin(let host): originHost = host
    case .liveness(let liveness):
      if self.liveness == liveness { revision -= 1 }
      self.liveness = liveness
    case .engineOutput(let lines): engineOutput = lines
    case .trouble(let trouble): note(trouble)
    }
  }

  private mutating func add(_ point: ScalarPoint) {
    let tagsBefore = series.count
    let appended = series[
      point.tag, default: TimeSeries(watching: point.tag, smoothing: smoothing)
    ].add(step: point.step, wallTime: point.wallTime, value: point.value)
    if series.count > tagsBefore { noteTag(point.tag) }
    if appended.isBack {
      dropAlerts(from: point.step, of: point.tag)
      lastStep = newestStep
      findLongest()
    } else {
      lastStep = max(lastStep, point.step)
      if appended.count > longest?.count ?? 0 {
        if longest?.tag == point.tag {
          longest?.count = appended.count
        } else {
          longest = (point.tag, appended.count)
        }
      }
    }
    noteTime(point.wallTime)
    if let finding = appended.finding { add(Alert(finding, of: point)) }
  }

  private mutating func beginSession(_ step: Int64, _ wallTime: Double) {
    for tag in series.keys { series[tag]?.supersede(from: step) }
    texts.removeAll { $0.step >= step }
    dropAlerts(from: step)
    markList.beginSession(step: step, wallTime: wallTime)
    lastStep = newestStep
    findLongest()
    if wallTime.isFinite { lastWallTime = max(lastWallTime, wallTime) }
  }

  private mutating func noteTag(_ tag: String) {
    layersSeen.note(tag)
    if Metric.isEpoch(tag), tag < epochTag ?? tag + "/" { epochTag = tag }
  }

  private mutating func noteTime(_ wallTime: Double) {
    guard wallTime.isFinite else { return }
    lastWallTime = max(lastWallTime, wallTime)
    startedWallTime = min(startedWallTime ?? wallTime, wallTime)
  }

  mutating func findLongest() {
    longest = series.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
      .map { ($0.key, $0.value.count) }
  }

  private var newestStep: Int64 {
    series.values.reduce(0) { max($0, $1.lastStep ?? 0) }
  }

  private mutating func apply(_ record: JournalRecord) {
    journal.append(record)
    if journal.count > Self.journalMax { journal.removeFirst(journal.count - Self.journalMax) }
    noteTime(record.wallTime)
    switch record.entry {
    case .phase(let phase):
      self.phase = phase
      if phase.name == .training { trainingSince = record.wallTime }
      finalStep = phase.finalStep ?? finalStep
      stepsPerEpoch = phase.stepsPerEpoch ?? stepsPerEpoch
    case .layers(let id, let layers): layersOfAnswers[id, default: []] += layers
    case .answer(let answer): noteAnswer(answer, of: record)
    case .prune(let prune):
      let change = "\(Self.percent(prune.before)) → \(Self.percent(prune.after))"
      mark(.prune, "prune \(prune.method) \(change)", record)
    case .undo(let undo):
      finalStep = undo.finalStep
      let change = undo.command == "prune" ? "prune" : "learning rate"
      mark(.undo, "undo \(change) at step \(undo.restoredStep)", record)
    case .checkpoint: mark(.checkpoint, "checkpoint", record)
    case .restore: mark(.restart, "resumed", record)
    case .alert(let text): mark(.alert, text, record)
    case .branch(let name, _): mark(.command, "branch \(name)", record)
    case .note, .other: break
    }
  }

  private mutating func noteAnswer(_ answer: JournalRecord.Answer, of record: JournalRecord) {
    var whole = answer
    whole.layers = (layersOfAnswers.removeValue(forKey: answer.id) ?? []) + answer.layers
    guard commandList.answer(whole, step: record.step), answer.status == .applied,
      let request = answer.request?["command"]?.string
    else { return }
    switch request {
    case "set_learning_rate":
      let change = [answer.old, answer.new].map { $0?.double.map { "\(Float($0))" } ?? "?" }
      mark(.command, "learning rate " + change.joined(separator: " → "), record)
    case "pause", "resume", "stop": mark(.command, request, record)
    default: break  // the journal tells of these by records of their own
    }
  }

  private mutating func mark(_ kind: Mark.Kind, _ text: String, _ record: JournalRecord) {
    markList.add(
      Mark(step: record.step, wallTime: record.wallTime, kind: kind, tag: nil, text: text))
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
