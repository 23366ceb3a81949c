import Glibc
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// Trains one run in its directory until it is finished, stopped or fails, and obeys what is
/// written into its control file.
public final class Engine {
  /// How a session of the engine ended.
  public enum Outcome: Sendable, Equatable {
    case finished
    /// Stopped by a command.
    case stopped
    case stoppedBySignal(Int32)
    case failed(String)
  }

  /// What a headless run shows while it trains.
  public struct Progress: Sendable {
    public var step, finalStep: Int
    public var epoch: Double
    public var epochs: Int
    public var loss: Float
    public var validation: (loss: Double, accuracy: Double?)?
    public var samplesPerSecond: Double
    public var isEpochOver: Bool
  }

  let directory: RunDirectory
  let files: any FileSystem
  let clock: any Clock
  let session: TrainingSession
  let log: EngineLog
  let checkpoints: CheckpointStore
  var control: ControlInbox
  /// Commands of earlier sessions that have to be done again, each at its step.
  var promises: [(step: Int, command: ControlCommand)]
  /// Commands that wait for their step, or for a disk that takes their answer.
  var deferred: [ControlCommand] = []
  /// Prunes that somebody wants to see before they are done.
  var previews: [PruningPreview] = []
  var isPaused = false
  /// Whether most of the architecture that would be derived was skip connections, when it was last
  /// looked at.
  var wasTakenOverBySkips = false
  var stopReason: Outcome?
  /// Starts an engine on another run and returns when it has taken it; nil: it cannot.
  let startEngine: ((RunDirectory) throws -> Void)?
  let branches: Set<String>
  var answeredBranches: Set<String>

  private let lock: FileLock
  private let signals: SignalPipe?
  private let isHeadless: Bool
  private let onProgress: ((Progress) -> Void)?
  private var watcher = FileWatcher()
  private var measurements: Measurements
  private var thinner = ScalarThinner(
    tags: ["train/loss", "optimizer/learning_rate", "optimizer/gradient_norm"])
  private var nextCheckpointSeconds = 0.0
  private var isCheckpointFailing = false
  private var lastAnnounced = ""
  private var nextHistogramSeconds = 0.0
  private var lastValidation: (loss: Double, accuracy: Double?)?
  /// The step of the last validation, while nothing has changed since.
  private var validatedStep: Int?
  private var wasFinite = true
  private var weightsWereFinite = true
  private var started = (seconds: 0.0, step: 0)

  /// Opens a run: takes its lock, loads its data, restores its newest checkpoint, does again what
  /// was promised after it, and begins a new event file.
  /// - Parameters:
  ///   - data: where the data of the run before may be found.
  ///   - startEngine: starts an engine of its own on a branch and returns when that has taken the
  ///     run; without it branches are refused.
  /// - Throws: one line that says what is wrong; nothing that was there is lost.
  public init(
    _ directory: RunDirectory, files: any FileSystem = LocalFileSystem(),
    clock: any Clock = SystemClock(), signals: SignalPipe? = nil, isHeadless: Bool = false,
    data: KeptDataset = KeptDataset(), onProgress: ((Progress) -> Void)? = nil,
    startEngine: ((RunDirectory) throws -> Void)? = nil
  ) throws {
    self.directory = directory
    self.files = files
    self.clock = clock
    self.signals = signals
    self.isHeadless = isHeadless
    self.startEngine = startEngine
    self.onProgress = onProgress
    let askedBefore = ControlInbox.sizeNow(directory, files: files)
    let opened = try OpenedRun(directory, files: files, clock: clock, data: data)
    lock = opened.lock
    session = opened.session
    log = opened.log
    checkpoints = opened.checkpoints
    promises = opened.promises
    branches = opened.history.branches
    answeredBranches = opened.history.answeredBranches
    control = ControlInbox(
      directory, files: files, answered: opened.history.answered, askedBefore: askedBefore)
    measurements = Measurements(session, clock: clock)
    watcher.watch(directory.path)
    if opened.isFresh {
      try begin()
    } else {
      wasTakenOverBySkips = session.derivedArchitecture?.isTakenOverBySkips ?? false
    }
  }

  deinit {
    watcher.close()
    log.close()
    lock.release()
  }

  /// Trains to the end.
  public func run() -> Outcome {
    started = (clock.monotonicSeconds(), session.state.step)
    nextCheckpointSeconds = started.seconds + session.experiment.checkpoint.everySeconds
    refuseOldCommands()
    notePhase(.training)
    if !session.learner.widths.isEmpty { tellShapes() }
    logDensity()
    prunesOnSchedule()
    keepPromises()
    while true {
      obeyCommands()
      answerPreviews()
      takeSignals()
      if let outcome = stopReason { return end(outcome) }
      if isPaused {
        waitWhilePaused()
      } else if session.isTrainingOver, !session.isComplete, checkWeightsFinite(),
        beginNextRound()
      {
        continue
      } else if session.isTrainingOver {
        if session.state.pruning != nil { _ = beginNextRound() }
        _ = checkWeightsFinite()
        if !isPaused && stopReason == nil { return end(.finished) }
      } else {
        advance()
      }
    }
  }

  // MARK: The steps

  private func advance() {
    let moment = session.pruningMoment
    let result = session.advance()
    continuePruning(after: moment)
    let now = clock.monotonicSeconds()
    let wallTime = clock.wallSeconds()
    thinner.add(
      ScalarThinner.Sample(
        step: Int64(session.state.step), wallTime: wallTime,
        values: [result.loss, Float(result.learningRate), result.gradientNorm]),
      at: now, to: log.events)
    measurements.add(result)
    session.state.epochCorrect += result.told.correct
    session.state.epochCorrectInFive += result.told.correctInFive
    session.state.epochPositions += result.told.positions
    if let values = measurements.report() {
      logScalars(values)
      logArchitecture()
    }
    if session.isEpochOver { endEpoch(now) }
    prunesOnSchedule()
    keepPromises()
    checkFinite(result)
    onProgress?(progress(result, now))
    checkpointWhenDue(now)
    // A run of slow steps shows each at once.
    if log.isFlushDue(now) { thinner.flush(to: log.events) }
    log.tick(now)
  }

  private func endEpoch(_ now: Double) {
    let training = session.endEpoch()
    let validation = validated()
    thinner.flush(to: log.events, keepingLast: true)
    logScalars(training + Self.values(of: validation))
    logConfusion(validation)
    endEpochOfArchitecture()
    let best = session.state.best
    if validation.loss < best?.loss ?? .infinity, session.isFinite {
      session.state.best = TrainingSession.Best(loss: validation.loss, step: session.state.step)
      checkpoints.noteBest(session)
    }
    logHistograms(now)
  }

  private func validated() -> Validation {
    let validation = session.validate()
    lastValidation = (validation.loss, validation.accuracy)
    validatedStep = session.state.step
    return validation
  }

  /// How the network does now, measured if it was not since the last update.
  func presentValidation() -> (loss: Double, accuracy: Double?) {
    guard let lastValidation, validatedStep == session.state.step else { return validate() }
    return lastValidation
  }

  /// How the network does now.
  func validate() -> (loss: Double, accuracy: Double?) {
    let validation = validated()
    return (validation.loss, validation.accuracy)
  }

  private static func values(of validation: Validation) -> [(tag: String, value: Float)] {
    var values: [(tag: String, value: Float)] = [("val/loss", Float(validation.loss))]
    if let accuracy = validation.accuracy { values.append(("val/accuracy", Float(accuracy))) }
    if let inFive = validation.accuracyInFive { values.append(("val/top5", Float(inFive))) }
    return values
  }

  private func logConfusion(_ validation: Validation) {
    guard let grid = validation.confusionGrid else { return }
    log.events.grid(
      grid, tag: "confusion/val", step: Int64(session.state.step), wallTime: clock.wallSeconds())
  }

  /// Histograms of all weights, every few epochs, and less often where epochs are short.
  private func logHistograms(_ now: Double) {
    let policy = session.experiment.log
    let epoch = session.state.step / session.loader.stepsPerEpoch
    guard policy.histogramEpochs > 0, epoch % policy.histogramEpochs == 0,
      now >= nextHistogramSeconds
    else { return }
    for layer in session.prunableLayers {
      log.events.histogram(
        WeightPictures.histogram(of: layer.parameter.value), tag: "weights/\(layer.name)",
        step: Int64(session.state.step), wallTime: clock.wallSeconds())
    }
    let cost = clock.monotonicSeconds() - now
    let histogramPart = 0.3
    nextHistogramSeconds = now + cost / (policy.shareMax * histogramPart)
  }

  private func checkFinite(_ result: TrainingSession.StepResult) {
    defer { wasFinite = result.isFinite }
    guard !result.isFinite, wasFinite else { return }
    tellNonFinite(result.loss.isFinite ? "a gradient" : "the loss")
  }

  /// The loss is measured before an update and may stay a number when a weight is none any more.
  private func checkWeightsFinite() -> Bool {
    let isFinite = session.isFinite
    defer { weightsWereFinite = isFinite }
    if !isFinite && weightsWereFinite { tellNonFinite("a weight") }
    return isFinite
  }

  /// A state that was kept is finite: what comes to be no number from now on is news again.
  func forgetNonFinite() { (wasFinite, weightsWereFinite) = (true, true) }

  private func tellNonFinite(_ what: String) {
    let reason = "\(what) is not a finite number at step \(session.state.step)"
    log.note(.alert(reason), step: session.state.step)
    switch session.experiment.onNonFinite {
    case .continue: return
    case .pause where !isHeadless: pause(reason: reason)
    case .pause, .stop: stopReason = .failed(reason)
    }
  }

  private func progress(_ result: TrainingSession.StepResult, _ now: Double) -> Progress {
    let steps = Double(session.state.step - started.step)
    return Progress(
      step: session.state.step, finalStep: session.finalStep,
      epoch: Double(session.state.position) / Double(session.loader.stepsPerEpoch),
      epochs: session.experiment.epochs, loss: result.loss, validation: lastValidation,
      samplesPerSecond: steps * Double(session.loader.batchSize) / max(1e-9, now - started.seconds),
      isEpochOver: session.isEpochOver)
  }

  /// Measures the session's network from now on, when it is another one than before, and tells of
  /// its shapes.
  func measure(insteadOf learner: Learner) {
    guard session.learner !== learner else { return }
    measurements = Measurements(session, clock: clock)
    tellShapes()
  }

  /// Journals the shapes of weights that are not those the run began with.
  private func tellShapes() {
    let changed = session.prunableLayers.filter {
      $0.parameter.value.count != session.origin.weightCounts[$0.name]
    }.map { RunManifest.Layer(name: $0.name, shape: $0.parameter.value.shape) }
    var first = 0
    repeat {
      let part = changed[first...].prefix(JournalRecord.Shapes.layersMax)
      log.note(
        .shapes(.init(first: Int64(first), layers: Array(part))), step: session.state.step)
      first += JournalRecord.Shapes.layersMax
    } while first < changed.count
  }

  // MARK: The log

  func logScalars(_ values: [(tag: String, value: Float)]) {
    log.events.scalars(
      values, step: Int64(session.state.step), wallTime: clock.wallSeconds())
  }

  /// The density of every layer's weights, and its sparsity, as they are now.
  func logDensity() {
    let sparsities = session.sparsities()
    var values: [(tag: String, value: Float)] = [("sparsity/total", Float(sparsities.total))]
    for (index, layer) in session.prunableLayers.enumerated() {
      values.append(("sparsity/\(layer.name)", Float(sparsities.layers[index])))
      log.events.grid(
        WeightPictures.density(of: layer.parameter), tag: "density/\(layer.name)",
        step: Int64(session.state.step), wallTime: clock.wallSeconds())
    }
    logScalars(values)
    log.flush()
  }

  func notePhase(_ name: JournalRecord.Phase.Name, reason: String? = nil) {
    // The numbers first: who reads of a pause finds the step at which it came.
    thinner.flush(to: log.events, keepingLast: true)
    log.flush()
    log.note(
      .phase(
        JournalRecord.Phase(
          name, reason: reason, finalStep: Int64(session.finalStep),
          stepsPerEpoch: Int64(session.loader.stepsPerEpoch))),
      step: session.state.step)
  }

  // MARK: Checkpoints

  /// What is measured before training, and the state that a run killed at once resumes with.
  private func begin() throws {
    let validation = validated()
    logScalars(Self.values(of: validation))
    logConfusion(validation)
    noteArchitecture()
    _ = try writeCheckpoint()
  }

  private func checkpointWhenDue(_ now: Double) {
    let policy = session.experiment.checkpoint
    let isDue =
      now >= nextCheckpointSeconds
      || (policy.everySteps > 0 && session.state.step % policy.everySteps == 0)
    guard isDue, wasFinite, checkWeightsFinite() else { return }
    nextCheckpointSeconds = now + policy.everySeconds
    do {
      _ = try writeCheckpoint()
      isCheckpointFailing = false
    } catch {
      let retrySeconds = 10.0
      nextCheckpointSeconds = now + min(retrySeconds, policy.everySeconds)
      if !isCheckpointFailing {
        log.note(.note("no checkpoint was written: \(error)"), step: session.state.step)
      }
      isCheckpointFailing = true
    }
  }

  /// Writes and announces the present state; everything up to its step is on the disk before.
  @discardableResult
  func writeCheckpoint() throws -> String {
    guard session.isFinite else { throw EngineError("a weight is not a finite number") }
    let state = session.state
    let name = Checkpoint.fileName(step: state.step, change: state.changesAtStep)
    thinner.flush(to: log.events, keepingLast: true)
    try log.synchronize()
    // The best first: the state that names it must not be there without it.
    if let best = try checkpoints.writeBest() {
      try log.commit(.checkpoint(name: best.name), step: best.step)
      if best.name == name { lastAnnounced = name }
    }
    if try checkpoints.write(session, name: name) || lastAnnounced != name {
      try log.commit(.checkpoint(name: name), step: state.step)
    }
    lastAnnounced = name
    checkpoints.retain(name, of: session)
    return name
  }

  // MARK: Pausing and ending

  func pause(reason: String? = nil) {
    isPaused = true
    if let values = measurements.reportEarly() { logScalars(values) }
    notePhase(.paused, reason: reason)
    do throws(SystemError) {
      try log.synchronize()
    } catch {}  // the log tells by itself, and tries again
  }

  func goOn() {
    isPaused = false
    measurements.restart()
    notePhase(.training)
  }

  private func waitWhilePaused() {
    log.tick(clock.monotonicSeconds())
    let descriptors = [signals?.descriptor, watcher.descriptor].compactMap { $0 }
    let isWatched = watcher.descriptor != nil && previews.isEmpty
    let patienceSeconds = isWatched ? 1.0 : 0.05
    _ = Readiness.wait(for: descriptors, timeoutSeconds: patienceSeconds)
    watcher.drain()
  }

  private func takeSignals() {
    guard let signals else { return }
    for signal in signals.received() {
      stopReason = .stoppedBySignal(signal)
    }
  }

  private func end(_ outcome: Outcome) -> Outcome {
    if !isPaused, let values = measurements.reportEarly() { logScalars(values) }
    thinner.flush(to: log.events, keepingLast: true)
    var result = outcome
    if wasFinite && session.isFinite {
      do {
        try writeCheckpoint()
      } catch {
        result = .failed("the last checkpoint was not written: \(error)")
      }
    }
    answerPreviews(waiting: true)
    refuseCommandsLeft()
    switch result {
    case .finished:
      log.events.sessionEnd(succeeded: true, wallTime: clock.wallSeconds())
      log.flush()
      notePhase(.finished)
    case .stopped: notePhase(.stopped, reason: "asked to stop")
    case .stoppedBySignal(let signal):
      notePhase(
        .stopped,
        reason: signal == SIGINT ? "interrupted" : signal == SIGHUP ? "hung up" : "terminated")
    case .failed(let reason): notePhase(.failed, reason: reason)
    }
    do throws(SystemError) {
      try log.synchronize()
    } catch {
      if case .failed = result { return result }
      return .failed("the end of the log was not written: \(error)")
    }
    return result
  }
}
