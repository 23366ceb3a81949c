import Glibc
import OperatingSystem
import Synchronization

/// The real files, except that one call fails, that reads and writes move few bytes at a time, and
/// that files end before their size says so, as those do that are cut while they are read.
final class FaultyFileSystem: FileSystem {
  private let local = LocalFileSystem()
  private let remaining: Mutex<Int>
  private let code: Int32
  private let pieceMax: Int
  private let readableMax: Int

  /// - Parameters:
  ///   - callsBeforeFailure: how many calls succeed; the next one fails, and no other.
  ///   - code: the errno value of the failure.
  ///   - pieceMax: the most bytes one read or write moves.
  ///   - readableMax: where every file ends for reads.
  init(
    callsBeforeFailure: Int = .max, code: Int32 = ENOSPC, pieceMax: Int = .max,
    readableMax: Int = .max
  ) {
    remaining = Mutex(callsBeforeFailure)
    self.code = code
    self.pieceMax = pieceMax
    self.readableMax = readableMax
  }

  /// Whether the call that was to fail was reached.
  var hasFailed: Bool { remaining.withLock { $0 < 0 } }

  private func call(_ operation: String, _ path: String) throws(SystemError) {
    let fails = remaining.withLock { remaining in
      remaining -= 1
      return remaining == -1
    }
    if fails { throw SystemError(operation: operation, path: path, code: code) }
  }

  func open(_ path: String, for access: FileAccess) throws(SystemError) -> OpenFile {
    try call("open", path)
    return try local.open(path, for: access)
  }

  func read(
    _ file: OpenFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Int {
    try call("read", file.path)
    let count = max(0, min(buffer.count, pieceMax, readableMax - offset))
    if count == 0 { return 0 }
    let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    return try local.read(file, at: offset, into: piece)
  }

  func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(SystemError) -> Int {
    try call("write to", file.path)
    let piece = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, pieceMax)])
    return try local.write(piece, to: file)
  }

  func synchronize(_ file: OpenFile) throws(SystemError) {
    try call("synchronize", file.path)
    try local.synchronize(file)
  }

  func close(_ file: OpenFile) { local.close(file) }

  func status(of file: OpenFile) throws(SystemError) -> FileStatus {
    try call("examine", file.path)
    return try local.status(of: file)
  }

  func status(at path: String) throws(SystemError) -> FileStatus {
    try call("open", path)
    return try local.status(at: path)
  }

  func rename(_ path: String, to newPath: String) throws(SystemError) {
    try call("rename to", newPath)
    try local.rename(path, to: newPath)
  }

  func remove(_ path: String) throws(SystemError) { try local.remove(path) }

  func removeDirectory(_ path: String) throws(SystemError) { try local.removeDirectory(path) }

  func createDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
    try local.createDirectory(path, permissions: permissions)
  }

  func entries(of path: String) throws(SystemError) -> [String] { try local.entries(of: path) }

  func synchronizeDirectory(_ path: String) throws(SystemError) {
    try call("synchronize", path)
    try local.synchronizeDirectory(path)
  }
}
