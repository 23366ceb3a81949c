import JSONText
import OperatingSystem
import RunLog

/// What a search's journal tells its workers: which candidates wait for one, and whether the
/// search goes on.
struct SearchBoard {
  private var journal: JSONLinesReader
  /// Sessions of the coordinator so far.
  private(set) var sessions = 0
  private(set) var phase: JournalRecord.Phase.Name?
  /// The sessions that each waiting candidate had, by its id.
  private(set) var waiting: [String: Int] = [:]

  init(_ directory: RunDirectory, files: any FileSystem) {
    journal = JSONLinesReader(path: directory.journalPath, files: files)
  }

  mutating func look() throws(SystemError) {
    while true {
      let batch = try journal.read()
      for node in batch.records {
        guard let record = JournalRecord(node) else { continue }
        if case .phase(let phase) = record.entry {
          if phase.name == .starting { sessions += 1 }
          self.phase = phase.name
        }
        if let told = CandidateRecord(record) { take(told) }
      }
      if !batch.hasMore { return }
    }
  }

  private mutating func take(_ told: CandidateRecord) {
    guard let phase = told.phase else { return }
    waiting[told.id] = phase == .waiting ? told.starts ?? 0 : nil
  }

  var isOver: Bool {
    switch phase {
    case .finished, .failed, .stopped: true
    default: false
    }
  }

  /// Waiting candidates, the first that were handed out first.
  var queue: [(id: String, starts: Int)] {
    waiting.map { (id: $0.key, starts: $0.value) }
      .sorted { (Int($0.id) ?? .max, $0.id) < (Int($1.id) ?? .max, $1.id) }
  }
}
