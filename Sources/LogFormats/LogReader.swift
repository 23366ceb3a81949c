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
  /// How much of the log has been read by now; nil where that cannot be told.
  public var progress: Progress?

  /// Bytes.
  public struct Progress: Sendable, Equatable {
    public var read: Int
    public var size: Int

    public init(read: Int, size: Int) {
      self.read = read
      self.size = size
    }

    /// 0 to 1.
    public var fraction: Double { size > 0 ? min(1, Double(read) / Double(size)) : 1 }
  }

  public init() {}
}
