import OperatingSystem
import RunLog

/// How a new run gets its directory and its name.
struct RunNaming {
  /// The directory that the run's directory is made in.
  let runs: String
  /// nil: made from the time and the title.
  let name: String?
  let title: String

  /// Creates the directory with its manifest and an empty control file.
  /// - Throws: one line; nothing was created.
  func makeDirectory(
    _ files: any FileSystem, _ now: Double, manifest: (RunDirectory) -> RunManifest
  ) throws -> RunDirectory {
    if let name, !Self.isValid(name) {
      throw EngineError("--name \(name): \(Self.nameRule)")
    }
    try files.createDirectories(runs)
    let directory = RunDirectory(path: try takeDirectory(files, now))
    do {
      files.close(try files.open(directory.controlPath, for: .creating(permissions: 0o600)))
      try directory.write(manifest(directory), files)
    } catch {
      files.discard(directory.controlPath)
      do throws(SystemError) {
        try files.removeDirectory(directory.path)
      } catch {}  // the first error is the one to tell
      throw error
    }
    return directory
  }

  /// Makes the directory under the name given, or under the first that is free: making it is what
  /// takes the name, so two runs that start at once have two names.
  private func takeDirectory(_ files: any FileSystem, _ now: Double) throws -> String {
    let base = name ?? LocalTime(wallSeconds: now).compact + "-" + Self.cleaned(title)
    let attemptsMax = name == nil ? Self.namesMax : 1
    for attempt in 1...attemptsMax {
      let path = Path.join(runs, attempt == 1 ? base : "\(base)-\(attempt)")
      if try Self.takes(path, files) { return path }
    }
    let path = Path.join(runs, base)
    throw EngineError(
      "\(path) exists already: choose another --name, or continue it with nntop resume \(path)")
  }

  /// False when the name is taken already.
  static func takes(_ path: String, _ files: any FileSystem) throws(SystemError) -> Bool {
    do throws(SystemError) {
      try files.createDirectory(path, permissions: 0o777)
      return true
    } catch {
      guard error.isExisting else { throw error }
      return false
    }
  }

  private static func isAllowed(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "._-+".contains(character))
  }

  /// Names that are tried when none is given.
  static let namesMax = 1000

  static let nameRule =
    "a run's name has letters, digits and . _ - +, and begins with none of . -"

  static func isValid(_ name: String) -> Bool {
    let lengthMax = 200
    guard let first = name.first, name.count <= lengthMax else { return false }
    return name.allSatisfy(isAllowed) && first != "." && first != "-"
  }

  private static func cleaned(_ name: String) -> String {
    let lengthMax = 60
    let text = String(name.prefix(lengthMax).map { isAllowed($0) ? $0 : "-" })
    return text.isEmpty ? "experiment" : text
  }
}
