import Glibc
import OperatingSystem

/// A small file system in memory, mounted in a workplace: full sooner than the machine's.
struct Disk {
  let path: String

  /// Whether this process may mount one.
  static let canBeMade: Bool = {
    guard getuid() == 0, Tool.mount != nil else { return false }
    var template = Array("/tmp/nntop-mount-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return false }
    let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
    let path = String(decoding: bytes, as: UTF8.self)
    defer { rmdir(path) }
    return run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path])
      && run("umount", [path])
  }()

  init(_ place: Workplace, _ name: String, options: String) throws {
    path = place.path(name)
    try LocalFileSystem().createDirectory(path, permissions: 0o777)
    guard Self.run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]) else {
      throw Overdue(description: "no file system could be mounted on \(path)")
    }
  }

  /// Takes it away, also from processes that use it.
  func remove() {
    _ = Self.run("umount", ["-l", path])
  }

  /// Puts a file there that takes all room but some.
  func fill(leavingBytes rest: Int) throws {
    guard let space = DiskSpace(at: path) else {
      throw Overdue(description: "\(path) tells no size")
    }
    let files = LocalFileSystem()
    let file = try files.open(Path.join(path, "ballast"), for: .appending(permissions: 0o600))
    defer { files.close(file) }
    try files.writeAll([UInt8](repeating: 1, count: max(0, space.freeBytes - rest)), to: file)
  }

  func empty() throws {
    try LocalFileSystem().remove(Path.join(path, "ballast"))
  }

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    do throws(SystemError) {
      let outputMax = 1 << 16
      return try ChildProcess.run(program, arguments: arguments, outputLimit: outputMax).ending
        == .exited(0)
    } catch { return false }
  }
}
