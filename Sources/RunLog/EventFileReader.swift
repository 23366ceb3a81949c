import OperatingSystem

/// Reads an event file that may still grow: every call returns what has come since the last.
/// Holds no descriptor between two calls, so that thousands of files can be followed.
public struct EventFileReader {
  public let path: String
  /// Records skipped because their checksum or their message was wrong.
  public private(set) var skippedRecords = 0
  /// Set when the file cannot be read on: where and why.
  public private(set) var unreadable: (offset: Int, reason: String)?
  /// Where the next record begins.
  public private(set) var offset = 0

  private let files: any FileSystem
  private var identity: (device: UInt64, inode: UInt64)?

  /// Bytes that one call reads at most.
  public static let bytesPerReadMax = 8 << 20

  public init(path: String, files: any FileSystem) {
    self.path = path
    self.files = files
  }

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
    let status = try files.status(at: path)
    if let identity, identity != (status.device, status.inode) || status.size < offset {
      self = EventFileReader(path: path, files: files)
      batch.isRestart = true
    }
    guard unreadable == nil, status.size > offset else { return batch }
    identity = (status.device, status.inode)
    let file = try files.open(path, for: .reading)
    defer { files.close(file) }
    var wanted = bytesMax
    while true {
      let bytes = try files.contents(of: file, from: offset, limit: wanted)
      let used = bytes.withUnsafeBytes { consume($0, into: &batch.events) }
      offset += used
      batch.hasMore = bytes.count == wanted && unreadable == nil
      // One record may be longer than what was read.
      let recordMax = TFRecord.payloadSizeMax + TFRecord.headerSize + TFRecord.footerSize
      guard used == 0, batch.hasMore, wanted < recordMax else { return batch }
      wanted = min(wanted * 4, recordMax)
    }
  }

  /// Reads the complete records of some bytes; returns how many bytes they took.
  private mutating func consume(
    _ bytes: UnsafeRawBufferPointer, into events: inout [RunEvent]
  ) -> Int {
    var position = 0
    while true {
      switch TFRecord.examine(bytes, at: position) {
      case .incomplete:
        return position
      case .unreadable(let reason):
        unreadable = (offset + position, reason)
        return position
      case .damaged(let next):
        skippedRecords += 1
        position = next
      case .record(let payload, let next):
        do throws(ProtobufReader.Malformed) {
          events += try EventMessage.read(UnsafeRawBufferPointer(rebasing: bytes[payload]))
        } catch {
          skippedRecords += 1
        }
        position = next
      }
    }
  }
}
