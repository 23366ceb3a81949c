import Tensors

/// Pulls the gains of batch normalisations towards zero while the network learns; at the end the
/// channels of the smallest go (Liu et al., "Learning efficient convolutional networks through
/// network slimming", 2017).
///
/// The paper adds s · sign(γ) to the gradient; what that moves a gain by over a run is s times the
/// sum of the learning rates divided by 1 - momentum, which has to be 2 to 3 for channels to fall
/// silent, however long the run is. `strength` is that sum. Ours is a step of its own behind each
/// update, as weight decay is in AdamW, with the learning rate's share of the strength: so it means
/// the same to every optimizer. A gain stops at zero instead of crossing it. In a short training so
/// strong a pull would leave the loss no time to hold the gains that matter: `pullMax` bounds it,
/// to what s = 0.005 is with a momentum of 0.9.
///
/// A channel with several normalisations, as in residual networks, is worth the mean of its gains.
/// All channels in scope are compared with each other. Ended early, the cut comes at once, to the
/// whole target.
public struct SlimmingPruning: TrainingPruning {
  public static let kind = "slimming"
  public static let summary = "pull gains of batch normalisations to zero, then remove the least"
  public static let paper: String? = "Liu et al. 2017, arXiv 1708.06519"
  public static let unit = PruningUnit.channels

  public let choice: ChannelChoice
  /// What all steps together pull a gain by.
  public let strength: Double
  /// How far a learning rate of 1 pulls a gain at most.
  public let pullMax: Double

  public init(
    _ choice: ChannelChoice = ChannelChoice(perLayer: false), strength: Double = 2.5,
    pullMax: Double = 0.05
  ) {
    var choice = choice
    choice.isNormalized = false
    self.choice = choice
    self.strength = strength
    self.pullMax = pullMax
  }

  public init(_ settings: some Settings) throws {
    self.init(
      try ChannelChoice(settings, perLayer: false),
      strength: try settings.number("strength", in: 0...1000, default: 2.5),
      pullMax: try settings.number("pullMax", in: 0...1000, default: 0.05))
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    let process = SlimmingProcess(self, task, stage)
    guard !process.task.groups.isEmpty else {
      throw PruningRefusal("no batch normalisation follows the layers in scope")
    }
    _ = try choice.least(
      Array(repeating: 0, count: task.graph.channelCount), process.task)
    return process
  }
}

final class SlimmingProcess<Scalar: TensorScalar>: PruningProcess {
  private let method: SlimmingPruning
  /// Of the groups that have gains.
  let task: PruningTask<Scalar>
  private let gains: [ChannelRows<Scalar>.Part]
  private let isInScope: [Bool]
  /// How far a gain is pulled by a learning rate of 1.
  private let pull: Double

  init(_ method: SlimmingPruning, _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>) {
    self.method = method
    gains = ChannelRows(task).parts.filter { $0.isGain }
    var hasGain = Array(repeating: false, count: task.graph.channelCount)
    for gain in gains {
      for channel in gain.channels where channel >= 0 { hasGain[channel] = true }
    }
    let groups = task.groups.filter {
      task.graph.groups[$0].channels.allSatisfy { hasGain[$0] }
    }
    // An empty list of layers is no scope at all.
    self.task = task.with(groups: groups)
    isInScope = self.task.channelsInScope
    pull =
      stage.learningRateSum > 0
      ? min(method.strength / stage.learningRateSum, method.pullMax) : 0
  }

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> {
    let distance = Scalar(pull * moment.learningRate)
    for place in gains.indices {
      let (values, channels) = (gains[place].parameter.value.scalars, gains[place].channels)
      for index in channels.indices where channels[index] >= 0 && isInScope[channels[index]] {
        let value = values[index]
        if value.magnitude <= distance {
          values[index] = 0
        } else {
          values[index] = value < 0 ? value + distance : value - distance
        }
      }
    }
    return .nothing
  }

  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    var decision = PruningDecision<Scalar>()
    decision.removed = method.choice.leastIfAny(scores(), task)
    return decision
  }

  private func scores() -> [Double] {
    var sums = Array(repeating: 0.0, count: task.graph.channelCount)
    var counts = Array(repeating: 0.0, count: task.graph.channelCount)
    for gain in gains {
      for (index, channel) in gain.channels.enumerated() where channel >= 0 {
        sums[channel] += gain.parameter.value[index].magnitude.double
        counts[channel] += 1
      }
    }
    return zip(sums, counts).map { $0 / max(1, $1) }
  }
}

extension ChannelRows.Part {
  /// Of a normalisation: the one of its two parameters that multiplies.
  fileprivate var isGain: Bool {
    parameter.role == .normalization && parameter.name.hasPrefix("batchNorm")
      && parameter.name.hasSuffix(".weight")
  }
}
