import OperatingSystem
import RunLog

extension LogFormat {
  /// What W&B's client keeps of a run on its machine, online and offline.
  static let wandb = LogFormat(
    name: "wandb", title: "W&B run file",
    recognizes: { $0.begins(with: Array(WandbBlocks.fileHeader.prefix(4))) },
    parser: { WandbParser() })
}

/// Reads the records of a `run-<id>.wandb` file.
struct WandbParser: LogParser {
  private(set) var skipped = SkippedRecords()
  private(set) var unreadable: (offset: Int, reason: String)?

  private var blocks = WandbBlocks()
  private var tags = NumberedTags()
  private var points: [ScalarBlock.Entry] = []
  private var newestStep: Int64 = 0
  private var name = ""
  private var config = WandbConfig()
  /// Of standard output and standard error.
  private var consoles = [ConsoleLines(), ConsoleLines()]

  /// A record that is read: where it stands, and when the file was written.
  private struct Place {
    let offset: Int
    let wallTime: Double
  }

  mutating func take(_ piece: LogPiece, into events: inout [RunEvent]) -> Int {
    guard unreadable == nil else { return piece.bytes.count }
    var start = 0
    if piece.offset == 0 {
      start = WandbBlocks.fileHeader.count
      guard piece.bytes.count >= start else { return 0 }
      guard piece.bytes.starts(with: WandbBlocks.fileHeader) else {
        unreadable = (0, "it does not begin as a W&B file of version 0 does")
        return piece.bytes.count
      }
    }
    // Out of self while it calls back.
    var blocks = self.blocks
    let used = blocks.take(
      UnsafeRawBufferPointer(rebasing: piece.bytes[start...]), at: piece.offset + start,
      damage: { reason, place in self.skipped.note(reason, at: "byte \(place)") },
      record: { record, offset in
        self.read(record, Place(offset: offset, wallTime: piece.wallTime), into: &events)
      })
    self.blocks = blocks
    flush(into: &events)
    return start + used
  }

  private mutating func flush(into events: inout [RunEvent]) {
    guard !points.isEmpty else { return }
    events.append(.scalars(ScalarBlock(tags: tags.names, entries: points)))
    points.removeAll(keepingCapacity: true)
  }

  private mutating func read(
    _ record: UnsafeRawBufferPointer, _ place: Place, into events: inout [RunEvent]
  ) {
    do throws(ProtobufReader.Malformed) {
      var reader = ProtobufReader(record)
      while let (field, value) = try reader.next() {
        guard let message = value.data else { continue }
        switch field {
        case 2: take(try WandbHistory(message), place)
        case 4, 13: try readOutput(message, place, into: &events)
        case 5: try readConfig(message, into: &events)
        case 17: try readRun(message, into: &events)
        case 18: try readExit(message, into: &events)
        default: continue
        }
      }
    } catch {
      skipped.note("it is no record of W&B", at: "byte \(place.offset)")
    }
  }

  private mutating func take(_ history: WandbHistory, _ place: Place) {
    if history.brokenCount > 0 {
      skipped.note("a value is no JSON", at: "byte \(place.offset)")
    }
    guard let step = history.step else {
      if !history.numbers.isEmpty {
        skipped.note("a step has no number", at: "byte \(place.offset)")
      }
      return
    }
    newestStep = max(newestStep, step)
    for (tag, value) in history.numbers {
      guard let number = tags.number(of: tag) else {
        skipped.note("there are too many metrics", at: "byte \(place.offset)")
        continue
      }
      points.append(
        .init(
          tag: number, step: step, wallTime: history.wallTime ?? place.wallTime,
          value: Float(value)))
    }
  }

  private mutating func readConfig(
    _ message: UnsafeRawBufferPointer, into events: inout [RunEvent]
  ) throws(ProtobufReader.Malformed) {
    guard try config.take(message) else { return }
    flush(into: &events)
    events.append(.hyperparameters(config.hyperparameters))
  }

  /// RunRecord: it comes again whenever something about the run changed.
  private mutating func readRun(
    _ message: UnsafeRawBufferPointer, into events: inout [RunEvent]
  ) throws(ProtobufReader.Malformed) {
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      if field == 4, let config = value.data { try readConfig(config, into: &events) }
      guard field == 8, let new = value.string, !new.isEmpty, new != name else { continue }
      name = new
      flush(into: &events)
      events.append(.named(name))
    }
  }

  /// RunExitRecord.
  private mutating func readExit(
    _ message: UnsafeRawBufferPointer, into events: inout [RunEvent]
  ) throws(ProtobufReader.Malformed) {
    var code: Int64 = 0
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      if field == 1 { code = value.integer ?? code }
    }
    flush(into: &events)
    events.append(.outcome(code == 0 ? .finished : .failed))
  }

  /// OutputRecord and OutputRawRecord: what was printed, in pieces of any size.
  private mutating func readOutput(
    _ message: UnsafeRawBufferPointer, _ place: Place, into events: inout [RunEvent]
  ) throws(ProtobufReader.Malformed) {
    let standardOutput: Int64 = 1
    var stream = 0
    var wallTime = place.wallTime
    var text = UnsafeRawBufferPointer(start: nil, count: 0)
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: stream = value.integer == standardOutput ? 1 : 0
      case 2: wallTime = try value.data.flatMap(Self.seconds) ?? wallTime
      case 3: text = value.data ?? text
      default: continue
      }
    }
    var lines: [String] = []
    consoles[stream].take(text) { lines.append($0) }
    guard !lines.isEmpty else { return }
    flush(into: &events)
    events += lines.map { .line(step: newestStep, wallTime: wallTime, $0) }
  }

  /// google.protobuf.Timestamp.
  private static func seconds(
    _ message: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> Double? {
    var (seconds, nanoseconds): (Int64, Int64) = (0, 0)
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      if field == 1 { seconds = value.integer ?? 0 }
      if field == 2 { nanoseconds = value.integer ?? 0 }
    }
    return seconds > 0 ? Double(seconds) + Double(nanoseconds) * 1e-9 : nil
  }
}
