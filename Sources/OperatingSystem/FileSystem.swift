import CSystem
import Glibc

/// How a file is opened.
public enum FileAccess: Sendable {
  case reading
  /// Every write goes to the end of the file (`O_APPEND`); created when missing.
  case appending(permissions: UInt32)
  /// A new file; fails when the name exists. Links are not followed.
  case creating(permissions: UInt32)
}

/// A file that is open. Owned by whoever opened it, who closes it.
public struct OpenFile: Sendable, Equatable {
  public let descriptor: Int32
  public let path: String

  public init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }
}

/// What is known of a name without opening it.
public struct FileStatus: Sendable, Equatable {
  public enum Kind: Sendable { case file, directory, other }
  public let kind: Kind
  /// Bytes.
  public let size: Int
  public let inode: UInt64
  public let device: UInt64
  public let owner: UInt32
  /// Seconds since 1970.
  public let modifiedSeconds: Double
}

/// The files of a machine, as a protocol so that a test can make any call fail.
public protocol FileSystem: Sendable {
  func open(_ path: String, for access: FileAccess) throws(SystemError) -> OpenFile
  /// Reads at most `buffer.count` bytes from `offset`; 0 at the end of the file.
  func read(
    _ file: OpenFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Int
  /// Writes some of the bytes and says how many.
  func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(SystemError) -> Int
  /// Returns when the data is on the disk (`fdatasync`).
  func synchronize(_ file: OpenFile) throws(SystemError)
  func close(_ file: OpenFile)
  func status(of file: OpenFile) throws(SystemError) -> FileStatus
  func status(at path: String) throws(SystemError) -> FileStatus
  func rename(_ path: String, to newPath: String) throws(SystemError)
  func remove(_ path: String) throws(SystemError)
  func removeDirectory(_ path: String) throws(SystemError)
  func createDirectory(_ path: String, permissions: UInt32) throws(SystemError)
  /// Names in a directory without "." and "..", sorted.
  func entries(of path: String) throws(SystemError) -> [String]
  /// Makes names created or renamed in a directory durable.
  func synchronizeDirectory(_ path: String) throws(SystemError)
}

/// The real files.
public struct LocalFileSystem: FileSystem {
  public init() {}

  public func open(_ path: String, for access: FileAccess) throws(SystemError) -> OpenFile {
    let descriptor: Int32
    switch access {
    case .reading:
      // A FIFO that somebody put in a log's place must not make us wait for its writer.
      descriptor = retrying { nn_open(path, O_RDONLY | O_NONBLOCK, 0) }
    case .appending(let permissions):
      descriptor = retrying { nn_open(path, O_RDWR | O_APPEND | O_CREAT, permissions) }
    case .creating(let permissions):
      descriptor = retrying {
        nn_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, permissions)
      }
    }
    guard descriptor >= 0 else {
      throw SystemError(operation: "open", path: path, code: errno)
    }
    return OpenFile(descriptor: descriptor, path: path)
  }

  public func read(
    _ file: OpenFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Int {
    let count = retrying { pread(file.descriptor, buffer.baseAddress, buffer.count, offset) }
    guard count >= 0 else { throw SystemError(operation: "read", path: file.path, code: errno) }
    return count
  }

  public func write(
    _ bytes: UnsafeRawBufferPointer, to file: OpenFile
  ) throws(SystemError) -> Int {
    let count = retrying { Glibc.write(file.descriptor, bytes.baseAddress, bytes.count) }
    guard count >= 0 else {
      throw SystemError(operation: "write to", path: file.path, code: errno)
    }
    return count
  }

  public func synchronize(_ file: OpenFile) throws(SystemError) {
    guard retrying({ fdatasync(file.descriptor) }) == 0 else {
      throw SystemError(operation: "synchronize", path: file.path, code: errno)
    }
  }

  public func close(_ file: OpenFile) {
    _ = Glibc.close(file.descriptor)
  }

  public func status(of file: OpenFile) throws(SystemError) -> FileStatus {
    var information = stat()
    guard fstat(file.descriptor, &information) == 0 else {
      throw SystemError(operation: "examine", path: file.path, code: errno)
    }
    return FileStatus(information)
  }

  public func status(at path: String) throws(SystemError) -> FileStatus {
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw SystemError(operation: "open", path: path, code: errno)
    }
    return FileStatus(information)
  }

  public func rename(_ path: String, to newPath: String) throws(SystemError) {
    guard Glibc.rename(path, newPath) == 0 else {
      throw SystemError(operation: "rename to", path: newPath, code: errno)
    }
  }

  public func remove(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 else {
      throw SystemError(operation: "remove", path: path, code: errno)
    }
  }

  public func removeDirectory(_ path: String) throws(SystemError) {
    guard rmdir(path) == 0 else {
      throw SystemError(operation: "remove", path: path, code: errno)
    }
  }

  public func createDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
    guard mkdir(path, permissions) == 0 else {
      throw SystemError(operation: "create", path: path, code: errno)
    }
  }

  public func entries(of path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else {
      throw SystemError(operation: "list", path: path, code: errno)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  public func synchronizeDirectory(_ path: String) throws(SystemError) {
    let directory = try open(path, for: .reading)
    defer { close(directory) }
    guard retrying({ fsync(directory.descriptor) }) == 0 else {
      throw SystemError(operation: "synchronize", path: path, code: errno)
    }
  }

  /// Repeats a call that a signal interrupted.
  private func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}

extension FileStatus {
  init(_ information: stat) {
    switch information.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .directory
    default: kind = .other
    }
    size = Int(information.st_size)
    inode = UInt64(information.st_ino)
    device = UInt64(information.st_dev)
    owner = information.st_uid
    modifiedSeconds =
      Double(information.st_mtim.tv_sec) + Double(information.st_mtim.tv_nsec) * 1e-9
  }
}
