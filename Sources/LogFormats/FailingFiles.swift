import RunLog

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
