import ArchitectureSearch
import Glibc
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// Coordinates a search in its directory: asks the strategy, hands candidates out, follows their
/// runs, tells the strategy what came of them, and obeys what is written into the control file. It
/// alone writes the search's journal, which holds all that a later session needs to go on.
public final class SearchEngine {
  /// What a headless search shows while it goes on.
  public struct Progress: Sendable {
    /// Results so far, and how many are expected.
    public var done, expected: Int
    public var running: Int
    public var scoreName: String
    /// The best candidate so far.
    public var best: (id: String, score: Double, architecture: String)?
  }

  let directory: RunDirectory
  let search: SearchDescription
  let files: any FileSystem
  let clock: any Clock
  let factory: CandidateFactory?
  let evaluator: (any CandidateEvaluator)?
  let log: EngineLog
  var process: SearchProcess
  var candidates: [SearchedCandidate] = []
  var watches: [Int: CandidateWatch] = [:]
  /// Results that the strategy was told: the search's step.
  var step = 0
  var epochsSpent = 0.0
  var best: Int?
  /// Whether the strategy may have something new to say.
  var isAskingDue = true
  var isExhausted = false
  var isPaused = false
  var stopReason: Engine.Outcome?
  /// Candidates whose runs the disk had no room for, and when that is tried again.
  var unmade: Set<Int> = []
  var nextMaking = 0.0
  var control: ControlInbox
  let version: String
  let workerCount: Int

  private let lock: FileLock
  private let launcher: (any WorkerLauncher)?
  private let signals: SignalPipe?
  private let onProgress: ((Progress) -> Void)?
  var watcher = FileWatcher()
  /// When the workers are looked after again, in monotonic seconds.
  var nextTending = 0.0
  private var toldRemark: String?

  private static let pollSeconds = 0.1
  private static let tendingSeconds = 0.5

  /// Who works for a search.
  public struct Staff {
    /// This program, which is a worker when it is called with "worker" and the directory.
    public var program: String
    public var version: String
    /// Tells scores in the place of training; nil: candidates are trained.
    public var evaluator: (any CandidateEvaluator)?
    /// Gets the workers; nil: as the search describes it.
    public var launcher: (any WorkerLauncherDescription)?

    public init(
      program: String, version: String, evaluator: (any CandidateEvaluator)? = nil,
      launcher: (any WorkerLauncherDescription)? = nil
    ) {
      self.program = program
      self.version = version
      self.evaluator = evaluator
      self.launcher = launcher
    }
  }

  /// Opens a search: takes its lock, and asks and tells the strategy once more what the journal
  /// holds.
  /// - Throws: one line that says what is wrong; nothing that was there is lost.
  public init(
    _ directory: RunDirectory, staff: Staff, files: any FileSystem = LocalFileSystem(),
    clock: any Clock = SystemClock(), signals: SignalPipe? = nil,
    onProgress: ((Progress) -> Void)? = nil
  ) throws {
    let askedBefore = ControlInbox.sizeNow(directory, files: files)
    let opened = try OpenedSearch(directory, staff: staff, files: files, clock: clock)
    self.directory = directory
    self.files = files
    self.clock = clock
    self.signals = signals
    self.onProgress = onProgress
    version = staff.version
    evaluator = staff.evaluator
    (lock, search, log) = (opened.lock, opened.search, opened.log)
    (factory, workerCount) = (opened.factory, opened.workerCount)
    (process, candidates) = (opened.replay.process, opened.replay.candidates)
    (step, epochsSpent) = (opened.replay.step, opened.replay.epochsSpent)
    control = ControlInbox(
      directory, files: files, answered: opened.history.answered, askedBefore: askedBefore)
    launcher =
      staff.evaluator == nil
      ? (staff.launcher ?? search.launcher).makeLauncher(
        WorkerPlace(
          program: staff.program, arguments: ["worker", Path.resolved(directory.path)],
          directory: Path.resolved(directory.path), threads: opened.threadsPerWorker)) : nil
    watcher.watch(directory.path)
    for candidate in candidates { noteBest(candidate.number) }
  }

  deinit {
    watcher.close()
    log.close()
    lock.release()
  }

  /// Searches to the end.
  public func run() -> Engine.Outcome {
    refuseOldCommands()
    notePhase(.training)
    for text in evaluator?.notes ?? [] { log.note(.note(text), step: step) }
    do {
      try takeUp()
      if !isOver { try launcher?.start(workerCount) }
      while true {
        if let outcome = try advance() { return end(outcome) }
      }
    } catch {
      return end(.failed("\(error)"))
    }
  }

  private func advance() throws -> Engine.Outcome? {
    obeyCommands()
    for signal in signals?.received() ?? [] { stopReason = .stoppedBySignal(signal) }
    if let stopReason { return stopReason }
    if evaluator != nil, !isPaused {
      try evaluateSome()
    } else if evaluator == nil {
      follow()
      if !isPaused { try handOut() }
    }
    onProgress?(progress)
    if isOver { return ending }
    let now = clock.monotonicSeconds()
    if let launcher, now >= nextTending, candidates.contains(where: \.takesWorker) {
      nextTending = now + Self.tendingSeconds
      try launcher.tend()
      note(launcher.remark)
    }
    log.tick(now)
    if evaluator == nil || isPaused { wait() }
    return nil
  }

  /// How a search that is over has ended.
  private var ending: Engine.Outcome {
    guard let last = candidates.last else {
      return .failed("nothing that may be evaluated was drawn from the space")
    }
    guard candidates.allSatisfy({ $0.phase == .failed }) else { return .finished }
    return .failed("all \(candidates.count) candidates failed; the last: \(last.reason ?? "?")")
  }

  /// Journals what the launcher has to say, once.
  private func note(_ remark: String?) {
    guard remark != toldRemark else { return }
    toldRemark = remark
    if let remark { log.note(.note(remark), step: step) }
  }

  private func wait() {
    _ = Readiness.wait(
      for: [signals?.descriptor, watcher.descriptor].compactMap { $0 },
      timeoutSeconds: Self.pollSeconds)
    watcher.drain()
  }

  /// Whether everything that was asked for is there, and nothing will be asked for.
  var isOver: Bool {
    isExhausted && !candidates.contains { $0.phase.isOpen }
  }

  /// Results that are expected: at least one of each candidate.
  var expectedSteps: Int {
    isExhausted
      ? step + candidates.count { $0.phase.isOpen && !$0.isPromoted }
      : max(process.expectedResults, step)
  }

  private var progress: Progress {
    Progress(
      done: step, expected: expectedSteps, running: candidates.count { $0.phase == .running },
      scoreName: scoreName,
      best: best.flatMap { number in
        candidates[number].score.map {
          (candidates[number].id, $0, candidates[number].architecture.text)
        }
      })
  }

  var scoreName: String { evaluator?.scoreName ?? search.objective.tag }

  /// A score as strategies want it: larger is better.
  func merit(_ score: Double) -> Double {
    evaluator == nil ? search.objective.merit(score) : score
  }

  func noteBest(_ number: Int) {
    guard candidates[number].phase == .finished, let score = candidates[number].score else {
      return
    }
    // A supernet is a means: no one network of the space is like it.
    if search.space.isSupernet(candidates[number].architecture) { return }
    if let best, merit(candidates[best].score ?? .nan) >= merit(score) { return }
    best = number
  }

  // MARK: The log

  func notePhase(_ name: JournalRecord.Phase.Name, reason: String? = nil) {
    log.flush()
    log.note(
      .phase(.init(name, reason: reason, finalStep: Int64(expectedSteps))), step: step)
  }

  func tell(_ record: CandidateRecord) { log.note(record.entry, step: step) }

  /// What is to be said of a search that had fewer candidates than it was to have.
  private var endingRemark: String? {
    guard candidates.count < search.candidates, search.strategy.supernetLearning == nil else {
      return nil
    }
    return "nothing else to try was found after \(candidates.count) of \(search.candidates)"
  }

  /// Ends the session: every worker is asked to stop where it is.
  private func end(_ outcome: Engine.Outcome) -> Engine.Outcome {
    refuseCommandsLeft()
    for candidate in candidates where candidate.phase == .running {
      send(.stop, to: candidate)
    }
    switch outcome {
    case .finished: notePhase(.finished, reason: endingRemark)
    case .stopped: notePhase(.stopped, reason: "asked to stop")
    case .stoppedBySignal(let signal):
      notePhase(.stopped, reason: signal == SIGINT ? "interrupted" : "terminated")
    case .failed(let reason): notePhase(.failed, reason: reason)
    }
    if case .finished = outcome {
      log.events.sessionEnd(succeeded: true, wallTime: clock.wallSeconds())
    }
    launcher?.stop()
    do throws(SystemError) {
      try log.synchronize()
    } catch {
      if case .failed = outcome { return outcome }
      return .failed("the end of the log was not written: \(error)")
    }
    return outcome
  }
}
