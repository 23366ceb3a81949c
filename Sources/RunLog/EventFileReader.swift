import OperatingSystem

/// Reads an event file that may still grow: every call returns what has come since the last.
public struct EventFileReader {
  /// Bytes that one call reads at most: small enough that memory is used again instead of being
  /// mapped anew, which costs more than the calls.
  public static let bytesPerReadMax = 1 << 16

  private var file: GrowingFile
  private var parser = EventFileParser()

  public init(path: String, files: any FileSystem) {
    file = GrowingFile(path: path, files: files)
  }

  public var path: String { file.path }
  /// Where the next record begins.
  public var offset: Int { file.offset }
  /// Bytes of the file when it was looked at last.
  public var size: Int { file.status?.size ?? 0 }
  /// Records skipped because their checksum or their message was wrong.
  public var skippedRecords: Int { parser.skippedRecords }
  /// What was wrong with the first of them, and where.
  public var skipReason: String { parser.skipReason }
  /// Set when the file cannot be read on: where and why.
  public var unreadable: (offset: Int, reason: String)? { parser.unreadable }

  /// What a call found.
  public struct Batch {
    public var events: [RunEvent] = []
    /// True when the file has more that can be read now.
    public var hasMore = false
    /// True when the file was replaced or shortened: what was read of it before is void.
    public var isRestart = false
  }

  /// The events of the complete records that have come. A record that is not whole yet is left for
  /// the next call.
  public mutating func read(bytesMax: Int = bytesPerReadMax) throws(SystemError) -> Batch {
    var batch = Batch()
    let recordSizeMax = EventFileParser.recordBytesMax
    let reading = try file.read(bytesMax: bytesMax, recordSizeMax: recordSizeMax) { piece in
      parser.take(piece.bytes, at: piece.offset, into: &batch.events)
    }
    if reading.isRestart {
      parser = EventFileParser()
      batch = try read(bytesMax: bytesMax)
      batch.isRestart = true
      return batch
    }
    batch.hasMore = reading.hasMore && parser.unreadable == nil
    return batch
  }
}
