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
  let loader: DataLoader
  let pool: WorkerPool

  var state: State
  /// Parameters that can be pruned, with the names of their layers.
  let prunableLayers: [(name: String, parameter: Parameter<Float>)]

  private let clock: any Clock

  /// Where a run stands, besides its tensors.
  struct State: Equatable {
    /// Updates made; never falls while the run lives.
    var step = 0
    /// Updates on the way to the end of the schedule; an undo sets it back.
    var position = 0
    /// Times the schedule's learning rate: what people changed.
    var learningRateScale = 1.0
    /// Scheduled prunes that have acted.
    var scheduledPrunesDone = 0
    /// Changes made by hand or schedule since the last update.
    var changesAtStep = 0
    /// Commands obeyed since the last update.
    var commandsAtStep: [String] = []
    /// Training samples of the present epoch so far, and those told right.
    var epochSamples = 0
    var epochCorrect = 0
    /// What undo takes back, newest last.
    var undoStack: [UndoEntry] = []
    var best: Best?
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
      Self.plan(experiment, dataset), batchSizeMax: loader.batchSize, pool: pool,
      seed: experiment.seed)
    optimizer = experiment.optimizer.makeOptimizer(network.parameters, pool: pool)
    state = State()
    prunableLayers = network.prunableParameters.map { parameter in
      (String(parameter.name.prefix { $0 != "." }), parameter)
    }
  }

  static func plan(_ experiment: Experiment, _ dataset: Dataset) -> Network<Float>.Plan {
    Network<Float>.Plan(
      layers: experiment.layers, inputShape: dataset.sampleShape,
      classCount: dataset.classCount)
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
    experiment.optimizer.learningRate
      * experiment.schedule.factor(at: position, of: totalPositions)
  }
  /// The learning rate of the next update.
  var learningRate: Double { scheduledLearningRate * state.learningRateScale }

  /// What one update measured.
  struct StepResult {
    /// Mean over the batch, before the update.
    var loss: Float
    /// Samples of the batch that were told right.
    var correct: Int
    var samples: Int
    var learningRate: Double
    /// Of all gradients together, before masks.
    var gradientNorm: Float
    var dataSeconds, forwardSeconds, backwardSeconds, updateSeconds: Double

    var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
  }

  /// Makes one update.
  func advance() -> StepResult {
    let start = clock.monotonicSeconds()
    let rows = loader.fillTrainingBatch(step: state.step)
    let filled = clock.monotonicSeconds()
    let logits = network.forward(loader.input, rows: rows)
    let told = network.loss.evaluate(logits, labels: loader.labels, rows: rows)
    let forwarded = clock.monotonicSeconds()
    network.backward(rows: rows)
    let gradientNorm = gradientSquares().squareRoot()
    let backwarded = clock.monotonicSeconds()
    let rate = learningRate
    optimizer.step(learningRate: rate)
    state.step += 1
    state.position += 1
    state.changesAtStep = 0
    state.commandsAtStep.removeAll(keepingCapacity: true)
    let updated = clock.monotonicSeconds()
    return StepResult(
      loss: Float(told.lossSum / Double(rows)), correct: told.correct, samples: rows,
      learningRate: rate, gradientNorm: Float(gradientNorm), dataSeconds: filled - start,
      forwardSeconds: forwarded - filled, backwardSeconds: backwarded - forwarded,
      updateSeconds: updated - backwarded)
  }

  private func gradientSquares() -> Double {
    var squares = 0.0
    for parameter in network.parameters {
      squares += Float.sumOfSquares(parameter.gradient.scalars, count: parameter.gradient.count)
    }
    return squares
  }

  /// Loss and accuracy over the validation samples.
  func validate() -> (loss: Double, accuracy: Double) {
    var (lossSum, correct, samples) = (0.0, 0, 0)
    var batch = 0
    while true {
      let rows = loader.fillValidationBatch(batch)
      if rows == 0 { break }
      let logits = network.forward(loader.input, rows: rows)
      let told = network.loss.evaluate(logits, labels: loader.labels, rows: rows)
      lossSum += told.lossSum
      correct += told.correct
      samples += rows
      batch += 1
    }
    return (lossSum / Double(samples), Double(correct) / Double(samples))
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
        flops: Int64(2 * (count - after)))
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
