import JSONText
import OperatingSystem
import RunLog

/// What the engine writes for everyone: the event file and the journal.
///
/// A disk that is full or gone does not stop the training: what could not be written waits, within
/// limits, and is tried again every ten seconds.
final class EngineLog {
  let events: EventFileWriter
  /// Set while the disk takes nothing.
  private(set) var failure: SystemError?

  private let clock: any Clock
  private let journal: JSONLinesWriter
  private var waiting: [JSON] = []
  private var nextFlush = 0.0
  private var nextSynchronization = 0.0
  private var nextRetry = 0.0
  private var droppedRecordsTold = 0
  /// Of the newest note.
  private var step = 0

  private static let flushSeconds = 0.15
  private static let synchronizationSeconds = 5.0
  private static let retrySeconds = 10.0
  private static let waitingRecordsMax = 1000

  init(
    events: EventFileWriter, journal: JSONLinesWriter, clock: any Clock
  ) {
    self.events = events
    self.journal = journal
    self.clock = clock
  }

  /// Notes what happened. It reaches the disk now, or when the disk takes it.
  func note(_ entry: JournalRecord.Entry, step: Int) {
    self.step = step
    let record = JournalRecord(wallTime: clock.wallSeconds(), step: Int64(step), entry)
    if waiting.count < Self.waitingRecordsMax || record.entry.isEssential {
      waiting += record.records
    }
    attempt { () throws(SystemError) in try drain() }
  }

  /// Notes what has to be on the disk before it takes effect; throws when it is not written.
  func commit(_ entry: JournalRecord.Entry, step: Int) throws(SystemError) {
    let record = JournalRecord(wallTime: clock.wallSeconds(), step: Int64(step), entry)
    do throws(SystemError) {
      try drain()
      for part in record.records { try journal.append(part) }
    } catch {
      note(error)
      throw error
    }
    // Everyone can read the record now, so it holds, and must not come twice. When it cannot be
    // synchronized only a crash of the machine can lose it.
    attempt { () throws(SystemError) in try journal.synchronize() }
  }

  /// True while the disk takes nothing and it is not time to try again.
  var isWaitingForDisk: Bool { failure != nil && clock.monotonicSeconds() < nextRetry }

  /// True when `tick` will flush.
  func isFlushDue(_ now: Double) -> Bool {
    failure == nil ? now >= nextFlush : now >= nextRetry
  }

  /// Flushes and synchronizes when it is time to.
  func tick(_ now: Double) {
    if failure != nil {
      if now >= nextRetry { flush() }
      return
    }
    guard now >= nextFlush else { return }
    nextFlush = now + Self.flushSeconds
    attempt { () throws(SystemError) in
      try events.flush()
      if now >= nextSynchronization {
        nextSynchronization = now + Self.synchronizationSeconds
        try events.synchronize()
      }
    }
  }

  /// Gives all to the kernel now.
  func flush() {
    attempt { () throws(SystemError) in
      try drain()
      try events.flush()
    }
    if failure == nil, events.droppedRecords > droppedRecordsTold {
      let lost = events.droppedRecords - droppedRecordsTold
      droppedRecordsTold = events.droppedRecords
      note(.note("\(lost) records were lost while the disk took nothing"), step: step)
    }
  }

  /// Returns when all that was logged is on the disk; throws when it is not.
  func synchronize() throws(SystemError) {
    do throws(SystemError) {
      try drain()
      try events.flush()
      try events.synchronize()
      try journal.synchronize()
      failure = nil
    } catch {
      note(error)
      throw error
    }
  }

  func close() {
    events.close()
    journal.close()
  }

  private func drain() throws(SystemError) {
    while let first = waiting.first {
      do throws(SystemError) {
        try journal.append(first)
      } catch  where error.code == SystemError.tooLongCode {
        EngineOutput.line("a record was too long for the journal: \(first.text())")
      }
      waiting.removeFirst()
    }
  }

  private func attempt(_ body: () throws(SystemError) -> Void) {
    do throws(SystemError) {
      try body()
      failure = nil
    } catch { note(error) }
  }

  private func note(_ error: SystemError) {
    if failure == nil { EngineOutput.line("the log stands still: \(error); training goes on") }
    let now = clock.monotonicSeconds()
    // What is tried in between does not put the next try off.
    if failure == nil || now >= nextRetry { nextRetry = now + Self.retrySeconds }
    failure = error
  }
}

extension JournalRecord.Entry {
  /// Answers, phases, branches and candidates are kept however long the disk takes nothing; the
  /// rest within limits.
  fileprivate var isEssential: Bool {
    switch self {
    case .answer, .layers, .phase, .branch, .other: true
    default: false
    }
  }
}

/// The engine's own words: its standard error, which a background engine has in `engine.log`.
enum EngineOutput {
  static func line(_ text: String) {
    let files = LocalFileSystem()
    let standardError = OpenFile(descriptor: 2, path: "standard error")
    do throws(SystemError) {
      try files.writeAll(Array((text + "\n").utf8), to: standardError)
    } catch { return }  // nobody is left to tell
  }
}
