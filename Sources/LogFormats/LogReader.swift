import OperatingSystem
import RunLog

/// Follows one run's log: every call returns what has come since the last.
public protocol LogReader {
  /// What has come. Trouble is among the events; nothing is thrown.
  mutating func read() -> LogBatch
}

/// What a reader found.
public struct LogBatch: Sendable {
  public var events: [RunEvent] = []
  /// True when more can be read at once.
  public var hasMore = false
  /// True when the log was replaced: forget the run and take these events as its beginning.
  public var isRestart = false

  public init() {}
}

/// A kind of log that can be followed.
public struct LogFormat: Sendable {
  /// Such as "nntop run".
  public let name: String
  /// Whether a path holds such a log, by what is in it.
  public let recognizes: @Sendable (String, any FileSystem) -> Bool
  public let open: @Sendable (String, any FileSystem, any Clock) -> any LogReader

  /// All that can be read; the first that recognizes a path reads it.
  public static let all: [LogFormat] = [
    LogFormat(
      name: "nntop run or TensorBoard run directory",
      recognizes: { path, files in files.isDirectory(path) && RunDirectory.isRun(path, files) },
      open: { RunDirectoryLog(RunDirectory(path: $0), files: $1, clock: $2) }),
    LogFormat(
      name: "TensorBoard event file",
      recognizes: { path, files in !files.isDirectory(path) && RunDirectory.isEventFile(path) },
      open: { path, files, _ in EventFileLog(path: path, files: files) }),
  ]
}
