import JSONText
import OperatingSystem

/// Appends JSON records to a file that others append to or read at the same time.
///
/// A record is `\n{…}\n` in one write under `O_APPEND`: nothing is ever cut from the file, so a
/// record that was torn by a crash or a full disk costs only itself.
public struct JSONLinesWriter {
  /// Bytes of one record at most, so that one write takes it whole.
  public static let recordSizeMax = 4096

  private let files: any FileSystem
  private let file: OpenFile

  /// - Parameter permissions: for a file that does not exist yet.
  public init(
    path: String, files: any FileSystem, permissions: UInt32 = 0o666
  ) throws(SystemError) {
    self.files = files
    file = try files.open(path, for: .appending(permissions: permissions))
  }

  /// Appends a record. A record that did not go in whole is an error, and readers skip it.
  public func append(_ record: JSON) throws(SystemError) {
    var bytes: [UInt8] = [UInt8(ascii: "\n")]
    bytes += record.text(nonFinite: .token).utf8
    bytes.append(UInt8(ascii: "\n"))
    guard bytes.count <= Self.recordSizeMax else {
      throw SystemError(operation: "write to", path: file.path, code: SystemError.tooLongCode)
    }
    // Without its last line break a record is whole all the same: the next one begins with one.
    guard try files.write(bytes, to: file) >= bytes.count - 1 else {
      throw SystemError(operation: "write to", path: file.path, code: SystemError.diskFullCode)
    }
  }

  public func synchronize() throws(SystemError) {
    try files.synchronize(file)
  }

  public func close() {
    files.close(file)
  }
}

/// Reads a file of JSON records that may still grow. Holds no descriptor between two reads.
public struct JSONLinesReader {
  public let path: String
  /// Lines that were no JSON object.
  public private(set) var skippedRecords = 0

  private let files: any FileSystem
  private var identity: (device: UInt64, inode: UInt64)?
  /// Where the first line begins that was not complete yet, in bytes.
  public private(set) var offset = 0
  private let end: Int

  private static let bytesPerReadMax = 4 << 20
  private static let lineSizeMax = 1 << 20

  /// - Parameters:
  ///   - offset: where to begin, in bytes.
  ///   - end: where to stop, in bytes; what comes behind it is not read.
  public init(path: String, files: any FileSystem, offset: Int = 0, end: Int = .max) {
    self.path = path
    self.files = files
    self.offset = offset
    self.end = end
  }

  public struct Batch {
    public var records: [JSONNode] = []
    /// True when the file has more that can be read now.
    public var hasMore = false
    /// True when the file was replaced or shortened: what was read of it before is void.
    public var isRestart = false
  }

  /// The records of the complete lines that have come; nothing while the file does not exist.
  public mutating func read() throws(SystemError) -> Batch {
    var batch = Batch()
    let status: FileStatus
    do throws(SystemError) {
      status = try files.status(at: path)
    } catch  where error.isMissing {
      return batch
    }
    if let identity, identity != (status.device, status.inode) || status.size < offset {
      self = JSONLinesReader(path: path, files: files)
      batch.isRestart = true
    }
    identity = (status.device, status.inode)
    guard min(status.size, end) > offset else { return batch }
    let limit = min(Self.bytesPerReadMax, end - offset)
    let bytes = try files.contents(of: path, from: offset, limit: limit)
    batch.hasMore = bytes.count == Self.bytesPerReadMax
    consume(bytes, into: &batch.records)
    return batch
  }

  private mutating func consume(_ bytes: [UInt8], into records: inout [JSONNode]) {
    let reader = JSONReader(options: .record)
    var lineStart = 0
    while let lineEnd = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[lineStart..<lineEnd]
      lineStart = lineEnd + 1
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
      do throws(JSONError) {
        let node = try reader.read(Array(line))
        if node.members == nil { skippedRecords += 1 } else { records.append(node) }
      } catch {
        skippedRecords += 1
      }
    }
    if lineStart == 0 && bytes.count > Self.lineSizeMax {
      skippedRecords += 1
      lineStart = bytes.count
    }
    offset += lineStart
  }
}
