import JSONText
import OperatingSystem
import RunLog

extension LogFormat {
  /// What the Trainer of Hugging Face's transformers saves with each checkpoint: the file, or the
  /// directory of a training that holds it or checkpoints with it.
  static let trainerState = LogFormat(
    name: "trainer-state", title: "Hugging Face trainer_state.json",
    recognizes: { place in
      place.isDirectory
        ? TrainerStateFiles.mayBe(in: place.names)
          && !TrainerStateFiles(place.path, isDirectory: true, files: place.files).all.isEmpty
        : place.name == TrainerStateFiles.name
    },
    runs: { place throws(LogPlaceError) in
      let candidates = TrainerStateFiles(
        place.path, isDirectory: place.isDirectory, files: place.files)
      guard !candidates.all.isEmpty else {
        throw LogPlaceError(reason: "no \(TrainerStateFiles.name) is in it")
      }
      return [
        LogRun { TrainerStateLog(candidates, files: place.files, clock: place.clock) }
      ]
    })
}

/// Follows the newest state of one training. It is a document that is always written anew, so a
/// newer one takes the place of all that was told.
struct TrainerStateLog: LogReader {
  private let candidates: TrainerStateFiles
  private let files: any FileSystem
  private let clock: any Clock
  private var seen: TrainerStateFiles.File?
  /// What is wrong with the file that was seen last, and since when, on the clock that never goes
  /// back.
  private var broken: (reason: String, since: Double)?
  private var hasTold = false
  private var failing = FailingFiles()

  private static let documentSizeMax = 64 << 20
  /// A file that did not change for so long is not being written.
  private static let settleSeconds = 2.0

  init(_ candidates: TrainerStateFiles, files: any FileSystem, clock: any Clock) {
    self.candidates = candidates
    self.files = files
    self.clock = clock
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    if let newest = candidates.newest(after: seen), newest != seen {
      seen = newest
      broken = nil
      take(newest, into: &batch)
    }
    if let seen {
      batch.progress = .init(read: seen.status.size, size: seen.status.size)
      if let broken, isSettled(seen, since: broken.since) {
        failing.note(
          .unreadable(file: TrainerStateFiles.name, offset: 0, reason: broken.reason),
          of: TrainerStateFiles.name)
      }
    }
    failing.tell(into: &batch)
    return batch
  }

  private mutating func take(_ file: TrainerStateFiles.File, into batch: inout LogBatch) {
    do throws(SystemError) {
      guard file.status.size <= Self.documentSizeMax else {
        broken = ("it is larger than 64 MiB", -.infinity)
        return
      }
      let bytes = try files.contents(of: file.path, limit: Self.documentSizeMax)
      let node: JSONNode
      do throws(JSONError) {
        node = try JSONReader(options: .record).read(bytes)
      } catch {
        broken = ("\(error)", clock.monotonicSeconds())
        return
      }
      guard let state = TrainerState(node, wallTime: file.status.modifiedSeconds) else {
        broken = ("it has no log_history", clock.monotonicSeconds())
        return
      }
      batch.events += state.events
      batch.isRestart = hasTold
      hasTold = true
    } catch {
      broken = (error.reason, clock.monotonicSeconds())
    }
  }

  private func isSettled(_ file: TrainerStateFiles.File, since: Double) -> Bool {
    clock.wallSeconds() - file.status.modifiedSeconds >= Self.settleSeconds
      || clock.monotonicSeconds() - since >= Self.settleSeconds
  }
}
