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
  /// Lines that were no JSON object.
  public private(set) var skippedRecords = 0

  private var file: GrowingFile
  private let end: Int

  private static let bytesPerReadMax = 4 << 20
  private static let lineSizeMax = 1 << 20

  /// - Parameters:
  ///   - offset: where to begin, in bytes.
  ///   - end: where to stop, in bytes; what comes behind it is not read.
  public init(path: String, files: any FileSystem, offset: Int = 0, end: Int = .max) {
    file = GrowingFile(path: path, files: files, offset: offset)
    self.end = end
  }

  public var path: String { file.path }
  /// Where the first line begins that was not complete yet, in bytes.
  public var offset: Int { file.offset }

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
    do throws(SystemError) {
      let bytesMax = min(Self.bytesPerReadMax, max(0, end - offset))
      let reading = try file.read(bytesMax: bytesMax, recordSizeMax: bytesMax) { piece in
        Self.consume(piece.bytes, into: &batch.records, skipped: &skippedRecords)
      }
      if reading.isRestart {
        skippedRecords = 0
        batch = try read()
        batch.isRestart = true
        return batch
      }
      batch.hasMore = reading.hasMore && bytesMax == Self.bytesPerReadMax
    } catch  where error.isMissing {
      return batch
    }
    return batch
  }

  /// The records of complete lines; how many bytes they took.
  private static func consume(
    _ bytes: UnsafeRawBufferPointer, into records: inout [JSONNode], skipped: inout Int
  ) -> Int {
    let reader = JSONReader(options: .record)
    var lineStart = 0
    while let lineEnd = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[lineStart..<lineEnd]
      lineStart = lineEnd + 1
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
      do throws(JSONError) {
        let node = try reader.read(Array(line))
        if node.members == nil { skipped += 1 } else { records.append(node) }
      } catch {
        skipped += 1
      }
    }
    if lineStart == 0 && bytes.count > lineSizeMax {
      skipped += 1
      lineStart = bytes.count
    }
    return lineStart
  }
}
