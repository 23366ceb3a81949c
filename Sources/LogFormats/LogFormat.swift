import OperatingSystem
import RunLog

/// A kind of log that can be read and followed. A new one is a file with a value of this, and its
/// line in the list.
public struct LogFormat: Sendable {
  /// What `--format` takes, such as "csv".
  public let name: String
  /// In words, such as "CSV table of metrics".
  public let title: String
  let kind: Kind

  enum Kind: Sendable {
    /// Bytes in a file or from a pipe.
    case stream(
      recognizes: @Sendable (LogHead) -> Bool, parser: @Sendable () -> any LogParser)
    /// A directory or a file with an inner order of its own, which may hold several runs.
    case place(
      recognizes: @Sendable (LogPlace) -> Bool,
      holdsMore: @Sendable (LogPlace) -> Bool,
      runs: @Sendable (LogPlace) throws(LogPlaceError) -> [LogRun])
  }

  /// A format whose records come one behind the other.
  init(
    name: String, title: String, recognizes: @escaping @Sendable (LogHead) -> Bool,
    parser: @escaping @Sendable () -> any LogParser
  ) {
    self.name = name
    self.title = title
    kind = .stream(recognizes: recognizes, parser: parser)
  }

  /// A format that is a directory, or a file that holds runs.
  /// - Parameter holdsMore: whether directories below may hold other runs.
  init(
    name: String, title: String, recognizes: @escaping @Sendable (LogPlace) -> Bool,
    holdsMore: @escaping @Sendable (LogPlace) -> Bool = { _ in false },
    runs: @escaping @Sendable (LogPlace) throws(LogPlaceError) -> [LogRun]
  ) {
    self.name = name
    self.title = title
    kind = .place(recognizes: recognizes, holdsMore: holdsMore, runs: runs)
  }

  /// All that can be read; the first that recognizes a log reads it.
  public static let all: [LogFormat] = [
    .runDirectory, .kerasDirectory, .mlflowDirectory, .trainerState, .nasBench, .eventFile, .wandb,
    .safetensors, .mlflowDatabase, .trackio, .jsonLines, .csv, .text,
  ]

  /// The one of a name.
  public static func named(_ name: String) -> LogFormat? {
    all.first { $0.name == name }
  }

  var isStream: Bool {
    if case .stream = kind { true } else { false }
  }

  /// Whether a place holds such a log.
  func recognizes(_ place: LogPlace) -> Bool {
    switch kind {
    case .place(let recognizes, _, _): recognizes(place)
    case .stream(let recognizes, _):
      !place.isDirectory && !place.head.bytes.isEmpty && recognizes(place.head)
    }
  }

  /// The runs in a place that holds such a log.
  /// - Parameter isForced: whether it is read as this format whatever becomes of it.
  func found(
    in place: LogPlace, name: String, isForced: Bool = false
  ) throws(LogPlaceError) -> [RunFinder.Found] {
    switch kind {
    case .stream:
      let formats = isForced ? [self] : Self.all
      return [
        RunFinder.Found(path: place.path, name: name, place: place.path) {
          FileLog(
            path: place.path, formats: formats, isNamed: place.head.isNamed, files: place.files,
            clock: place.clock)
        }
      ]
    case .place(_, _, let runs):
      return try runs(place).map { run in
        RunFinder.Found(
          path: run.part.isEmpty ? place.path : "\(place.path):\(run.part)",
          name: run.name ?? name, place: place.path,
          directories: (place.isDirectory ? [place.path] : [Path.parent(of: place.path)])
            + run.directories, reader: run.open)
      }
    }
  }

  /// The parser of bytes that begin so; nil when none of the formats recognizes them.
  static func parser(for head: LogHead, among formats: [LogFormat]) -> (any LogParser)? {
    for format in formats {
      guard case .stream(let recognizes, let parser) = format.kind else { continue }
      if formats.count == 1 || recognizes(head) { return parser() }
    }
    return nil
  }
}

/// A run in a log, and how it is read.
struct LogRun: Sendable {
  /// What tells it from the other runs of its log; "" where there is one.
  let part: String
  /// What the log calls it; nil: as its place is called.
  let name: String?
  /// Directories besides its place in which its files lie.
  let directories: [String]
  let open: @Sendable () -> any LogReader

  init(
    part: String = "", name: String? = nil, directories: [String] = [],
    open: @escaping @Sendable () -> any LogReader
  ) {
    self.part = part
    self.name = name
    self.directories = directories
    self.open = open
  }
}

/// Why a log that was recognized shows no runs.
struct LogPlaceError: Error, Sendable {
  /// In one sentence that says what to do.
  let reason: String
}
