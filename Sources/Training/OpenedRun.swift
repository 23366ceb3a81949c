import Glibc
import JSONText
import OperatingSystem
import RunLog
import Tensors

/// A run's directory taken into possession by an engine: locked, loaded, restored.
struct OpenedRun {
  let lock: FileLock
  let session: TrainingSession
  let log: EngineLog
  let checkpoints: CheckpointStore
  let history: RunHistory
  let promises: [(step: Int, command: ControlCommand)]
  /// True when no checkpoint was there to begin with.
  let isFresh: Bool

  private static let lockPatienceSeconds = 1.0

  init(
    _ directory: RunDirectory, files: any FileSystem, clock: any Clock,
    data: KeptDataset = KeptDataset()
  ) throws {
    guard let manifest = try directory.readManifest(files) else {
      throw EngineError("\(directory.manifestPath) is missing: this is no run of nntop")
    }
    if let engine = manifest.engine {
      throw EngineError("\(directory.path) is a run of \(engine), which alone can continue it")
    }
    let taken = try FileLock.take(
      directory.lockPath, patienceSeconds: Self.lockPatienceSeconds)
    guard let lock = taken else {
      throw EngineError("\(directory.path) is being trained by another engine")
    }
    self.lock = lock
    do {
      history = try RunHistory.read(directory, files: files)
      if history.lastPhase == .finished {
        throw EngineError("\(directory.path) is finished: there is nothing to resume")
      }
      BranchCreation(parent: directory, files: files).removeLeftovers()
      let journal = try JSONLinesWriter(path: directory.journalPath, files: files)
      let starting = JournalRecord(
        wallTime: clock.wallSeconds(), step: Int64(history.lastStep), .phase(.init(.starting)))
      try journal.append(starting.json)
      do {
        let text = try ExperimentText.recorded(
          manifest.experiment, source: directory.manifestPath)
        let experiment = try Experiment(text)
        ArithmeticLibrary.prepare()
        let pool = WorkerPool(threadCount: max(1, manifest.threads))
        let dataset = try data.dataset(of: experiment, pool: pool, files: files)
        session = try TrainingSession(experiment, dataset: dataset, pool: pool, clock: clock)
        checkpoints = CheckpointStore(
          directory, files: files, keep: experiment.checkpoint.keep)
        let restored = try Self.restore(session, checkpoints, history, files: files)
        isFresh = restored == nil
        if isFresh { try experiment.initialWeights?.load(into: session.network, files: files) }
        checkpoints.adopt(
          announced: history.announced, upTo: restored == nil ? nil : session.state)
        promises = history.promisesAfter(session.state)
        log = try Self.beginLog(
          directory, manifest, session, journal, restored: restored, files: files, clock: clock)
        if restored == nil, !history.announced.isEmpty {
          log.note(
            .alert("no checkpoint could be read: the run begins again at step 0"), step: 0)
        }
      } catch {
        let failed = JournalRecord(
          wallTime: clock.wallSeconds(), step: Int64(history.lastStep),
          .phase(.init(.failed, reason: "\(error)")))
        try journal.append(failed.json)
        journal.close()
        throw error
      }
    } catch {
      lock.release()
      throw error
    }
  }

  /// Restores the newest checkpoint that is whole; its name, or nil when there is none. Damaged
  /// ones are put aside.
  /// - Throws: when a file cannot be read at all: it may be whole, so nothing goes on without it.
  private static func restore(
    _ session: TrainingSession, _ checkpoints: CheckpointStore, _ history: RunHistory,
    files: any FileSystem
  ) throws(SystemError) -> String? {
    for name in CheckpointStore.ordered(history.announced).reversed() {
      guard try checkpoints.isReadable(name) else { continue }
      do throws(CheckpointError) {
        try Checkpoint(checkpoints.path(of: name), fitting: session, files: files)
          .restore(session)
        return name
      } catch {
        EngineOutput.line("checkpoint put aside: \(error)")
        checkpoints.putAside(name)
      }
    }
    return nil
  }

  private static func beginLog(
    _ directory: RunDirectory, _ manifest: RunManifest, _ session: TrainingSession,
    _ journal: JSONLinesWriter, restored: String?, files: any FileSystem, clock: any Clock
  ) throws(SystemError) -> EngineLog {
    let now = clock.wallSeconds()
    let name = try directory.newEventFileName(
      files, wallTime: now, host: Environment.hostName, process: getpid())
    let step = session.state.step
    let events = try EventFileWriter(
      path: name, files: files, firstStep: restored == nil ? 0 : Int64(step) + 1, wallTime: now)
    events.hyperparameters(
      session.experiment.hyperparameters.map { Hyperparameter(name: $0.name, value: $0.value) },
      group: "", wallTime: now)
    events.text(
      manifest.json.text(pretty: true).split(separator: "\n").map { "    " + $0 }
        .joined(separator: "\n"), tag: "nntop/manifest", step: 0, wallTime: now)
    try files.synchronizeDirectory(directory.path)
    let log = EngineLog(events: events, journal: journal, clock: clock)
    if let restored { log.note(.restore(name: restored), step: step) }
    log.flush()
    return log
  }
}

/// Why an engine does not start.
public struct EngineError: Error, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
