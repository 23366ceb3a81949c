import OperatingSystem
import RunLog

/// A single event file, whoever writes it.
struct EventFileLog: LogReader {
  private var reader: EventFileReader

  init(path: String, files: any FileSystem) {
    reader = EventFileReader(path: path, files: files)
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    reader.read(into: &batch)
    return batch
  }

  mutating func close() {
    reader.close()
  }
}

extension EventFileReader {
  /// Reads what has come into a batch, with what is wrong as trouble.
  mutating func read(into batch: inout LogBatch) {
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
      batch.events.append(
        .trouble(.unreadable(file: name, offset: offset, reason: error.reason)))
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
