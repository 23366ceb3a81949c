import JSONText
import OperatingSystem
import RunLog

extension LogFormat {
  /// nntop's own runs, and directories that hold event files.
  static let runDirectory = LogFormat(
    name: "run", title: "nntop run or TensorBoard run directory",
    recognizes: { place in
      place.isDirectory
        && (place.names.contains("run.json")
          || place.names.contains(where: RunDirectory.isEventFile))
    },
    holdsMore: { !$0.names.contains("run.json") },
    runs: { place in
      let directory = RunDirectory(path: place.path)
      return [LogRun { RunDirectoryLog(directory, files: place.files, clock: place.clock) }]
    })
}

/// A run's directory: the engine's event files, its journal and what was asked of it, its lock and
/// the end of its output. A directory that has only event files is somebody else's run.
struct RunDirectoryLog: LogReader {
  private let directory: RunDirectory
  private let files: any FileSystem
  private let clock: any Clock
  private var eventFiles: EventFiles
  private var journal: JSONLinesReader
  private var control: JSONLinesReader
  private var hasManifest = false
  private var hasToldMissing = false
  private var lastProbeSeconds = -Double.infinity
  private var liveness: Liveness?
  private var diskWasFull = false
  private var failing = FailingFiles()

  /// How often the lock is looked at.
  private static let probeSeconds = 0.7
  private static let engineOutputLinesMax = 20

  init(_ directory: RunDirectory, files: any FileSystem, clock: any Clock) {
    self.directory = directory
    self.files = files
    self.clock = clock
    eventFiles = EventFiles(directory, files: files)
    journal = JSONLinesReader(path: directory.journalPath, files: files)
    control = JSONLinesReader(path: directory.controlPath, files: files)
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    readManifest(into: &batch)
    // Before the records: an engine that ends behind the last of them was alive.
    if hasManifest { probe(into: &batch) }
    eventFiles.read(into: &batch, &failing)
    batch.progress = eventFiles.progress
    if !batch.isRestart { readRecords(into: &batch) }
    if batch.isRestart {
      self = RunDirectoryLog(directory, files: files, clock: clock)
      batch = read()
      batch.isRestart = true
      return batch
    }
    failing.tell(into: &batch)
    return batch
  }

  private mutating func readManifest(into batch: inout LogBatch) {
    guard !hasManifest else { return }
    do throws(RunDirectoryError) {
      if let manifest = try directory.readManifest(files) {
        hasManifest = true
        batch.events.append(.manifest(manifest))
      } else if !hasToldMissing, files.exists(directory.journalPath) {
        hasToldMissing = true
        batch.events.append(
          .trouble(.missing(file: "run.json", consequence: "it can be watched, not steered")))
      }
    } catch {
      guard !hasToldMissing else { return }
      hasToldMissing = true
      batch.events.append(
        .trouble(.unreadable(file: "run.json", offset: 0, reason: "\(error)")))
    }
  }

  private mutating func readRecords(into batch: inout LogBatch) {
    let skippedBefore = (journal.skippedRecords, control.skippedRecords)
    do throws(SystemError) {
      let found = try journal.read()
      batch.isRestart = batch.isRestart || found.isRestart
      batch.hasMore = batch.hasMore || found.hasMore
      batch.events += found.records.compactMap { JournalRecord($0).map { .journal($0) } }
    } catch {
      failing.note(
        .unreadable(file: "journal.jsonl", offset: 0, reason: error.reason), of: "journal.jsonl")
    }
    do throws(SystemError) {
      let found = try control.read()
      batch.hasMore = batch.hasMore || found.hasMore
      batch.events += found.records.compactMap { node in
        if case .command(let command) = ControlCommand.read(node) { return .asked(command) }
        return nil
      }
    } catch {}  // another user's commands are not ours to see
    if journal.skippedRecords > skippedBefore.0 {
      batch.events.append(
        .trouble(.skippedRecords(file: "journal.jsonl", count: journal.skippedRecords)))
    }
    if control.skippedRecords > skippedBefore.1 {
      batch.events.append(
        .trouble(.skippedRecords(file: "control.jsonl", count: control.skippedRecords)))
    }
  }

  private mutating func probe(into batch: inout LogBatch) {
    let now = clock.monotonicSeconds()
    guard now - lastProbeSeconds >= Self.probeSeconds else { return }
    lastProbeSeconds = now
    let found: Liveness
    switch FileLock.probe(directory.lockPath) {
    case .held: found = .alive
    case .free: found = .dead
    case .unknown: found = .unknown
    }
    if found != liveness {
      liveness = found
      batch.events.append(.liveness(found))
      if found == .dead { batch.events.append(.engineOutput(lastEngineOutput())) }
    }
    let isFull = found == .alive && (DiskSpace(at: directory.path)?.freeBytes ?? 1) == 0
    if isFull != diskWasFull { batch.events.append(.trouble(.diskFull(isFull))) }
    diskWasFull = isFull
  }

  private func lastEngineOutput() -> [String] {
    let bytesMax = 8192
    do throws(SystemError) {
      let size = try files.status(at: directory.engineLogPath).size
      let bytes = try files.contents(
        of: directory.engineLogPath, from: max(0, size - bytesMax), limit: bytesMax)
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      return lines.suffix(Self.engineOutputLinesMax).map(String.init)
    } catch { return [] }  // a run that had no output file
  }
}
