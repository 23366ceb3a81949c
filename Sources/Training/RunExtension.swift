import JSONText
import OperatingSystem
import RunLog

/// Lets a run that was trained to its end go on to more epochs.
public struct RunExtension {
  public let directory: RunDirectory
  private let files: any FileSystem
  private let clock: any Clock

  private static let patienceSeconds = 1.0

  public init(
    _ directory: RunDirectory, files: any FileSystem = LocalFileSystem(),
    clock: any Clock = SystemClock()
  ) {
    self.directory = directory
    self.files = files
    self.clock = clock
  }

  /// Makes `epochs` the run's whole length. Its next session continues from the last checkpoint.
  /// - Throws: one line; the run is as it was.
  public func extend(to epochs: Int) throws {
    guard var manifest = try directory.readManifest(files) else {
      throw EngineError("\(directory.manifestPath) is missing: this is no run of nntop")
    }
    guard
      let lock = try FileLock.take(directory.lockPath, patienceSeconds: Self.patienceSeconds)
    else {
      throw EngineError("\(directory.path) is being trained")
    }
    defer { lock.release() }
    guard epochs > manifest.experiment["epochs"]?.integer ?? .max else {
      throw EngineError("\(directory.path) has at least \(epochs) epochs already")
    }
    let history = try RunHistory.read(directory, files: files)
    manifest.experiment["epochs"] = .integer(Int64(epochs))
    try directory.write(manifest, files)
    let writer = try JSONLinesWriter(path: directory.journalPath, files: files)
    defer { writer.close() }
    let record = JournalRecord(
      wallTime: clock.wallSeconds(), step: Int64(history.lastStep),
      .phase(.init(.stopped, reason: "goes on to \(epochs) epochs")))
    try writer.append(record.json)
    try writer.synchronize()
  }
}
