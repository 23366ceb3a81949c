import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

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
      new += batch.events.separated
      events += batch.events.separated
      if !batch.hasMore { break }
    }
    return new
  }

}

extension LogFormat {
  /// A new reader of the only run in a place.
  func open(_ path: String, clock: any Clock = ManualClock()) throws -> CollectingReader {
    let place = try LogPlace(path, files: LocalFileSystem(), clock: clock)
    let runs = try found(in: place, name: "run", isForced: true)
    return CollectingReader(try #require(runs.first).open())
  }

  /// All that a new reader finds.
  func readAll(_ path: String) throws -> [RunEvent] {
    var log = try open(path)
    return log.read()
  }

  func recognizes(_ path: String) throws -> Bool {
    recognizes(try LogPlace(path, files: LocalFileSystem(), clock: ManualClock()))
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
        case .scalars, .sessionStarted, .hyperparameters, .grid, .histogram, .text: true
        default: false
        }
      },
    ]
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
