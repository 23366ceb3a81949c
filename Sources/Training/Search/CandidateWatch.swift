import JSONText
import OperatingSystem
import RunLog

/// Follows the run of a candidate from outside: its journal, and its newest score.
struct CandidateWatch {
  private let directory: RunDirectory
  private let files: any FileSystem
  private let tag: String
  private var journal: JSONLinesReader
  private var events: EventFileReader?
  private var stepsPerEpoch = 0.0

  /// Sessions that were begun.
  private(set) var starts = 0
  private(set) var phase: JournalRecord.Phase?
  /// The metric's newest value, at some step.
  private(set) var score: Double?
  private(set) var epochs = 0.0
  /// Of all sessions together.
  private(set) var trainedSeconds = 0.0
  private var startedAt: Double?
  /// Of each layer that mixes operations what would be chosen for its edges, the newest, in the
  /// layers' order.
  private var chosen: [(layer: String, words: [String])] = []

  /// What a supernet came to.
  var derivedWords: [String] { chosen.flatMap(\.words) }

  /// - Parameter tag: of the metric that it is judged by.
  init(_ directory: RunDirectory, tag: String, files: any FileSystem) {
    self.directory = directory
    self.files = files
    self.tag = tag
    journal = JSONLinesReader(path: directory.journalPath, files: files)
  }

  var isHeld: Bool { FileLock.probe(directory.lockPath) == .held }

  /// Takes up what is new.
  mutating func look() throws(SystemError) {
    while true {
      let batch = try journal.read()
      for node in batch.records {
        guard let record = JournalRecord(node) else { continue }
        if case .other(Engine.architectureKind, let json) = record.entry { take(json) }
        guard case .phase(let phase) = record.entry else { continue }
        if phase.name == .starting {
          starts += 1
          startedAt = record.wallTime
        }
        if let startedAt, [.finished, .failed, .stopped].contains(phase.name) {
          trainedSeconds += max(0, record.wallTime - startedAt)
          self.startedAt = nil
        }
        self.phase = phase
        if let steps = phase.stepsPerEpoch { stepsPerEpoch = Double(steps) }
      }
      if !batch.hasMore { break }
    }
    try lookAtEvents()
  }

  private mutating func take(_ json: JSON) {
    guard let layer = json["layer"]?.string else { return }
    let words = (json["chosen"]?.array ?? []).compactMap(\.string)
    if let place = chosen.firstIndex(where: { $0.layer == layer }) {
      chosen[place].words = words
    } else {
      chosen.append((layer, words))
    }
  }

  /// Reads the event files one behind the other: each session of the engine has one.
  private mutating func lookAtEvents() throws(SystemError) {
    let names = try directory.eventFiles(files).map { Path.join(directory.path, $0) }
    var place = events.flatMap { names.firstIndex(of: $0.path) } ?? 0
    while names.indices.contains(place) {
      if events?.path != names[place] {
        events = EventFileReader(path: names[place], files: files)
      }
      while let batch = try events?.read() {
        for case .scalars(let block) in batch.events { take(block) }
        if !batch.hasMore { break }
      }
      place += 1
    }
  }

  private mutating func take(_ block: ScalarBlock) {
    for point in block.points where point.tag == tag {
      score = Double("\(point.value)")
      epochs = stepsPerEpoch > 0 ? Double(point.step) / stepsPerEpoch : 0
    }
  }
}
