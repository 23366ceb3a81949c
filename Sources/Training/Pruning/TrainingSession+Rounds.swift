import NeuralNetwork
import Tensors

extension TrainingSession {
  /// Updates of the rounds of pruning that come after the training that goes on.
  var laterPositions: Int {
    guard let pruning = state.pruning, let round = pruning.round, round.number < round.last,
      let rounds = Self.rounds(of: pruning)
    else { return 0 }
    let epoch = loader.stepsPerEpoch
    let short = max(1, (rounds.share * Double(experiment.epochs)).rounded())
    let shortPositions = min(positionsOfTraining, Int(short) * epoch)
    let begin = Self.beginning(round, rounds.rewinding)
    let shortRounds = round.last - round.number - 1
    return shortRounds * (shortPositions - begin * shortPositions / positionsOfTraining)
      + positionsOfTraining - begin
  }

  static func rounds(of pruning: PruningInProgress) -> PruningRounds? {
    do {
      let method = try PruningMethods.method(pruning.request)
      return (method as? any RoundPruning)?.rounds(target: pruning.request.sparsity, from: 0)
    } catch { return nil }
  }

  /// The position in a whole training at which rounds begin.
  private static func beginning(
    _ round: PruningInProgress.Round, _ rewinding: Rewinding
  ) -> Int {
    rewinding == .fineTune ? 0 : round.rewindPosition
  }

  /// Keeps weights and statistics as they are now.
  func keepRewindPoint() {
    rewindPoint = Self.makeRewindPoint(learner)
    for (copy, live) in zip(rewindPoint, liveOfRewindPoint) { copy.tensor.copy(from: live) }
    state.pruning?.round?.hasRewindPoint = true
  }

  private var liveOfRewindPoint: [Tensor<Float>] {
    network.parameters.map(\.value) + network.statistics.map(\.value)
  }

  /// Begins a round: weights and schedule go back as far as the method says, and what the optimizer
  /// remembers is forgotten.
  func rewind(
    to round: PruningInProgress.Round, _ rewinding: Rewinding, _ pruning: PruningInProgress
  ) {
    state.pruning = pruning
    state.position =
      Self.beginning(round, rewinding) * round.positions / max(1, positionsOfTraining)
    if rewinding == .weights || rewinding == .initial, round.hasRewindPoint {
      for (copy, live) in zip(rewindPoint, liveOfRewindPoint) { live.copy(from: copy.tensor) }
      for parameter in network.parameters {
        if let mask = parameter.mask { parameter.setMask(mask) }
      }
    }
    for (_, moment) in optimizer.state { moment.fill(0) }
    optimizer.stepCount = 0
  }
}
