import Glibc
import OperatingSystem

/// The processes of this machine that work in a directory: what a test started, and what that
/// started.
struct Processes {
  let directory: String

  struct Found: Sendable {
    let identifier: Int32
    let arguments: [String]
  }

  var all: [Found] {
    get throws {
      let files = LocalFileSystem()
      return try files.entries(of: "/proc").compactMap { Int32($0) }.compactMap { identifier in
        guard isInside(Self.link("/proc/\(identifier)/cwd")) else { return nil }
        return Found(identifier: identifier, arguments: Self.arguments(of: identifier))
      }
    }
  }

  /// Background engines.
  var engines: [Found] {
    get throws { try all.filter { $0.arguments.dropFirst().first == "engine" } }
  }

  /// Dashboards and everything else of nntop that is no engine.
  var dashboards: [Found] {
    get throws {
      try all.filter {
        $0.arguments.first == Program.path && $0.arguments.dropFirst().first != "engine"
      }
    }
  }

  /// Kills all of them; false when some live on.
  func end() -> Bool {
    let attemptsMax = 200
    let pauseMicroseconds: UInt32 = 20_000
    for _ in 0..<attemptsMax {
      do {
        let living = try all
        if living.isEmpty { return true }
        for process in living { kill(process.identifier, SIGKILL) }
      } catch { return false }
      usleep(pauseMicroseconds)
    }
    return false
  }

  private func isInside(_ path: String) -> Bool {
    path == directory || path.hasPrefix(directory + "/")
  }

  private static func link(_ path: String) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func arguments(of identifier: Int32) -> [String] {
    // Files in /proc say that they are empty, so their size is no guide.
    let descriptor = open("/proc/\(identifier)/cmdline", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }  // it has ended meanwhile
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &buffer, buffer.count)
    return buffer.prefix(max(0, count)).split(separator: 0).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
