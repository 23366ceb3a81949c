import OperatingSystem

/// The real files, with somebody who is told before every call that changes something, and who may
/// let it fail. For one engine, which uses its files from one thread.
final class WatchedFileSystem: FileSystem, @unchecked Sendable {
  struct Change {
    enum Kind { case create, append, write, synchronize, rename, remove }
    var kind: Kind
    var path: String
    var bytes: [UInt8] = []

    func fails(_ code: Int32) -> SystemError {
      SystemError(operation: "write to", path: path, code: code)
    }
  }

  /// Told before the change; what it throws is the call's failure.
  var onChange: ((Change) throws(SystemError) -> Void)?
  /// Told before a file is opened to be read.
  var onRead: ((String) throws(SystemError) -> Void)?

  private let local = LocalFileSystem()

  private func tell(_ kind: Change.Kind, _ path: String) throws(SystemError) {
    try onChange?(Change(kind: kind, path: path))
  }

  func open(_ path: String, for access: FileAccess) throws(SystemError) -> OpenFile {
    switch access {
    case .reading: try onRead?(path)
    case .appending: try tell(.append, path)
    case .creating: try tell(.create, path)
    }
    return try local.open(path, for: access)
  }

  func read(
    _ file: OpenFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Int {
    try local.read(file, at: offset, into: buffer)
  }

  func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(SystemError) -> Int {
    if let onChange {
      try onChange(Change(kind: .write, path: file.path, bytes: Array(bytes)))
    }
    return try local.write(bytes, to: file)
  }

  func synchronize(_ file: OpenFile) throws(SystemError) {
    try tell(.synchronize, file.path)
    try local.synchronize(file)
  }

  func close(_ file: OpenFile) { local.close(file) }

  func status(of file: OpenFile) throws(SystemError) -> FileStatus { try local.status(of: file) }

  func status(at path: String) throws(SystemError) -> FileStatus { try local.status(at: path) }

  func rename(_ path: String, to newPath: String) throws(SystemError) {
    try tell(.rename, newPath)
    try local.rename(path, to: newPath)
  }

  func remove(_ path: String) throws(SystemError) {
    try tell(.remove, path)
    try local.remove(path)
  }

  func removeDirectory(_ path: String) throws(SystemError) {
    try tell(.remove, path)
    try local.removeDirectory(path)
  }

  func createDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
    try tell(.create, path)
    try local.createDirectory(path, permissions: permissions)
  }

  func entries(of path: String) throws(SystemError) -> [String] { try local.entries(of: path) }

  func synchronizeDirectory(_ path: String) throws(SystemError) {
    try tell(.synchronize, path)
    try local.synchronizeDirectory(path)
  }
}
