import OperatingSystem

/// A path that may hold a log, looked at once.
public struct LogPlace: Sendable {
  let path: String
  let status: FileStatus
  /// How a file begins; empty for a directory.
  let head: LogHead
  /// The names in a directory, sorted.
  let names: [String]
  let files: any FileSystem
  let clock: any Clock
  /// Where databases are asked, whichever of their runs is meant.
  let databases: SQLiteDatabases

  /// Names of one directory that are looked at.
  static let namesMax = 100_000

  /// - Parameter isNamed: whether somebody asked for it, rather than for a directory above it.
  init(
    _ path: String, files: any FileSystem, clock: any Clock,
    databases: SQLiteDatabases = SQLiteDatabases(), isNamed: Bool = true
  ) throws(SystemError) {
    self.path = path
    self.files = files
    self.clock = clock
    self.databases = databases
    status = try files.status(at: path)
    switch status.kind {
    case .directory:
      names = Array(try files.entries(of: path).prefix(Self.namesMax))
      head = LogHead(name: "", bytes: [], isWhole: true)
    case .file:
      names = []
      let bytes = try files.contents(of: path, limit: LogHead.sizeMax)
      head = LogHead(
        name: Path.name(of: path), bytes: bytes, isWhole: bytes.count == status.size,
        isNamed: isNamed)
    case .other: throw SystemError.notAFile(path)
    }
  }

  var isDirectory: Bool { status.kind == .directory }
  var name: String { Path.name(of: path) }

  /// The path of something in this directory.
  func path(of name: String) -> String { Path.join(path, name) }

  /// Whether a file is there.
  func hasFile(_ name: String) -> Bool {
    do { return try files.status(at: path(of: name)).kind == .file } catch { return false }
  }
}
