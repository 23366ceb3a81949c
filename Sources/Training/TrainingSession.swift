import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// A network in training: all the state that a checkpoint holds, and the steps that change it.
/// Touches no file.
final class TrainingSession {
  let experiment: Experiment
  let network: Network<Float>
  let optimizer: any Optimizer<Float>
  let average: WeightAverage<Float>?
  let loader: DataLoader
  let pool: WorkerPool

  var state: State
  /// Of the learning rate; what the experiment or a person says.
  private(set) var schedule: any LearningRateSchedule
  /// Parameters that can be pruned, with the names of their layers.
  let prunableLayers: [(name: String, parameter: Parameter<Float>)]
  /// Multiplications and additions of one sample's forward pass that each weight of such a
  /// parameter costs: 2 for every place or step where the weight is used.
  private let flopsPerWeight: [Int]

  private let gradientNorm: GradientNorm<Float>
  private let clipper: GradientClipper<Float>?
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
    network = try Network(
      experiment.plan(inputShape: dataset.sampleShape, targets: dataset.targetShape),
      batchSizeMax: loader.batchSize, pool: pool,
      seed: experiment.seed)
    let (parameters, statistics) = (network.parameters, network.statistics)
    optimizer = experiment.optimizer.makeOptimizer(parameters, pool: pool)
    average = experiment.averaging.map {
      WeightAverage(
        decay: $0.decay, parameters, statistics: statistics, pool: pool)
    }
    gradientNorm = GradientNorm(parameters, pool: pool)
    clipper = experiment.clipping.map { GradientClipper($0, parameters, pool: pool) }
    state = State()
    schedule = experiment.schedule
    prunableLayers = network.weights
    flopsPerWeight = network.leaves.flatMap { layer -> [Int] in
      let weights = layer.parameters.filter(\.isPrunable)
      let count = weights.reduce(0) { $0 + $1.value.count }
      return weights.map { _ in layer.flopsPerSample / max(1, count) }
    }
  }

  // MARK: Steps

  /// Updates of the whole run.
  var totalPositions: Int { experiment.epochs * loader.stepsPerEpoch }
  /// The step at which the run is complete.
  var finalStep: Int { state.step + totalPositions - state.position }
  var isComplete: Bool { state.position >= totalPositions }
  /// True behind the last update of an epoch or of the run.
  var isEpochOver: Bool {
    state.step > 0 && (state.step % loader.stepsPerEpoch == 0 || isComplete)
  }

  /// The learning rate that the schedule alone would give the next update.
  var scheduledLearningRate: Double { scheduledLearningRate(at: state.position) }

  /// The learning rate that the schedule alone gives behind some updates.
  func scheduledLearningRate(at position: Int) -> Double {
    scheduledLearningRate(at: position, schedule, from: state.typedSchedule?.start ?? 0)
  }

  private func scheduledLearningRate(
    at position: Int, _ schedule: any LearningRateSchedule, from start: Int
  ) -> Double {
    let length = RunLength(
      updates: totalPositions - start, updatesPerEpoch: loader.stepsPerEpoch)
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
    return scheduledLearningRate(
      at: other.position, schedule, from: other.typedSchedule?.start ?? 0)
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
    /// Of all gradients together, before masks and clipping.
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
    let filled = clock.monotonicSeconds()
    let pass = Pass.training(rows: batch.rows, step: state.step, lengths: batch.lengths)
    let output = network.forward(batch.input, pass)
    let (told, gradient) = network.evaluate(output, batch.targets, pass)
    let forwarded = clock.monotonicSeconds()
    network.backward(gradient, pass)
    let gradientNorm = gradientNorm.measure()
    let backwarded = clock.monotonicSeconds()
    let rate = learningRate
    clipper?.clip(norm: gradientNorm)
    updates?.beginUpdate()
    optimizer.step(learningRate: rate)
    updates?.endUpdate()
    average?.update()
    state.step += 1
    state.position += 1
    state.changesAtStep = 0
    state.commandsAtStep.removeAll(keepingCapacity: true)
    let updated = clock.monotonicSeconds()
    return StepResult(
      told: told, samples: batch.rows, learningRate: rate, gradientNorm: Float(gradientNorm),
      dataSeconds: filled - start, forwardSeconds: forwarded - filled,
      backwardSeconds: backwarded - forwarded, updateSeconds: updated - backwarded)
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
    Checkpoint.tensors(of: self).allSatisfy {
      Float.sumOfSquares($0.tensor.scalars, count: $0.tensor.count).isFinite
    }
  }

  // MARK: Pruning

  /// Masks that a prune would put on, with what they would change.
  struct PrunePlan {
    var masks: [(layer: Int, mask: Tensor<Float>)]
    var changes: [JournalRecord.LayerChange]
    var before, after: Double
    var parameters, flops: Int64
  }

  /// Plans a prune without doing it. `layers` are names; nil: all together.
  func plan(
    _ method: any PruningMethod, reaching sparsity: Double, layers names: [String]?
  ) -> PrunePlan {
    let chosen = prunableLayers.indices.filter { names?.contains(prunableLayers[$0].name) ?? true }
    let masks = method.masks(for: chosen.map { prunableLayers[$0].parameter }, reaching: sparsity)
    let newMasks = Dictionary(uniqueKeysWithValues: zip(chosen, masks))
    var (total, zerosBefore, zerosAfter) = (0, 0, 0)
    let changes = prunableLayers.indices.map { index in
      let parameter = prunableLayers[index].parameter
      let count = parameter.value.count
      let before = parameter.prunedCount
      let after = newMasks[index].map { $0.buffer.reduce(0) { $0 + ($1 == 0 ? 1 : 0) } } ?? before
      total += count
      zerosBefore += before
      zerosAfter += after
      return JournalRecord.LayerChange(
        name: prunableLayers[index].name, before: Double(before) / Double(count),
        after: Double(after) / Double(count), parameters: Int64(count - after),
        flops: Int64(flopsPerWeight[index] * (count - after)))
    }
    let others = network.parameters.reduce(0) { $0 + ($1.isPrunable ? 0 : $1.value.count) }
    return PrunePlan(
      masks: zip(chosen, masks).map { ($0, $1) }, changes: changes,
      before: Double(zerosBefore) / Double(max(1, total)),
      after: Double(zerosAfter) / Double(max(1, total)),
      parameters: Int64(total - zerosAfter + others),
      flops: changes.reduce(0) { $0 + $1.flops })
  }

  /// Puts the planned masks on.
  func apply(_ plan: PrunePlan) {
    for (layer, mask) in plan.masks { prunableLayers[layer].parameter.setMask(mask) }
    optimizer.applyMasks()
    average?.applyMasks()
  }

  /// Fraction of zeros by mask: of each prunable layer, and of all.
  func sparsities() -> (layers: [Double], total: Double) {
    let pruned = prunableLayers.map { $0.parameter.prunedCount }
    let sizes = prunableLayers.map { $0.parameter.value.count }
    let layers = zip(pruned, sizes).map { Double($0) / Double($1) }
    return (layers, Double(pruned.reduce(0, +)) / Double(max(1, sizes.reduce(0, +))))
  }

  /// Remembers how to take a change back; the oldest goes when there are too many.
  func pushUndo(_ entry: UndoEntry) {
    state.undoStack.append(entry)
    if state.undoStack.count > Self.undoDepthMax { state.undoStack.removeFirst() }
  }
}
