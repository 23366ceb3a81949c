import OperatingSystem
import RunLog

/// Trains candidates of a search, one after the other: takes the lock of one that waits and trains
/// it as a resume does. It writes into the runs that it holds, never into the search's own files.
public final class SearchWorker {
  private let directory: RunDirectory
  private let files: any FileSystem
  private let clock: any Clock
  private let signals: SignalPipe?
  private let data = KeptDataset()
  private var board: SearchBoard
  private var watcher = FileWatcher()

  /// A coordinator that is not seen for so long is gone.
  private static let patienceSeconds = 3.0
  private static let pollSeconds = 0.2

  public init(
    _ directory: RunDirectory, files: any FileSystem = LocalFileSystem(),
    clock: any Clock = SystemClock(), signals: SignalPipe? = nil
  ) {
    self.directory = directory
    self.files = files
    self.clock = clock
    self.signals = signals
    board = SearchBoard(directory, files: files)
    watcher.watch(directory.path)
  }

  deinit { watcher.close() }

  /// Works until the search is over, no coordinator lives, another session of it began with
  /// workers of its own, or a signal comes.
  /// - Throws: one line, when the search's journal cannot be read.
  public func run() throws -> Engine.Outcome {
    var lastSeen = clock.monotonicSeconds()
    var firstSession: Int?
    while true {
      if let signal = signals?.received().first { return .stoppedBySignal(signal) }
      try look()
      firstSession = firstSession ?? (board.sessions > 0 ? board.sessions : nil)
      if board.isOver || board.sessions > firstSession ?? .max { return .finished }
      let now = clock.monotonicSeconds()
      if FileLock.probe(directory.lockPath) != .free { lastSeen = now }
      if now - lastSeen > Self.patienceSeconds { return .finished }
      if let outcome = trainOne() {
        if case .stoppedBySignal = outcome { return outcome }
        continue
      }
      _ = Readiness.wait(
        for: [signals?.descriptor, watcher.descriptor].compactMap { $0 },
        timeoutSeconds: Self.pollSeconds)
      watcher.drain()
    }
  }

  /// Takes up what the search's journal tells.
  func look() throws(SystemError) { try board.look() }

  /// Trains the first candidate that can be had; nil: there is none.
  func trainOne() -> Engine.Outcome? {
    guard board.phase != .paused else { return nil }
    for candidate in board.queue {
      let run = RunDirectory(path: SearchPaths.candidate(candidate.id, of: directory))
      guard FileLock.probe(run.lockPath) != .held, hasStarts(run, candidate.starts) else {
        continue
      }
      do {
        let engine = try Engine(run, files: files, clock: clock, signals: signals, data: data)
        return engine.run()
      } catch {
        // Another worker was faster, or the run's own journal says what is wrong.
        EngineOutput.line("candidate \(candidate.id): \(error)")
      }
    }
    return nil
  }

  /// Whether no session of the run began since it was handed out.
  private func hasStarts(_ run: RunDirectory, _ starts: Int) -> Bool {
    var watch = CandidateWatch(run, tag: "", files: files)
    do throws(SystemError) {
      try watch.look()
      return files.exists(run.manifestPath) && watch.starts == starts
    } catch { return false }  // not there yet
  }
}

/// Where the files of a search are.
public enum SearchPaths {
  public static func candidates(of search: RunDirectory) -> String {
    Path.join(search.path, "candidates")
  }

  public static func candidate(_ id: String, of search: RunDirectory) -> String {
    Path.join(candidates(of: search), id)
  }

  static func latencies(of search: RunDirectory) -> String {
    Path.join(search.path, "latency.json")
  }
}
