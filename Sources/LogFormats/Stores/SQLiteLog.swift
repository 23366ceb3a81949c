import OperatingSystem
import RunLog

/// Reads one run of a database.
struct SQLiteLog: LogReader {
  private let database: SQLiteDatabase
  private let run: String
  private var telling = StoredRunTelling()
  private var failing = FailingFiles()
  private var skippedCount = 0

  init(database: SQLiteDatabase, run: String) {
    self.database = database
    self.run = run
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    let file = Path.name(of: database.path)
    let (trouble, skipped) = database.tell(run, to: &telling, into: &batch)
    if let trouble {
      failing.note(.unreadable(file: file, offset: 0, reason: trouble), of: file)
    }
    if skipped.count != skippedCount {
      skippedCount = skipped.count
      if skippedCount > 0 {
        batch.events.append(
          .trouble(.skippedRecords(file: file, count: skipped.count, reason: skipped.reason)))
      }
    }
    failing.tell(into: &batch)
    return batch
  }
}
