import JSONText

/// One fact about a run. Everything that is known of a run is a fold over these.
public enum RunEvent: Sendable, Equatable {
  /// The facts that do not change: `run.json`.
  case manifest(RunManifest)
  /// A session of the engine began; points at `step` and later are superseded.
  case sessionStarted(step: Int64, wallTime: Double)
  /// Numbers over steps.
  case scalars(ScalarBlock)
  /// How the values of a tensor are distributed.
  case histogram(tag: String, step: Int64, wallTime: Double, Histogram)
  /// A grid of fractions, such as the density of a layer's weights.
  case grid(tag: String, step: Int64, wallTime: Double, Grid)
  /// Words under a tag.
  case text(tag: String, step: Int64, wallTime: Double, String)
  /// Settings of the run that are comparable between runs.
  case hyperparameters([Hyperparameter])
  /// What happened: a record of `journal.jsonl`.
  case journal(JournalRecord)
  /// Many candidates of an architecture search at once; the journal tells of each by a record.
  case candidates(CandidateBlock)
  /// What somebody asked: a record of `control.jsonl`.
  case asked(ControlCommand)
  /// Whether an engine lives.
  case liveness(Liveness)
  /// The end of the engine's own output.
  case engineOutput([String])
  /// A line of what the training printed; of the step that was the newest then.
  case line(step: Int64, wallTime: Double, String)
  /// The machine that wrote the log, by the name of its file.
  case origin(host: String)
  /// What the log calls its run.
  case named(String)
  /// The step at which the run will be complete.
  case expected(finalStep: Int64)
  /// What somebody else's log says of how its run stands.
  case outcome(Outcome)
  /// Something in the files could not be used.
  case trouble(LogTrouble)
}

/// A number at a step.
public struct ScalarPoint: Sendable, Equatable {
  public let tag: String
  public let step: Int64
  /// Seconds since 1970.
  public let wallTime: Double
  public let value: Float

  public init(tag: String, step: Int64, wallTime: Double, value: Float) {
    self.tag = tag
    self.step = step
    self.wallTime = wallTime
    self.value = value
  }
}

/// Counts of values between edges.
public struct Histogram: Sendable, Equatable {
  public struct Bin: Sendable, Equatable {
    public let lower, upper, count: Double

    public init(lower: Double, upper: Double, count: Double) {
      self.lower = lower
      self.upper = upper
      self.count = count
    }
  }
  public let bins: [Bin]

  public init(bins: [Bin]) {
    self.bins = bins
  }
}

/// Numbers in rows and columns, row-major.
public struct Grid: Sendable, Equatable {
  public let rows, columns: Int
  public let values: [Float]

  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "a grid has rows × columns values")
    self.rows = rows
    self.columns = columns
    self.values = values
  }
}

/// A named setting, such as the batch size.
public struct Hyperparameter: Sendable, Equatable {
  public let name: String
  /// A number, a string or a boolean.
  public let value: JSON

  public init(name: String, value: JSON) {
    self.name = name
    self.value = value
  }
}

/// Whether the engine of a run lives.
public enum Liveness: Sendable, Equatable {
  case alive
  /// No process holds the lock.
  case dead
  /// Locks do not work on this disk, or the run has none.
  case unknown
}

/// How a run stands, by its own log.
public enum Outcome: Sendable, Equatable {
  case running
  case finished
  case failed
  case stopped
}

/// What could not be used of a run's files.
public enum LogTrouble: Sendable, Equatable {
  /// Records that were skipped so far, by file name, and what is known of the first.
  case skippedRecords(file: String, count: Int, reason: String = "")
  /// A file that cannot be read on from some byte.
  case unreadable(file: String, offset: Int, reason: String)
  /// Something is missing that a run directory has.
  case missing(file: String, consequence: String)
  /// A file can be read again.
  case readable(file: String)
  /// There is more of something than is kept, so what came later is left out.
  case tooMany(what: String, max: Int)
  /// The disk that holds the run is full, so its log stands still; or has space again.
  case diskFull(Bool)
}

extension LogTrouble {
  /// What it is about: a later trouble about the same thing takes its place.
  public var subject: String {
    switch self {
    case .skippedRecords(let file, _, _): "records of " + file
    case .unreadable(let file, _, _), .readable(let file), .missing(let file, _): file
    case .tooMany(let what, _): "too many " + what
    case .diskFull: "the disk"
    }
  }
}
