import CSystem
import Glibc

/// What surrounds the process: its environment variables, user, machine and own program.
public enum Environment {
  public static func value(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
  }

  /// All variables, "NAME=value" each.
  public static var list: [String] {
    var result: [String] = []
    guard var pointer = nn_environment() else { return result }
    while let entry = pointer.pointee {
      result.append(String(cString: entry))
      pointer += 1
    }
    return result
  }

  /// The file that runs in this process.
  public static var ownProgram: String { Path.resolved("/proc/self/exe") }

  public static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, 255) == 0 else { return "localhost" }
    return text(name)
  }

  /// The user's login name as the environment has it, or the number. The user database is not
  /// asked: a statically linked program cannot.
  public static var userName: String {
    let names = ["LOGNAME", "USER"].lazy.compactMap { value($0) }
    return names.first { !$0.isEmpty } ?? String(getuid())
  }

  /// "pts/3", or "-" without a terminal.
  public static var terminalName: String {
    var name = [CChar](repeating: 0, count: 256)
    for descriptor: Int32 in 0...2 where ttyname_r(descriptor, &name, 255) == 0 {
      let path = text(name)
      return path.hasPrefix("/dev/") ? String(path.dropFirst(5)) : path
    }
    return "-"
  }

  public static var userIdentifier: UInt32 { getuid() }

  /// Processors this process may use.
  public static var processorCount: Int {
    max(1, Int(nn_processor_count()))
  }

  public static var currentDirectory: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  private static func text(_ characters: [CChar]) -> String {
    let bytes = characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The window of a terminal.
public enum TerminalWindow {
  /// Rows and columns; nil when the descriptor is no terminal.
  public static func size(of descriptor: Int32) -> (rows: Int, columns: Int)? {
    var (rows, columns): (Int32, Int32) = (0, 0)
    guard nn_window_size(descriptor, &rows, &columns) == 0 else { return nil }
    return (Int(rows), Int(columns))
  }
}

/// Standard input, output and error.
public enum StandardStreams {
  /// Opens those that are closed on /dev/null, so that no file of ours gets their numbers.
  public static func fill() {
    while true {
      let descriptor = nn_open("/dev/null", O_RDWR, 0)
      guard descriptor >= 0, descriptor <= 2 else {
        if descriptor > 2 { close(descriptor) }
        return
      }
    }
  }
}
