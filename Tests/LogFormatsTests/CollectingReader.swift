import LogFormats
import OperatingSystem
import RunLog
import TestSupport

/// A log with all that was read of it since its last restart.
struct CollectingReader {
  private var log: any LogReader
  private(set) var events: [RunEvent] = []
  private(set) var restarts = 0

  init(_ log: any LogReader) {
    self.log = log
  }

  /// Reads what has come and returns it.
  @discardableResult
  mutating func read() -> [RunEvent] {
    var new: [RunEvent] = []
    let roundsMax = 1000
    for _ in 0..<roundsMax {
      let batch = log.read()
      if batch.isRestart {
        restarts += 1
        (events, new) = ([], [])
      }
      new += batch.events
      events += batch.events
      if !batch.hasMore { break }
    }
    return new
  }

}

extension LogFormat {
  static var runDirectory: LogFormat { all[0] }
  static var eventFile: LogFormat { all[1] }

  /// All that a new reader finds.
  func readAll(_ path: String) -> [RunEvent] {
    var log = CollectingReader(open(path, LocalFileSystem(), ManualClock()))
    return log.read()
  }
}

extension [RunEvent] {
  /// Those that come from one file each, in the order of the file.
  var byFile: [[RunEvent]] {
    func only(_ isWanted: (RunEvent) -> Bool) -> [RunEvent] { filter(isWanted) }
    return [
      only { if case .manifest = $0 { true } else { false } },
      only { if case .journal = $0 { true } else { false } },
      only { if case .asked = $0 { true } else { false } },
      only {
        switch $0 {
        case .scalar, .sessionStarted, .hyperparameters, .grid, .histogram, .text: true
        default: false
        }
      },
    ]
  }

  var points: [ScalarPoint] {
    compactMap { if case .scalar(let point) = $0 { point } else { nil } }
  }

  var troubles: [LogTrouble] {
    compactMap { if case .trouble(let trouble) = $0 { trouble } else { nil } }
  }

  var livenesses: [Liveness] {
    compactMap { if case .liveness(let liveness) = $0 { liveness } else { nil } }
  }

  var engineOutput: [String]? {
    reduce(nil) { if case .engineOutput(let lines) = $1 { lines } else { $0 } }
  }

  var records: [JournalRecord.Entry] {
    compactMap { if case .journal(let record) = $0 { record.entry } else { nil } }
  }
}
