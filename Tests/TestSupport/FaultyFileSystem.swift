import Glibc
import OperatingSystem
import Synchronization

/// The real files, except for the calls that a test wants to go wrong.
public final class FaultyFileSystem: FileSystem {
  public enum Call: Sendable, CaseIterable {
    case open, read, write, synchronize, statusOfFile, statusAtPath, rename, remove
    case removeDirectory, createDirectory, entries, synchronizeDirectory
  }

  public enum Fault: Sendable {
    /// Throws with this `errno` value and does nothing.
    case failure(code: Int32)
    /// Reads or writes at most so many bytes.
    case short(bytes: Int)
  }

  private struct Rule {
    let call: Call?
    let numbers: Range<Int>
    let fault: Fault
  }

  private struct State {
    var rules: [Rule] = []
    var calls: [Call] = []
    var openDescriptors: Set<Int32> = []
  }

  private let local = LocalFileSystem()
  private let state = Mutex(State())

  public init() {}

  /// Makes the n-th calls of a kind go wrong, counted from 0 and from the file system's making.
  /// - Parameter call: nil counts calls of every kind.
  public func fail(_ call: Call?, _ numbers: Range<Int>, with fault: Fault) {
    state.withLock { $0.rules.append(Rule(call: call, numbers: numbers, fault: fault)) }
  }

  /// Makes all further calls of a kind go wrong.
  public func fail(_ call: Call, with fault: Fault) {
    fail(call, 0..<Int.max, with: fault)
  }

  /// From now on all goes well.
  public func heal() {
    state.withLock { $0.rules = [] }
  }

  /// All calls so far but `close`, in order.
  public var calls: [Call] { state.withLock { $0.calls } }

  /// Files that were opened and not closed.
  public var openFileCount: Int { state.withLock { $0.openDescriptors.count } }

  /// Counts a call; returns how many bytes it may move.
  private func begin(_ call: Call, _ path: String) throws(SystemError) -> Int {
    let fault = state.withLock { state -> Fault? in
      let sameKind = state.calls.count { $0 == call }
      let rule = state.rules.first {
        $0.call == nil
          ? $0.numbers.contains(state.calls.count)
          : $0.call == call && $0.numbers.contains(sameKind)
      }
      state.calls.append(call)
      return rule?.fault
    }
    switch fault {
    case .failure(let code): throw SystemError(operation: "\(call)", path: path, code: code)
    case .short(let bytes): return bytes
    case nil: return .max
    }
  }

  public func open(_ path: String, for access: FileAccess) throws(SystemError) -> OpenFile {
    _ = try begin(.open, path)
    let file = try local.open(path, for: access)
    state.withLock { _ = $0.openDescriptors.insert(file.descriptor) }
    return file
  }

  public func read(
    _ file: OpenFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Int {
    let count = min(try begin(.read, file.path), buffer.count)
    return try local.read(
      file, at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
  }

  public func write(
    _ bytes: UnsafeRawBufferPointer, to file: OpenFile
  ) throws(SystemError) -> Int {
    let count = min(try begin(.write, file.path), bytes.count)
    return try local.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: file)
  }

  public func synchronize(_ file: OpenFile) throws(SystemError) {
    _ = try begin(.synchronize, file.path)
    try local.synchronize(file)
  }

  public func close(_ file: OpenFile) {
    state.withLock { _ = $0.openDescriptors.remove(file.descriptor) }
    local.close(file)
  }

  public func status(of file: OpenFile) throws(SystemError) -> FileStatus {
    _ = try begin(.statusOfFile, file.path)
    return try local.status(of: file)
  }

  public func status(at path: String) throws(SystemError) -> FileStatus {
    _ = try begin(.statusAtPath, path)
    return try local.status(at: path)
  }

  public func rename(_ path: String, to newPath: String) throws(SystemError) {
    _ = try begin(.rename, newPath)
    try local.rename(path, to: newPath)
  }

  public func remove(_ path: String) throws(SystemError) {
    _ = try begin(.remove, path)
    try local.remove(path)
  }

  public func removeDirectory(_ path: String) throws(SystemError) {
    _ = try begin(.removeDirectory, path)
    try local.removeDirectory(path)
  }

  public func createDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
    _ = try begin(.createDirectory, path)
    try local.createDirectory(path, permissions: permissions)
  }

  public func entries(of path: String) throws(SystemError) -> [String] {
    _ = try begin(.entries, path)
    return try local.entries(of: path)
  }

  public func synchronizeDirectory(_ path: String) throws(SystemError) {
    _ = try begin(.synchronizeDirectory, path)
    try local.synchronizeDirectory(path)
  }
}
