import Glibc
import OperatingSystem

/// A directory that is gone, with all that is in it, when its last owner is.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/nntop-training-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SystemError(operation: "create", path: "a temporary directory", code: errno)
    }
    path = template.withUnsafeBufferPointer { characters in
      String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  deinit {
    do throws(SystemError) { try Self.remove(path) } catch {}  // /tmp is cleaned by others too
  }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = Path.join(path, name)
    try LocalFileSystem().replace(file, with: bytes)
    return file
  }

  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  static func remove(_ path: String) throws(SystemError) {
    let files = LocalFileSystem()
    for name in try files.entries(of: path) {
      let inner = Path.join(path, name)
      if files.isDirectory(inner) { try remove(inner) } else { try files.remove(inner) }
    }
    try files.removeDirectory(path)
  }

  /// Copies a directory with all that is in it.
  static func copy(_ path: String, to copy: String) throws(SystemError) {
    let files = LocalFileSystem()
    try files.createDirectory(copy, permissions: 0o777)
    for name in try files.entries(of: path) {
      let (from, to) = (Path.join(path, name), Path.join(copy, name))
      if files.isDirectory(from) {
        try self.copy(from, to: to)
      } else {
        let file = try files.open(to, for: .creating(permissions: 0o666))
        defer { files.close(file) }
        try files.writeAll(try files.contents(of: from, limit: 1 << 30), to: file)
      }
    }
  }
}
