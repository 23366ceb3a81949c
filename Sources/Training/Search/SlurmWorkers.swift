import OperatingSystem

/// The tasks of array jobs; those that end while there is work are replaced by a job of as many.
final class SlurmWorkers: WorkerLauncher {
  private let launcher: SlurmLauncher
  private let place: WorkerPlace
  private let slurm: SlurmCommands
  private let files: any FileSystem
  private let clock: any Clock
  private let pause: (_ seconds: Double) -> Void

  private struct Worker {
    let task: SlurmCommands.Task
    let submittedAt: Double
    var condition: SlurmCommands.Condition?
    /// When it was first seen to work.
    var worksSince: Double?
    /// Whether it worked long enough to be no failure.
    var isProven = false
  }

  private(set) var remark: String?
  private var workers: [Worker] = []
  private var count = 0
  private var lookedAt = 0.0
  private var submitsAgainAt = 0.0
  /// Looks in a row that found workers which had ended soon after they began.
  private var quickEnds = 0
  /// What is known of the last of them.
  private var lastEnd = ""
  /// Why there are not as many as there should be.
  private var refusal: String?
  /// Since when Slurm does not answer.
  private var silentSince: Double?

  private static let lookSeconds = 5.0
  /// A worker that works so long is no failure, however it ends.
  private static let provenSeconds = 20.0
  private static let quickEndsMax = 5
  private static let delaySecondsMax = 300.0
  /// After which Slurm is asked for workers again.
  private static let refusalSeconds = 30.0
  /// Slurm may be away so long.
  private static let silenceSecondsMax = 300.0
  /// A worker may wait so long before it is remarked on.
  private static let waitSecondsMax = 30.0
  /// How often, and how many seconds apart, workers are given time to leave by themselves.
  private static let leaveLooks = 5
  private static let leaveSeconds = 1.0

  /// - Parameter pause: waits.
  init(
    _ launcher: SlurmLauncher, _ place: WorkerPlace,
    slurm: SlurmCommands = SlurmCommands(directory: ""),
    files: any FileSystem = LocalFileSystem(), clock: any Clock = SystemClock(),
    pause: @escaping (_ seconds: Double) -> Void
  ) {
    self.launcher = launcher
    self.place = place
    self.slurm = slurm
    self.files = files
    self.clock = clock
    self.pause = pause
  }

  func start(_ count: Int) throws {
    self.count = count
    try submit(count)
    lookedAt = clock.monotonicSeconds()
  }

  private func submit(_ missing: Int) throws {
    let job = try slurm.submit(launcher.submission(of: missing, at: place))
    let now = clock.monotonicSeconds()
    workers += (1...missing).map { index in
      Worker(task: SlurmCommands.Task(job: job, index: index), submittedAt: now)
    }
  }

  func tend() throws {
    guard clock.monotonicSeconds() - lookedAt >= Self.lookSeconds else { return }
    defer { lookedAt = clock.monotonicSeconds() }
    var isKnown = false
    do {
      remark = try look() ?? refusal ?? waiting()
      isKnown = true
      try fill()
      if !workers.isEmpty { silentSince = nil }
    } catch {
      remark = "\(error)"
      // As long as some work, a refusal of more is no misfortune.
      guard !isKnown || workers.isEmpty else { return }
      let (now, since) = (clock.monotonicSeconds(), silentSince ?? lookedAt)
      silentSince = since
      guard now - since < Self.silenceSecondsMax else { throw error }
    }
    guard quickEnds < Self.quickEndsMax || !workers.isEmpty else {
      throw SearchError("its workers end as soon as they begin: \(lastEnd)")
    }
  }

  /// Takes up what Slurm says of the workers, and forgets those that ended.
  /// - Returns: what became of those, in one line; nil: none ended.
  private func look() throws -> String? {
    guard !workers.isEmpty else { return nil }
    let conditions = try slurm.conditions(of: Set(workers.map(\.task.job)))
    let now = clock.monotonicSeconds()
    var (ended, isQuick) = ([String](), false)
    workers = workers.compactMap { known in
      var worker = known
      worker.condition = conditions[worker.task]
      guard let condition = worker.condition, !condition.isOver else {
        let end = "worker \(worker.task) ended (\(worker.condition?.text ?? "Slurm forgot it"))"
        ended.append(end)
        if !worker.isProven { (isQuick, lastEnd) = (true, end + lastWords(of: worker.task)) }
        return nil
      }
      if condition.isWaiting {
        worker.worksSince = nil
      } else if worker.worksSince == nil {
        worker.worksSince = now
      }
      if let since = worker.worksSince, now - since >= Self.provenSeconds, !worker.isProven {
        worker.isProven = true
        quickEnds = 0
      }
      return worker
    }
    if isQuick {
      quickEnds += 1
      submitsAgainAt = now + delaySeconds
    }
    guard let first = ended.first else { return nil }
    return ended.count == 1 ? first : "\(ended.count) workers ended, such as \(first)"
  }

  /// The first is replaced at once, the others after longer and longer times.
  private var delaySeconds: Double {
    guard quickEnds > 1 else { return 0 }
    let doublings = min(quickEnds - 1, 16)
    return min(Self.delaySecondsMax, Self.lookSeconds * Double(1 << doublings))
  }

  private func fill() throws {
    let missing = count - workers.count
    guard missing > 0, quickEnds < Self.quickEndsMax || !workers.isEmpty,
      clock.monotonicSeconds() >= submitsAgainAt
    else { return }
    do { try submit(missing) } catch {
      submitsAgainAt = clock.monotonicSeconds() + Self.refusalSeconds
      refusal = "\(error)"
      throw error
    }
    refusal = nil
  }

  /// That workers wait, and why, when they wait for long.
  private func waiting() -> String? {
    let now = clock.monotonicSeconds()
    let late = workers.first { worker in
      worker.condition?.isWaiting == true && now - worker.submittedAt >= Self.waitSecondsMax
    }
    guard let condition = late?.condition else { return nil }
    let who = workers.contains { $0.worksSince != nil } ? "some workers wait" : "all workers wait"
    return "\(who) in Slurm's queue: \(condition.reason.isEmpty ? "no reason" : condition.reason)"
  }

  /// The last line of a worker's log, as the end of a sentence.
  private func lastWords(of task: SlurmCommands.Task) -> String {
    let path = Path.join(place.directory, "worker-\(task).log")
    let tail = 1 << 12
    do throws(SystemError) {
      let size = try files.status(at: path).size
      let bytes = try files.contents(of: path, from: max(0, size - tail), limit: tail)
      let last = String(decoding: bytes, as: UTF8.self).split(separator: "\n").last
      return ": \(last ?? "it said nothing")"
    } catch { return "" }  // it ended before it had a log
  }

  func stop() {
    do {
      try cancel(onlyWaiting: true)
      for _ in 0..<Self.leaveLooks where !workers.isEmpty {
        pause(Self.leaveSeconds)
        _ = try look()
      }
      try cancel(onlyWaiting: false)
    } catch {
      // Slurm does not answer; without a coordinator they leave by themselves.
      remark = "\(error)"
    }
    workers = []
  }

  private func cancel(onlyWaiting: Bool) throws {
    guard !workers.isEmpty else { return }
    try slurm.cancel(Set(workers.map(\.task.job)), onlyWaiting: onlyWaiting)
  }
}
