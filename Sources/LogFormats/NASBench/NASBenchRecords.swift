import RunLog

/// Takes the rows of the published table from its bytes, as they come.
struct NASBenchRecords: Sendable {
  private(set) var skipped = SkippedRecords()
  /// Set when the file cannot be read on: where and why.
  private(set) var unreadable: (offset: Int, reason: String)?

  /// Bytes of the longest record.
  static let recordSizeMax = TFRecord.recordSizeMax

  /// Whether bytes begin with a record of an array that begins with a string: no event does.
  static func begins(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      guard TFRecord.beginsRecord(bytes) else { return false }
      return bytes.dropFirst(TFRecord.headerSize).prefix(2).elementsEqual("[\"".utf8)
    }
  }

  /// Takes the complete rows of some bytes; returns how many bytes they took.
  /// - Parameter offset: where in the file the bytes begin, for what is said of damage.
  mutating func take(
    _ bytes: UnsafeRawBufferPointer, at offset: Int,
    use: (NASBenchRow) throws(NASBenchRow.Malformed)
      -> Void
  ) -> Int {
    guard unreadable == nil else { return bytes.count }
    var position = 0
    while true {
      switch TFRecord.examine(bytes, at: position) {
      case .incomplete: return position
      case .unreadable(let reason):
        unreadable = (offset + position, reason)
        return bytes.count
      case .damaged(let next):
        skipped.note("a checksum is wrong", at: "byte \(offset + position)")
        position = next
      case .record(let payload, let next):
        do throws(NASBenchRow.Malformed) {
          try use(try NASBenchRow(UnsafeRawBufferPointer(rebasing: bytes[payload])))
        } catch {
          skipped.note(error.reason, at: "byte \(offset + position)")
        }
        position = next
      }
    }
  }
}
