import OperatingSystem
import RunLog

extension LogFormat {
  /// What TensorBoard reads, whoever writes it: SummaryWriter, tensorboardX, Keras, Lightning.
  static let eventFile = LogFormat(
    name: "events", title: "TensorBoard event file",
    recognizes: { head in
      head.name.contains("tfevents")
        || EventFileParser.begins(head.bytes) && !NASBenchRecords.begins(head.bytes)
    },
    parser: { EventFileParser() })
}

extension EventFileParser: LogParser {
  var recordSizeMax: Int { EventFileParser.recordBytesMax }
  var skipped: SkippedRecords { .init(count: skippedRecords, reason: skipReason) }

  mutating func take(_ piece: LogPiece, into events: inout [RunEvent]) -> Int {
    take(piece.bytes, at: piece.offset, into: &events)
  }
}
