import JSONText
import OperatingSystem

/// The names of the files in a run's directory, and how they come to be.
public struct RunDirectory: Sendable, Equatable {
  public let path: String

  public init(path: String) {
    self.path = Path.withoutTrailingSlashes(path)
  }

  public var name: String { Path.name(of: Path.resolved(path)) }
  public var manifestPath: String { Path.join(path, "run.json") }
  public var journalPath: String { Path.join(path, "journal.jsonl") }
  public var controlPath: String { Path.join(path, "control.jsonl") }
  public var checkpointsPath: String { Path.join(path, "checkpoints") }
  public var lockPath: String { Path.join(path, "lock") }
  public var engineLogPath: String { Path.join(path, "engine.log") }

  /// True when the basename is that of an event file (TensorBoard's own test).
  public static func isEventFile(_ name: String) -> Bool {
    Path.name(of: name).contains("tfevents")
  }

  /// Event files in the order in which they were begun.
  public func eventFiles(_ files: any FileSystem) throws(SystemError) -> [String] {
    try files.entries(of: path).filter(Self.isEventFile)
  }

  /// A name for a new event file that sorts behind all that are there.
  public func newEventFileName(
    _ files: any FileSystem, wallTime: Double, host: String, process: Int32
  ) throws(SystemError) -> String {
    let newest = try eventFiles(files).compactMap(Self.eventFileSeconds).max()
    let seconds = max(Int64(wallTime), (newest ?? -1) + 1)
    let digits = String(seconds)
    let padded = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    let safeHost = host.filter { $0.isLetter || $0.isNumber || $0 == "-" }
    return Path.join(path, "events.out.tfevents.\(padded).\(safeHost).\(process).0")
  }

  private static func eventFileSeconds(_ name: String) -> Int64? {
    let parts = name.split(separator: ".")
    guard let marker = parts.firstIndex(of: "tfevents"), marker + 1 < parts.count else {
      return nil
    }
    // Ten digits, as all writers have it: a name with more is nobody's time.
    return parts[marker + 1].count <= 10 ? Int64(parts[marker + 1]) : nil
  }

  /// True when the directory holds a run: a manifest or an event file.
  public static func isRun(_ path: String, _ files: any FileSystem) -> Bool {
    if files.exists(Path.join(path, "run.json")) { return true }
    do {
      return try files.entries(of: path).contains(where: isEventFile)
    } catch { return false }
  }

  /// The manifest; nil when there is none. A damaged one is an error that names file and place.
  public func readManifest(_ files: any FileSystem) throws(RunDirectoryError) -> RunManifest? {
    let sizeMax = 4 << 20
    do {
      let bytes = try files.contents(of: manifestPath, limit: sizeMax)
      return try RunManifest(try JSONReader(options: .record).read(bytes))
    } catch let error as SystemError {
      if error.isMissing { return nil }
      throw .system(error)
    } catch let error as JSONError {
      throw .damagedManifest(path: manifestPath, error)
    } catch {
      throw .damagedManifest(
        path: manifestPath,
        JSONError(position: JSONPosition(line: 1, column: 1, offset: 0), reason: "\(error)"))
    }
  }

  public func write(_ manifest: RunManifest, _ files: any FileSystem) throws(SystemError) {
    try files.replace(
      manifestPath, with: Array((manifest.json.text(pretty: true) + "\n").utf8))
  }
}

/// Why a run directory cannot be used.
public enum RunDirectoryError: Error, Sendable, CustomStringConvertible {
  case system(SystemError)
  case damagedManifest(path: String, JSONError)

  public var description: String {
    switch self {
    case .system(let error): error.description
    case .damagedManifest(let path, let error): "\(path): \(error)"
    }
  }
}
