import Glibc
import OperatingSystem

/// A directory of a test's own, gone with all that is in it when the last owner is.
public final class TemporaryDirectory: Sendable {
  /// Absolute and without links.
  public let path: String

  public init() throws {
    var template = Array("/tmp/nntop-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SystemError(operation: "create", path: "a temporary directory", code: errno)
    }
    let characters = template.dropLast().map { UInt8(bitPattern: $0) }
    path = Path.resolved(String(decoding: characters, as: UTF8.self))
  }

  deinit {
    Self.remove(path, depth: 0)
  }

  /// The path of a name in it.
  public func path(_ name: String) -> String {
    Path.join(path, name)
  }

  /// The names in it, sorted.
  public var names: [String] {
    get throws { try LocalFileSystem().entries(of: path) }
  }

  /// Makes a file with the bytes given, or gives the one that is there those bytes, and returns
  /// its path. The file keeps its inode.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    let files = LocalFileSystem()
    let file = try files.open(path(name), for: .appending(permissions: 0o666))
    defer { files.close(file) }
    guard ftruncate(file.descriptor, 0) == 0 else {
      throw SystemError(operation: "empty", path: file.path, code: errno)
    }
    try files.writeAll(bytes, to: file)
    return file.path
  }

  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  /// Adds bytes to the end of a file.
  public func append(_ bytes: [UInt8], to name: String) throws {
    let files = LocalFileSystem()
    let file = try files.open(path(name), for: .appending(permissions: 0o666))
    defer { files.close(file) }
    try files.writeAll(bytes, to: file)
  }

  public func bytes(of name: String) throws -> [UInt8] {
    try LocalFileSystem().contents(of: path(name), limit: 1 << 30)
  }

  public func text(of name: String) throws -> String {
    String(decoding: try bytes(of: name), as: UTF8.self)
  }

  /// Removes a tree without following links; what cannot be removed stays.
  private static func remove(_ path: String, depth: Int) {
    let depthMax = 32
    if unlink(path) == 0 || depth > depthMax { return }
    do {
      for name in try LocalFileSystem().entries(of: path) {
        remove(Path.join(path, name), depth: depth + 1)
      }
    } catch { return }
    rmdir(path)
  }
}
