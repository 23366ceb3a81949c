import OperatingSystem
import RunLog

/// A single event file, whoever writes it.
struct EventFileLog: LogReader {
  private var reader: EventFileReader
  private var failing = FailingFiles()
  private var hasToldOrigin = false

  init(path: String, files: any FileSystem) {
    reader = EventFileReader(path: path, files: files)
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    reader.read(into: &batch, &failing)
    if batch.isRestart || !hasToldOrigin, let host = EventFileOrigin.host(of: reader.path) {
      batch.events.insert(.origin(host: host), at: 0)
    }
    hasToldOrigin = true
    failing.tell(into: &batch)
    return batch
  }
}

extension EventFileReader {
  /// Reads what has come into a batch, with what is wrong as trouble.
  mutating func read(into batch: inout LogBatch, _ failing: inout FailingFiles) {
    let name = Path.name(of: path)
    var (skippedBefore, wasReadable) = (skippedRecords, unreadable == nil)
    do throws(SystemError) {
      let found = try read()
      if found.isRestart {
        batch.isRestart = true
        (skippedBefore, wasReadable) = (0, true)
      }
      batch.events += found.events
      batch.hasMore = batch.hasMore || found.hasMore
    } catch {
      failing.note(.unreadable(file: name, offset: offset, reason: error.reason), of: name)
    }
    if skippedRecords > skippedBefore {
      batch.events.append(.trouble(.skippedRecords(file: name, count: skippedRecords)))
    }
    if let unreadable, wasReadable {
      batch.events.append(
        .trouble(.unreadable(file: name, offset: unreadable.offset, reason: unreadable.reason)))
    }
  }
}

/// Files that could not be read in this round or the one before: their trouble is told once, and
/// so is its end.
struct FailingFiles {
  private var before: Set<String> = []
  private var now: [String: LogTrouble] = [:]

  mutating func note(_ trouble: LogTrouble, of file: String) {
    now[file] = trouble
  }

  /// Tells what changed, and begins the next round.
  mutating func tell(into batch: inout LogBatch) {
    for (file, trouble) in now where !before.contains(file) {
      batch.events.append(.trouble(trouble))
    }
    for file in before where now[file] == nil {
      batch.events.append(.trouble(.readable(file: file)))
    }
    before = Set(now.keys)
    now = [:]
  }
}
