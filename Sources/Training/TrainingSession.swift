import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// A network in training: all the state that a checkpoint holds, and the steps that change it.
/// Touches no file.
final class TrainingSession {
  let experiment: Experiment
  let loader: DataLoader
  let pool: WorkerPool
  /// Gives what the architecture learns from; nil where it does not learn.
  let architectureLoader: DataLoader?

  /// The network, as large as prunes left it.
  private(set) var learner: Learner
  /// Pruning that goes on while the network learns.
  var process: (any PruningProcess<Float>)?
  /// Weights and statistics to go back to in later rounds.
  var rewindPoint: [(name: String, tensor: Tensor<Float>)] = []
  /// The sizes of the network as it began.
  let origin: PruningOrigin

  var network: Network<Float> { learner.network }
  var optimizer: any Optimizer<Float> { learner.optimizer }
  var average: WeightAverage<Float>? { learner.average }
  var prunableLayers: [(name: String, parameter: Parameter<Float>)] { learner.prunableLayers }

  var state: State
  /// Of the learning rate; what the experiment or a person says.
  private(set) var schedule: any LearningRateSchedule
  /// Who measures updates.
  var updates: UpdateRatios?

  private let clock: any Clock

  /// Where a run stands, besides its tensors.
  struct State: Equatable {
    /// Updates made; never falls while the run lives.
    var step = 0
    /// Updates on the way to the end of the schedule; an undo sets it back.
    var position = 0
    /// Times the schedule's learning rate: what people changed.
    var learningRateScale = 1.0
    /// The schedule that people typed; nil: the experiment's.
    var typedSchedule: TypedSchedule?
    /// Scheduled prunes that have acted.
    var scheduledPrunesDone = 0
    /// Changes made by hand or schedule since the last update.
    var changesAtStep = 0
    /// Commands obeyed since the last update.
    var commandsAtStep: [String] = []
    /// Positions of the present epoch whose class was told so far, those told right, and those
    /// whose class was among the five most likely.
    var epochPositions = 0
    var epochCorrect = 0
    var epochCorrectInFive = 0
    /// Pruning that goes on.
    var pruning: PruningInProgress?
    /// What undo takes back, newest last.
    var undoStack: [UndoEntry] = []
    var best: Best?
  }

  /// A learning-rate schedule that was typed while the run went on.
  struct TypedSchedule: Equatable {
    /// As experiments describe it.
    var json: JSON
    /// The position at which it began.
    var start: Int
  }

  /// One change that can be taken back.
  struct UndoEntry: Equatable {
    /// Its name in the protocol: "prune", "set_learning_rate".
    var command: String
    /// The checkpoint that holds the state before it; nil: it could not be kept.
    var checkpoint: String?
    /// The step of that state.
    var step: Int
  }

  /// The best validation so far.
  struct Best: Equatable {
    var loss: Double
    var step: Int
  }

  static let undoDepthMax = 8

  init(
    _ experiment: Experiment, dataset: Dataset, pool: WorkerPool, clock: any Clock
  ) throws(NetworkError) {
    self.experiment = experiment
    self.pool = pool
    self.clock = clock
    loader = DataLoader(dataset, batchSize: experiment.batchSize, seed: experiment.seed)
    architectureLoader =
      experiment.architectureSearch == nil
      ? nil
      : DataLoader(
        dataset, batchSize: experiment.batchSize, seed: experiment.seed, preparesAhead: false)
    learner = try Learner(
      experiment,
      experiment.plan(inputShape: dataset.sampleShape, targets: dataset.targetShape),
      batchSizeMax: loader.batchSize, pool: pool)
    origin = PruningOrigin(learner.network, learner.graph)
    state = State()
    schedule = experiment.schedule
  }

  /// Goes on with another learner.
  func adopt(_ learner: Learner) { self.learner = learner }

  // MARK: Steps

  /// Updates of one training of the whole network.
  var positionsOfTraining: Int { experiment.epochs * loader.stepsPerEpoch }
  /// Updates of the training that goes on: of a round of pruning, it may be shorter.
  var totalPositions: Int { state.pruning?.round?.positions ?? positionsOfTraining }
  /// The step at which the run is complete.
  var finalStep: Int { state.step + max(0, totalPositions - state.position) + laterPositions }
  /// True behind the last update of a training, be it of a round or of the run.
  var isTrainingOver: Bool { state.position >= totalPositions }
  var isComplete: Bool { isTrainingOver && laterPositions == 0 }
  /// True behind the last update of an epoch or of a training.
  var isEpochOver: Bool {
    state.step > 0 && (state.step % loader.stepsPerEpoch == 0 || isTrainingOver)
  }

  /// The learning rate that the schedule alone would give the next update.
  var scheduledLearningRate: Double { scheduledLearningRate(at: state.position) }

  /// The learning rate that the schedule alone gives behind some updates.
  func scheduledLearningRate(at position: Int) -> Double {
    scheduledLearningRate(
      at: schedulePosition(position, of: totalPositions), schedule,
      from: state.typedSchedule?.start ?? 0)
  }

  /// A round goes through the whole schedule, however short it is.
  private func schedulePosition(_ position: Int, of total: Int) -> Int {
    total == positionsOfTraining ? position : position * positionsOfTraining / max(1, total)
  }

  private func scheduledLearningRate(
    at position: Int, _ schedule: any LearningRateSchedule, from start: Int
  ) -> Double {
    let length = RunLength(
      updates: positionsOfTraining - start, updatesPerEpoch: loader.stepsPerEpoch)
    return experiment.optimizer.learningRate
      * schedule.factor(at: position - start, of: length)
  }

  /// The learning rate of the next update under a schedule that is not followed yet.
  /// - Throws: `Refusal` for what is no schedule.
  func learningRate(under typed: TypedSchedule) throws -> Double {
    scheduledLearningRate(at: state.position, try Self.schedule(typed), from: typed.start)
      * state.learningRateScale
  }

  /// The learning rate of the next update from another state.
  func learningRate(in other: State) throws -> Double {
    let schedule = try other.typedSchedule.map { try Self.schedule($0) } ?? experiment.schedule
    let total = other.pruning?.round?.positions ?? positionsOfTraining
    return scheduledLearningRate(
      at: schedulePosition(other.position, of: total), schedule,
      from: other.typedSchedule?.start ?? 0)
      * other.learningRateScale
  }

  /// Follows a schedule that was typed, or with nil that of the experiment.
  func follow(_ typed: TypedSchedule?) throws {
    schedule = try typed.map { try Self.schedule($0) } ?? experiment.schedule
    state.typedSchedule = typed
  }

  private static func schedule(_ typed: TypedSchedule) throws -> any LearningRateSchedule {
    do {
      return try Experiment.schedule(typed.json)
    } catch let error as ExperimentError {
      // The setting as it was typed: nobody typed "learningRateSchedule".
      let setting = error.field.split(separator: ".").dropFirst().joined(separator: ".")
      throw ControlCommand.Request.Refusal(
        setting.isEmpty ? error.problem : "\(setting): \(error.problem)")
    }
  }

  /// The learning rate of the next update.
  var learningRate: Double { scheduledLearningRate * state.learningRateScale }

  /// What one update measured.
  struct StepResult {
    /// Over the batch, before the update.
    var told: LossResult
    var samples: Int
    var learningRate: Double
    /// Of the gradients of all weights that are not pruned, before clipping.
    var gradientNorm: Float
    var dataSeconds, forwardSeconds, backwardSeconds, updateSeconds: Double

    /// Mean over the batch.
    var loss: Float { Float(told.mean) }
    var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
  }

  /// Makes one update.
  func advance() -> StepResult {
    let start = clock.monotonicSeconds()
    let batch = loader.trainingBatch(step: state.step)
    let ready = clock.monotonicSeconds()
    let learned = learnArchitecture(batch)
    let filled = learned ? clock.monotonicSeconds() : ready
    let moment = pruningMoment
    if let moment { process?.willStep(moment) }
    let pass = Pass.training(rows: batch.rows, step: state.step, lengths: batch.lengths)
    let output = network.forward(batch.input, pass)
    let (told, gradient) = network.evaluate(output, batch.targets, pass)
    let forwarded = clock.monotonicSeconds()
    network.backward(gradient, pass)
    if let moment { process?.didDerive(moment) }
    let gradientNorm = learner.gradientNorm.measure()
    let backwarded = clock.monotonicSeconds()
    let rate = learningRate
    learner.clipper?.clip(norm: gradientNorm)
    updates?.beginUpdate()
    let isDone = moment.flatMap { process?.update($0) } ?? false
    if !isDone { optimizer.step(learningRate: rate) }
    updates?.endUpdate()
    average?.update()
    state.step += 1
    state.position += 1
    state.changesAtStep = 0
    state.commandsAtStep.removeAll(keepingCapacity: true)
    let updated = clock.monotonicSeconds()
    return StepResult(
      told: told, samples: batch.rows, learningRate: rate, gradientNorm: Float(gradientNorm),
      dataSeconds: ready - start, forwardSeconds: forwarded - filled,
      backwardSeconds: backwarded - forwarded,
      updateSeconds: updated - backwarded + (filled - ready))
  }

  /// How the network did while it learned the epoch that is over, and begins to count the next.
  func endEpoch() -> [(tag: String, value: Float)] {
    var told = LossResult()
    told.correct = state.epochCorrect
    told.correctInFive = state.epochCorrectInFive
    told.positions = state.epochPositions
    (state.epochPositions, state.epochCorrect, state.epochCorrectInFive) = (0, 0, 0)
    guard told.positions > 0 else { return [] }
    let classCount = network.plan.targets.outputs
    var values = [("train/accuracy", Float(told.correct) / Float(told.positions))]
    if let inFive = Validation.accuracyInFive(told, classCount: classCount) {
      values.append(("train/top5", Float(inFive)))
    }
    return values.map { (tag: $0.0, value: $0.1) }
  }

  /// How the network does on the validation samples, with the averaged weights where there are
  /// some.
  func validate() -> Validation {
    average?.exchange()
    defer { average?.exchange() }
    var validation = Validation(targets: network.plan.targets)
    var number = 0
    while let batch = loader.validationBatch(number) {
      let targets = batch.targets
      let pass = Pass.evaluation(rows: batch.rows, lengths: batch.lengths)
      let output = network.forward(batch.input, pass)
      validation.told += network.loss.evaluate(
        output, targets, rows: batch.rows, gradient: nil)
      validation.note(output, targets, rows: batch.rows)
      number += 1
    }
    return validation
  }

  /// False when a weight or a moment is no number any more: such a state is never kept.
  var isFinite: Bool {
    learner.tensors.allSatisfy {
      Float.sumOfSquares($0.tensor.scalars, count: $0.tensor.count).isFinite
    }
  }

  /// Remembers how to take a change back; the oldest goes when there are too many.
  func pushUndo(_ entry: UndoEntry) {
    state.undoStack.append(entry)
    if state.undoStack.count > Self.undoDepthMax { state.undoStack.removeFirst() }
  }
}
