import NeuralNetwork
import RunLog
import Tensors

extension TrainingSession {
  /// The objects that a state's tensors belong to: a checkpoint makes those that fit it before it
  /// changes anything.
  struct Stage {
    let learner: Learner
    let process: (any PruningProcess<Float>)?
    let rewindPoint: [(name: String, tensor: Tensor<Float>)]

    /// All tensors that decide how training goes on, by name, without masks.
    var tensors: [(name: String, tensor: Tensor<Float>)] {
      learner.tensors + (process?.state ?? []).map { ("pruning." + $0.name, $0.tensor) }
        + rewindPoint.map { ("rewind." + $0.name, $0.tensor) }
    }
  }

  var stage: Stage { Stage(learner: learner, process: process, rewindPoint: rewindPoint) }

  /// A stage that fits a state with some widths: the present one where it does, with a process of
  /// its own.
  func stage(for state: State, widths: [String: Int]) throws -> Stage {
    for (layer, width) in widths where width > origin.channelCounts[layer] ?? .max {
      throw ControlCommand.Request.Refusal("\(layer) cannot have \(width) outputs")
    }
    let learner = widths == learner.widths ? learner : try learner.resized(widths)
    guard let pruning = state.pruning else {
      return Stage(learner: learner, process: nil, rewindPoint: [])
    }
    return Stage(
      learner: learner, process: try makeProcess(pruning, for: learner),
      rewindPoint: pruning.round?.hasRewindPoint == true ? Self.makeRewindPoint(learner) : [])
  }

  func enter(_ stage: Stage) {
    adopt(stage.learner)
    process = stage.process
    rewindPoint = stage.rewindPoint
    network.observers.interceptor = process.flatMap { $0.intercepts ? $0 : nil }
  }

  /// The process of a method that works while the network learns; nil for one that goes in rounds.
  func makeProcess(
    _ pruning: PruningInProgress, for learner: Learner
  ) throws -> (any PruningProcess<Float>)? {
    guard
      let method = try PruningMethods.method(pruning.request) as? any TrainingPruning
    else { return nil }
    let task = PruningTask(
      learner.network, learner.graph, origin: origin, target: pruning.request.sparsity,
      layers: pruning.request.layers, seed: experiment.seed &+ UInt64(pruning.start))
    let rates = (0..<pruning.length).reduce(0.0) {
      $0 + scheduledLearningRate(at: pruning.start + $1)
    }
    let stage = PruningStage(
      optimizer: learner.optimizer, length: pruning.length,
      updatesPerEpoch: loader.stepsPerEpoch,
      learningRateSum: rates * self.state.learningRateScale)
    return try method.makeProcess(task, stage)
  }

  /// Memory for weights and statistics to go back to.
  static func makeRewindPoint(
    _ learner: Learner
  ) -> [(name: String, tensor: Tensor<Float>)] {
    learner.network.parameters.map { ($0.name, Tensor(shape: $0.value.shape)) }
      + learner.network.statistics.map { ($0.name, Tensor(shape: $0.value.shape)) }
  }
}
