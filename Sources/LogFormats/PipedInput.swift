import Glibc
import OperatingSystem
import RunLog
import Synchronization

/// A log that comes through a pipe, as in `python train.py | nntop -`. What has come is kept until
/// it is read, so that whoever writes never waits for a display that stands still.
public final class PipedInput: Sendable {
  /// Where the log comes from.
  public let descriptor: Int32
  /// Where it is written through, byte by byte; nil: nowhere.
  private let tee: Int32?
  private let state = Mutex(State())

  private struct State {
    var waiting: [UInt8] = []
    var hasEnded = false
    var isEndTaken = false
    var isTeeBroken = false
    /// Bytes that were thrown away because nobody read them.
    var lostBytes = 0
  }

  private static let bytesPerReadMax = 1 << 16
  private static let readsMax = 64
  /// Of a log that nobody reads; more of it is lost, and that is told.
  private static let waitingMax = 256 << 20

  /// - Parameters:
  ///   - descriptor: read without blocking whenever something is there.
  ///   - tee: a descriptor that everything is written to as it came.
  public init(descriptor: Int32, tee: Int32? = nil) {
    self.descriptor = descriptor
    self.tee = tee
  }

  public var isTee: Bool { tee != nil }

  /// Whether the other side has closed the pipe.
  public var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Whether there is something to read, if only the end.
  public var hasWaiting: Bool {
    state.withLock { !$0.waiting.isEmpty || $0.hasEnded && !$0.isEndTaken }
  }

  /// Takes in what has come, for a bounded time; true when something had.
  @discardableResult
  public func pump() -> Bool {
    var took = false
    for _ in 0..<Self.readsMax where !hasEnded {
      guard !Readiness.wait(for: [descriptor], timeoutSeconds: 0).isEmpty else { break }
      let bytes = [UInt8](unsafeUninitializedCapacity: Self.bytesPerReadMax) { buffer, count in
        count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
      }
      took = true
      if !bytes.isEmpty { passThrough(bytes) }
      state.withLock { state in
        guard !bytes.isEmpty else {
          state.hasEnded = true
          return
        }
        let room = Self.waitingMax - state.waiting.count
        state.waiting += bytes.prefix(room)
        state.lostBytes += max(0, bytes.count - room)
      }
    }
    return took
  }

  /// Reads on to the end and keeps nothing: whoever writes can go on after the display is gone.
  public func drain() {
    while !hasEnded {
      _ = Readiness.wait(for: [descriptor], timeoutSeconds: nil)
      pump()
      state.withLock { $0.waiting = [] }
    }
  }

  private func passThrough(_ bytes: [UInt8]) {
    guard let tee, !state.withLock({ $0.isTeeBroken }) else { return }
    let files = LocalFileSystem()
    do throws(SystemError) {
      try files.writeAll(bytes, to: OpenFile(descriptor: tee, path: "standard output"))
    } catch {
      state.withLock { $0.isTeeBroken = true }
    }
  }

  /// What has come since the last call.
  fileprivate func takeWaiting() -> (bytes: [UInt8], hasEnded: Bool, lostBytes: Int) {
    state.withLock { state in
      defer {
        state.waiting = []
        state.isEndTaken = state.hasEnded
      }
      return (state.waiting, state.hasEnded, state.lostBytes)
    }
  }

  func found(format: LogFormat?) -> RunFinder.Found {
    let formats = format.map { [$0] } ?? LogFormat.all
    return RunFinder.Found(path: RunFinder.inputPath, name: "input", place: "/dev/stdin") {
      PipeLog(input: self, formats: formats, clock: SystemClock())
    }
  }
}

/// Reads a log from a pipe.
struct PipeLog: LogReader {
  private let input: PipedInput
  private let formats: [LogFormat]
  private let clock: any Clock
  private var parser: (any LogParser)?
  /// What came and could not be used yet.
  private var rest: [UInt8] = []
  private var offset = 0
  private var begunAt: Double?
  private var lostBytes = 0
  private var isOver = false
  /// Whether Python said how it failed: a pipe that ends does not tell why.
  private var sawTraceback = false

  /// A beginning that does not tell its format is taken for what it looks like after so long.
  private static let settleSeconds = 2.0
  private static let name = "standard input"
  private static let traceback = "Traceback (most recent call last)"

  init(input: PipedInput, formats: [LogFormat], clock: any Clock) {
    self.input = input
    self.formats = formats
    self.clock = clock
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    guard !isOver else { return batch }
    input.pump()
    let new = input.takeWaiting()
    rest += new.bytes
    if new.lostBytes > lostBytes {
      lostBytes = new.lostBytes
      batch.events.append(
        .trouble(
          .unreadable(
            file: Self.name, offset: offset,
            reason: "\(lostBytes) bytes were lost that came faster than they were read")))
    }
    chooseParser(isEnd: new.hasEnded, into: &batch)
    take(isEnd: new.hasEnded, into: &batch)
    if new.hasEnded {
      isOver = true
      batch.events.append(.outcome(sawTraceback ? .failed : .finished))
    }
    return batch
  }

  private mutating func chooseParser(isEnd: Bool, into batch: inout LogBatch) {
    guard parser == nil, !rest.isEmpty else { return }
    let begun = begunAt ?? clock.monotonicSeconds()
    begunAt = begun
    let head = LogHead(
      name: "", bytes: Array(rest.prefix(LogHead.sizeMax)), isWhole: isEnd)
    let isSettled = isEnd || clock.monotonicSeconds() - begun >= Self.settleSeconds
    guard formats.count == 1 || head.isTelling || isSettled else { return }
    parser = LogFormat.parser(for: head, among: formats)
    guard parser == nil else { return }
    let advice = ForeignFiles.advice(on: head, path: "FILE") ?? "no format of a log begins so"
    batch.events.append(.trouble(.unreadable(file: Self.name, offset: 0, reason: advice)))
    isOver = true
  }

  private mutating func take(isEnd: Bool, into batch: inout LogBatch) {
    guard var parser else { return }
    // One owner while it works: what a parser remembers may be large, and would be copied.
    self.parser = nil
    let skippedBefore = parser.skipped
    let wallTime = clock.wallSeconds()
    let used = rest.withUnsafeBytes { bytes in
      parser.take(
        LogPiece(bytes, offset: offset, wallTime: wallTime, isEnd: isEnd), into: &batch.events)
    }
    for case .line(_, _, let text) in batch.events where text.hasPrefix(Self.traceback) {
      sawTraceback = true
    }
    offset += used
    rest.removeFirst(used)
    if rest.count > parser.recordSizeMax {
      offset += rest.count
      rest = []
    }
    if parser.skipped != skippedBefore {
      batch.events.append(
        .trouble(
          .skippedRecords(
            file: Self.name, count: parser.skipped.count, reason: parser.skipped.reason)))
    }
    self.parser = parser
  }
}
