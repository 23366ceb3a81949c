import OperatingSystem
import TestSupport

/// A file of the package, read.
struct SourceFile {
  /// Below the package's root: "Sources/RunLog/RunEvent.swift".
  let path: String
  let text: String

  var name: String { Path.name(of: path) }
  var isSwift: Bool { path.hasSuffix(".swift") }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  /// The module or test target that it belongs to.
  var target: String { String(path.split(separator: "/")[1]) }

  /// The program files below a directory of the package, sorted.
  static func all(in directory: String) throws -> [SourceFile] {
    let files = LocalFileSystem()
    let sizeMax = 1 << 24
    return try names(in: directory, files).map { path in
      let bytes = try files.contents(of: Repository.path(path), limit: sizeMax)
      return SourceFile(path: path, text: String(decoding: bytes, as: UTF8.self))
    }
  }

  private static func names(
    in directory: String, _ files: LocalFileSystem
  ) throws -> [String] {
    let endings = [".swift", ".c", ".h", ".modulemap"]
    return try files.entries(of: Repository.path(directory)).flatMap { name -> [String] in
      let path = Path.join(directory, name)
      if files.isDirectory(Repository.path(path)) { return try names(in: path, files) }
      return endings.contains { name.hasSuffix($0) } ? [path] : []
    }
  }

  /// The modules that it imports: "Glibc" of `@preconcurrency import struct Glibc.stat`.
  var imports: [String] {
    let kinds = ["typealias", "struct", "class", "enum", "protocol", "let", "var", "func"]
    let modifiers = ["public", "package", "internal", "fileprivate", "private"]
    let code = String(decoding: SwiftCode.only(text), as: UTF8.self)
    return code.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").drop {
        $0.hasPrefix("@") || modifiers.contains(String($0))
      }
      guard words.first == "import" else { return nil }
      let name = words.dropFirst().first { !kinds.contains(String($0)) }
      return name?.split(separator: ".").first.map { String($0) }
    }
  }
}
