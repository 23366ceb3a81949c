import JSONText
import OperatingSystem
import RunLog

/// Makes the directory of a second run from the state of a first one, beside it.
///
/// It is put together inside the parent's directory and gets its name when all of it is on the
/// disk: a kill leaves no child, or one that can be resumed.
struct BranchCreation {
  let parent: RunDirectory
  let files: any FileSystem

  /// What the child begins with.
  struct Beginning {
    /// The parent's.
    var manifest: RunManifest
    var step: Int
    /// Name of the parent's checkpoint of that step.
    var checkpoint: String
    /// Those that undo needs, which may be gone.
    var undoCheckpoints: [String]
    /// What is changed at once. The child's journal gets the answers: it is the log from which
    /// every session does again what comes behind its checkpoint, so the child's first one does.
    var changes: [(command: ControlCommand, answer: JournalRecord.Answer)]
    var wallTime: Double
  }

  /// The directory that holds the parent's, by its real path.
  var runs: String { Path.parent(of: Path.resolved(parent.path)) }

  private var staging: RunDirectory {
    RunDirectory(path: Path.join(parent.path, "branch.tmp"))
  }

  /// The names that a child may have: the one given, or the parent's with a number.
  func names(_ given: String?) throws(ControlCommand.Request.Refusal) -> [String] {
    guard let given else {
      return (1...RunNaming.namesMax).map { "\(parent.name)-branch-\($0)" }
    }
    guard RunNaming.isValid(given) else { throw .init("\(given): \(RunNaming.nameRule)") }
    return [given]
  }

  /// Those of them that are free, at least one.
  func freeNames(_ given: String?) throws(ControlCommand.Request.Refusal) -> [String] {
    let names = try names(given)
    let free = names.filter { !files.exists(Path.join(runs, $0)) }
    if free.isEmpty { throw .init("there is a run \(names.last ?? "") already") }
    return free
  }

  /// Makes the child; its directory. When it throws, nothing is left of it.
  /// - Parameter names: free ones, the first to be tried first.
  func create(named names: [String], _ beginning: Beginning) throws -> RunDirectory {
    removeLeftovers()
    do {
      try fill(beginning)
      for name in names {
        if let child = try publish(name, beginning) { return child }
      }
      throw ControlCommand.Request.Refusal("there is a run \(names.last ?? "") already")
    } catch {
      files.discardRun(staging)
      throw error
    }
  }

  private func fill(_ beginning: Beginning) throws {
    try files.createDirectory(staging.path, permissions: 0o777)
    try files.createDirectory(staging.checkpointsPath, permissions: 0o777)
    let undo = Set(beginning.undoCheckpoints).subtracting([beginning.checkpoint]).sorted()
    for name in [beginning.checkpoint] + undo {
      let source = Path.join(parent.checkpointsPath, name)
      if name != beginning.checkpoint && !files.exists(source) { continue }
      try files.copy(source, to: Path.join(staging.checkpointsPath, name))
    }
    try files.synchronizeDirectory(staging.checkpointsPath)
    let entries =
      [JournalRecord.Entry.checkpoint(name: beginning.checkpoint)]
      + beginning.changes.map { .answer($0.answer) }
    let records = entries.flatMap {
      JournalRecord(wallTime: beginning.wallTime, step: Int64(beginning.step), $0).records
    }
    try write(records, to: staging.journalPath, permissions: 0o666)
    try write(
      beginning.changes.map(\.command.json), to: staging.controlPath, permissions: 0o600)
  }

  private func write(_ records: [JSON], to path: String, permissions: UInt32) throws {
    let writer = try JSONLinesWriter(path: path, files: files, permissions: permissions)
    defer { writer.close() }
    for record in records { try writer.append(record) }
    try writer.synchronize()
  }

  /// Gives the child its name; nil when somebody has taken it meanwhile. Making a directory is what
  /// takes a name, and the child then replaces that empty one.
  private func publish(
    _ name: String, _ beginning: Beginning
  ) throws(SystemError) -> RunDirectory? {
    var manifest = beginning.manifest
    manifest.name = name
    manifest.created = beginning.wallTime
    manifest.arguments = []
    manifest.host = Environment.hostName
    manifest.parent = .init(run: parent.name, step: Int64(beginning.step))
    manifest.declares = RunCreation.declarations
    try staging.write(manifest, files)
    let child = RunDirectory(path: Path.join(runs, name))
    guard try RunNaming.takes(child.path, files) else { return nil }
    do throws(SystemError) {
      try files.rename(staging.path, to: child.path)
      try files.synchronizeDirectory(runs)
    } catch {
      files.discardRun(child)
      throw error
    }
    return child
  }

  /// Removes what a branch left that was cut short: what was put together, and the empty directory
  /// that had taken its name.
  func removeLeftovers() {
    guard files.exists(staging.path) else { return }
    do {
      if let name = try staging.readManifest(files)?.name, Path.name(of: name) == name {
        try files.removeDirectory(Path.join(runs, name))
      }
    } catch {}  // no name yet, or the name is another's, whose directory is not empty
    files.discardRun(staging)
  }
}

extension FileSystem {
  /// Removes a run's directory as far as it can be removed. Of directories inside only that of the
  /// checkpoints is entered.
  func discardRun(_ run: RunDirectory) {
    for directory in [run.checkpointsPath, run.path] {
      do throws(SystemError) {
        for name in try entries(of: directory) { discard(Path.join(directory, name)) }
        try removeDirectory(directory)
      } catch {}  // not there, or the disk gives nothing back: the first error is the one to tell
    }
  }
}
