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
  public internal(set) var phase: JournalRecord.Phase?
  /// What somebody else's log says of how it stands.
  public private(set) var outcome: Outcome?
  /// Metrics by tag.
  public internal(set) var series = SeriesTable()
  /// The newest grid of each tag.
  public private(set) var grids: [String: (step: Int64, grid: Grid)] = [:]
  /// The newest histogram of each tag.
  public private(set) var histograms: [String: (step: Int64, histogram: Histogram)] = [:]
  /// The newest texts, oldest first; each cut to 4096 Unicode scalars.
  public private(set) var texts = TextList(countMax: 1000)
  /// The newest lines of what the training printed, oldest first, without tags; cut likewise.
  public private(set) var lines = TextList(countMax: 5000)
  public private(set) var hyperparameters: [Hyperparameter] = []
  /// What the curves tell, the newest, in the order in which it was found.
  public internal(set) var alerts: [Alert] = []
  /// The newest records of the journal, oldest first.
  public internal(set) var journal = NewestList<JournalRecord>(countMax: 5000)
  /// Of an architecture search: those of all its journal, of which `journal` keeps the newest part.
  public internal(set) var candidates = CandidateTable()
  public private(set) var troubles: [LogTrouble] = []
  public private(set) var engineOutput: [String] = []
  /// The step at which the run will be complete.
  public internal(set) var finalStep: Int64?
  public internal(set) var stepsPerEpoch: Int64?
  /// Of all points, records and lines, seconds since 1970.
  public private(set) var lastWallTime = 0.0
  /// Of the run's first point or record, seconds since 1970; nil before there is one.
  public private(set) var startedWallTime: Double?
  /// When something was added to the log while it was followed, seconds since 1970 by the clock of
  /// this machine; nil: not yet.
  public internal(set) var heardAt: Double?
  /// When the engine began to train or went on, seconds since 1970.
  var trainingSince = 0.0
  /// How many points each point of the most thinned series stands for: 1, 2, 4 …
  public internal(set) var thinning = 1
  /// Grows with every event that changes what can be seen.
  public internal(set) var revision = 0
  /// TensorBoard's smoothing weight: 0 (off) to 0.9999. It takes a look at every point, so only
  /// those series are smoothed that `smooth` names.
  public var smoothing: Float = 0 {
    didSet {
      guard smoothing != oldValue else { return }
      revision += 1
      series.stopSmoothing()
    }
  }

  var markList = MarkList()
  var pruningHistory = PruningHistory()
  var layersSeen = LayerNames()
  /// The metric that counts epochs.
  private(set) var epochTag: String?
  var commandList = CommandList()
  /// The shapes of weights that removed channels have changed, by the names of the manifest's
  /// layers.
  public internal(set) var changedShapes: [String: [Int]] = [:]
  /// What an architecture search would make of layers, by their names.
  public internal(set) var mixtures: [String: MixtureWords] = [:]
  var layersOfAnswers: [String: [JournalRecord.LayerChange]] = [:]
  private var originHost: String?
  private(set) var gridRoom = TagRoom()
  private(set) var histogramRoom = TagRoom()

  /// A command and what became of it.
  public struct Command: Sendable, Equatable {
    public let id: String
    public var asked: ControlCommand?
    public var answer: JournalRecord.Answer?
    public var answeredStep: Int64?
  }

  /// Something that happened at a step.
  public struct Mark: Sendable, Equatable {
    public enum Kind: Sendable {
      case command, set, prune, pruning, round, undo, checkpoint, alert, restart
    }
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

  /// The newest step of any metric; 0 when there is none.
  public var lastStep: Int64 { max(0, series.steps?.upperBound ?? 0) }

  public mutating func apply(_ event: RunEvent) {
    revision += 1
    switch event {
    case .manifest(let manifest):
      self.manifest = manifest
      name = manifest.name
      troubles.removeAll { if case .missing("run.json", _) = $0 { true } else { false } }
    case .sessionStarted(let step, let wallTime): beginSession(step, wallTime)
    case .scalars(let block): add(block)
    case .grid(let tag, let step, _, let grid): add(grid, tag, step)
    case .histogram(let tag, let step, _, let histogram): add(histogram, tag, step)
    case .text(let tag, let step, let wallTime, let text):
      texts.append(tag: tag, step: step, wallTime: wallTime, text)
    case .line(let step, let wallTime, let text):
      lines.append(step: step, wallTime: wallTime, text)
      noteTime(wallTime)
    case .hyperparameters(let hyperparameters): self.hyperparameters = hyperparameters
    case .journal(let record): apply(record)
    case .candidates(let block): noteLeftOut(candidates.apply(block))
    case .asked(let command): commandList.ask(command)
    case .origin(let host): originHost = host
    case .named(let name): if manifest == nil { self.name = name }
    case .expected(let finalStep): self.finalStep = finalStep
    case .outcome(let outcome): self.outcome = outcome
    case .liveness(let liveness):
      if self.liveness == liveness { revision -= 1 }
      self.liveness = liveness
    case .engineOutput(let lines): engineOutput = lines
    case .trouble(let trouble): note(trouble)
    }
  }

  // MARK: Numbers

  private mutating func add(_ block: ScalarBlock) {
    for news in series.append(block) {
      switch news {
      case .tag(let tag): noteTag(tag)
      case .back(let tag, let step): dropAlerts(from: step, of: tag)
      case .finding(let finding, let point): add(Alert(finding, of: point))
      case .leftOut: note(.tooMany(what: "metrics", max: SeriesTable.tagsMax))
      }
    }
    for entry in block.entries { noteTime(entry.wallTime) }
  }

  private mutating func add(_ grid: Grid, _ tag: String, _ step: Int64) {
    let old = grids[tag].map { Self.bytes($0.grid) }
    guard gridRoom.take(Self.bytes(grid), inPlaceOf: old) else {
      return noteLeftOut("grids", gridRoom)
    }
    grids[tag] = (step, grid)
    if old == nil { layersSeen.note(tag) }
  }

  private mutating func add(_ histogram: Histogram, _ tag: String, _ step: Int64) {
    let old = histograms[tag].map { Self.bytes($0.histogram) }
    guard histogramRoom.take(Self.bytes(histogram), inPlaceOf: old) else {
      return noteLeftOut("histograms", histogramRoom)
    }
    histograms[tag] = (step, histogram)
  }

  private static func bytes(_ grid: Grid) -> Int {
    grid.values.count * MemoryLayout<Float>.stride
  }

  private static func bytes(_ histogram: Histogram) -> Int {
    histogram.bins.count * MemoryLayout<Histogram.Bin>.stride
  }

  private mutating func noteLeftOut(_ what: String, _ room: TagRoom) {
    note(
      room.isOutOfTags
        ? .tooMany(what: what, max: TagRoom.tagsMax)
        : .tooMany(what: "megabytes of " + what, max: TagRoom.byteCountMax / 1_000_000))
  }

  /// Without those that are known, which would take the news for none.
  mutating func noteLeftOut(_ found: [LogTrouble]) {
    for trouble in found where !troubles.contains(trouble) { note(trouble) }
  }

  private mutating func noteTag(_ tag: String) {
    layersSeen.note(tag)
    if Metric.isEpoch(tag), tag < epochTag ?? tag + "/" { epochTag = tag }
  }

  // MARK: Time

  private mutating func beginSession(_ step: Int64, _ wallTime: Double) {
    series.changeAll { $0.supersede(from: step) }
    texts.supersede(from: step)
    lines.supersede(from: step)
    dropAlerts(from: step)
    markList.beginSession(step: step, wallTime: wallTime)
    if wallTime.isFinite { lastWallTime = max(lastWallTime, wallTime) }
  }

  mutating func noteTime(_ wallTime: Double) {
    guard wallTime.isFinite else { return }
    lastWallTime = max(lastWallTime, wallTime)
    startedWallTime = min(startedWallTime ?? wallTime, wallTime)
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
}
