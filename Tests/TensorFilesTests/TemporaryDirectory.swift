import Glibc
import OperatingSystem

/// A directory that is gone, with its files, when the last owner is.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/nntop-tensorfiles-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SystemError(operation: "create", path: "a temporary directory", code: errno)
    }
    path = template.withUnsafeBufferPointer { characters in
      String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  deinit {
    for name in names { LocalFileSystem().discard(path + "/" + name) }
    rmdir(path)
  }

  /// The files in it.
  var names: [String] {
    do { return try LocalFileSystem().entries(of: path) } catch { return ["\(error)"] }
  }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try LocalFileSystem().replace(file, with: bytes)
    return file
  }

  /// A file of that size that takes no room.
  func sparseFile(_ name: String, beginning bytes: [UInt8], size: Int) throws -> String {
    let file = try self.file(name, bytes)
    guard truncate(file, size) == 0 else {
      throw SystemError(operation: "extend", path: file, code: errno)
    }
    return file
  }

  func bytes(of name: String) throws -> [UInt8] {
    try LocalFileSystem().contents(of: path + "/" + name, limit: 1 << 30)
  }
}

/// Bytes from "01 fF" or "01fF".
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}
