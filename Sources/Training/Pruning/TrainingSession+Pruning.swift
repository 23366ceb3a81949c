import NeuralNetwork
import RunLog
import Tensors

extension TrainingSession {
  /// Training samples that methods look at, at most.
  static let pruningSamplesMax = 2048

  /// Copies of the samples that the next updates will train on.
  func pruningSamples() -> PruningSamples<Float> {
    let samples = PruningSamples<Float>()
    var step = state.step
    while samples.count < min(Self.pruningSamplesMax, loader.dataset.trainingCount) {
      let batch = loader.trainingBatch(step: step)
      samples.append(batch.input, batch.targets, rows: batch.rows, lengths: batch.lengths)
      step += 1
      guard batch.rows > 0 else { break }
    }
    return samples
  }

  /// What a method has to know to decide now.
  func task(
    _ request: ControlCommand.PruneRequest, needsSamples: Bool
  ) -> PruningTask<Float> {
    PruningTask(
      network, learner.graph, origin: origin, target: request.sparsity, layers: request.layers,
      samples: needsSamples ? pruningSamples() : PruningSamples(),
      seed: experiment.seed &+ UInt64(state.step) &* 0x9E37_79B9_7F4A_7C15)
  }

  func plan(_ decision: PruningDecision<Float>) -> PrunePlan {
    PrunePlan(decision, learner, origin: origin)
  }

  /// Makes the network smaller as planned.
  func apply(_ decision: PruningDecision<Float>) throws {
    for parameter in network.parameters {
      if let value = decision.values[parameter.name] { repair(parameter, value) }
      if let mask = decision.masks[parameter.name] { parameter.setMask(mask) }
    }
    optimizer.applyMasks()
    average?.applyMasks()
    for part in rewindPoint {
      guard let mask = decision.masks[part.name] else { continue }
      Float.multiply(part.tensor.scalars, by: mask.scalars, count: mask.count)
    }
    guard !decision.removed.isEmpty else { return }
    let cut = ChannelCut(learner.graph, removing: decision.removed)
    let samples = pruningSamples()
    ConstantFolding(network, cut).fold(samples)
    let small = try learner.slimmed(by: cut)
    let oldProcess = process
    let oldRewindPoint = rewindPoint
    let newProcess = try state.pruning.flatMap { try makeProcess($0, for: small) }
    enter(
      Stage(
        learner: small, process: newProcess,
        rewindPoint: oldRewindPoint.isEmpty ? [] : Self.makeRewindPoint(small)))
    for (from, to) in zip(oldRewindPoint, rewindPoint) {
      cut.copy(from.name, from.tensor, into: to.tensor)
    }
    for (from, to) in zip(oldProcess?.state ?? [], newProcess?.state ?? []) {
      if from.tensor.shape == to.tensor.shape {
        to.tensor.copy(from: from.tensor)
      } else if from.tensor.count == cut.graph.channelCount {
        cut.copyChannels(from.tensor, into: to.tensor)
      }
    }
    BatchNormRecalibration(network).run(samples)
  }

  /// Gives a parameter other values; what was remembered of the old ones is forgotten.
  private func repair(_ parameter: Parameter<Float>, _ value: Tensor<Float>) {
    parameter.value.copy(from: value)
    for moment in optimizer.moments(of: parameter) { moment.fill(0) }
    average?.tensor(of: parameter)?.copy(from: value)
  }

  /// Fraction of the weights of the network as it began that are gone: of each prunable layer, and
  /// of all.
  func sparsities() -> (layers: [Double], total: Double) {
    var (total, gone) = (0, 0)
    let layers = prunableLayers.map { layer -> Double in
      let count = origin.weightCounts[layer.name] ?? layer.parameter.value.count
      let alive = layer.parameter.value.count - layer.parameter.prunedCount
      total += count
      gone += count - alive
      return Double(count - alive) / Double(max(1, count))
    }
    return (layers, Double(gone) / Double(max(1, total)))
  }

  // MARK: While training goes on

  /// The step that a process takes part in next; nil without one.
  var pruningMoment: PruningMoment? {
    guard let pruning = state.pruning, process != nil else { return nil }
    return PruningMoment(
      index: state.position - pruning.start, length: pruning.length,
      updatesPerEpoch: loader.stepsPerEpoch, step: state.step, learningRate: learningRate)
  }

  /// Begins pruning that goes on while the network learns.
  func begin(_ pruning: PruningInProgress) throws {
    let process = try makeProcess(pruning, for: learner)
    state.pruning = pruning
    enter(Stage(learner: learner, process: process, rewindPoint: []))
    process?.begin()
  }

  /// Ends it; what it did stays.
  func endPruning() {
    state.pruning = nil
    enter(Stage(learner: learner, process: nil, rewindPoint: []))
  }
}
