import OperatingSystem
import RunLog

/// Looks through a directory and those below it for runs.
struct DirectoryWalk {
  private(set) var found: [RunFinder.Found] = []
  private(set) var memory: Memory
  private let format: LogFormat?
  private var visited: Set<Identity> = []
  private var filesLookedInto = 0

  private static let depthMax = 12
  private static let directoriesMax = 20_000
  private static let runsMax = 10_000
  private static let filesLookedIntoMax = 20_000

  /// What files were found to be, so that a later walk looks only into those that changed.
  struct Memory {
    fileprivate var files: [String: Known] = [:]
  }

  fileprivate struct Known {
    let status: FileStatus
    /// nil: it is no log.
    let format: LogFormat?
    /// The runs in it, as they were named then.
    var found: [RunFinder.Found] = []
  }

  /// A directory, by whatever name: links may lead in circles.
  private struct Identity: Hashable {
    let device, inode: UInt64
  }

  init(format: LogFormat?, memory: Memory) {
    self.format = format
    self.memory = memory
  }

  /// Adds the runs in a directory.
  mutating func visit(_ root: LogPlace) {
    visit(root, name: Path.name(of: Path.resolved(root.path)), below: "", depth: 0)
  }

  /// - Parameters:
  ///   - name: what a run is called that is this directory.
  ///   - below: stands before the names of what lies below it.
  private mutating func visit(_ place: LogPlace, name: String, below: String, depth: Int) {
    let identity = Identity(device: place.status.device, inode: place.status.inode)
    guard visited.count < Self.directoriesMax, visited.insert(identity).inserted else { return }
    let format = directoryFormats.first { $0.recognizes(place) }
    if let format {
      add(format, place, name)
      guard case .place(_, let holdsMore, _) = format.kind, holdsMore(place) else { return }
    }
    var directories: [LogPlace] = []
    var logs: [String] = []
    for entry in WandbDirectory.entries(place.names)
    where !entry.hasPrefix(".") && !Self.passedOver.contains(entry) {
      let path = place.path(of: entry)
      guard let status = status(of: path, place.files) else { continue }
      switch status.kind {
      case .directory where depth < Self.depthMax:
        guard let inner = look(at: path, place) else { continue }
        directories.append(inner)
      case .file where format == nil && isLog(path, status, place): logs.append(entry)
      default: continue
      }
    }
    for entry in logs {
      // The only log of a directory is known by the directory's name.
      let isOnly = logs.count == 1 && depth > 0
      addFile(place.path(of: entry), isOnly ? name : below + entry, place)
    }
    for inner in directories {
      let path = below + inner.name
      visit(inner, name: path, below: path + "/", depth: depth + 1)
    }
  }

  private var directoryFormats: [LogFormat] { format.map { [$0] } ?? LogFormat.all }

  private mutating func addFile(_ path: String, _ name: String, _ directory: LogPlace) {
    guard let known = memory.files[path], let format = known.format else { return }
    // A database may have new runs though its own file did not change: they are in its log.
    if known.found.isEmpty || !format.isStream, let place = look(at: path, directory) {
      let before = found.count
      add(format, place, name)
      memory.files[path]?.found = Array(found[before...])
    } else if found.count < Self.runsMax {
      found += known.found
    }
  }

  private mutating func add(_ format: LogFormat, _ place: LogPlace, _ name: String) {
    guard found.count < Self.runsMax else { return }
    do throws(LogPlaceError) {
      found += try format.found(in: place, name: name, isForced: self.format != nil)
    } catch {
      let trouble = LogTrouble.unreadable(file: place.name, offset: 0, reason: error.reason)
      found.append(
        RunFinder.Found(path: place.path, name: name, place: place.path) {
          UnusableLog(trouble: trouble)
        })
    }
  }

  /// Whether a file that nobody named is a log: by its name, and by numbers at its beginning.
  private mutating func isLog(_ path: String, _ status: FileStatus, _ place: LogPlace) -> Bool {
    guard Self.mayBeLog(path), status.size > 0 else { return false }
    if let known = memory.files[path] {
      // What goes on being written stays what it was; a database may have new runs.
      if known.status == status || known.format?.isStream == true { return known.format != nil }
    }
    guard filesLookedInto < Self.filesLookedIntoMax else { return false }
    filesLookedInto += 1
    let format = look(at: path, place).flatMap(formatShowingNumbers)
    memory.files[path] = Known(status: status, format: format)
    return format != nil
  }

  private func formatShowingNumbers(_ place: LogPlace) -> LogFormat? {
    let formats = format.map { [$0] } ?? LogFormat.all
    guard let format = formats.first(where: { $0.recognizes(place) }) else { return nil }
    guard case .stream(_, let makeParser) = format.kind else { return format }
    var parser = makeParser()
    var events: [RunEvent] = []
    place.head.bytes.withUnsafeBytes { bytes in
      _ = parser.take(LogPiece(bytes, isEnd: place.head.isWhole), into: &events)
    }
    let showsNumbers = events.contains { if case .scalars = $0 { true } else { false } }
    return showsNumbers ? format : nil
  }

  private func look(at path: String, _ place: LogPlace) -> LogPlace? {
    do throws(SystemError) {
      return try LogPlace(
        path, files: place.files, clock: place.clock, databases: place.databases, isNamed: false)
    } catch { return nil }  // what may not be read is nothing to show
  }

  private func status(of path: String, _ files: any FileSystem) -> FileStatus? {
    do throws(SystemError) { return try files.status(at: path) } catch { return nil }
  }

  private static func mayBeLog(_ path: String) -> Bool {
    let name = Path.name(of: path).lowercased()
    if name.contains("tfevents") { return true }
    guard let dot = name.lastIndex(of: ".") else { return false }
    return logExtensions.contains(String(name[name.index(after: dot)...]))
  }

  private static let logExtensions: Set<String> = [
    "csv", "tsv", "json", "jsonl", "ndjson", "log", "txt", "out", "wandb", "db", "sqlite",
    "sqlite3", "tfrecord",
  ]
  /// Directories of programs, not of runs.
  private static let passedOver: Set<String> = ["__pycache__", "node_modules", "site-packages"]
}

/// A log that was found and cannot be read here.
struct UnusableLog: LogReader {
  let trouble: LogTrouble
  private var isTold = false

  init(trouble: LogTrouble) {
    self.trouble = trouble
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    if !isTold { batch.events.append(.trouble(trouble)) }
    isTold = true
    return batch
  }
}
