import Glibc
import Tensors

/// Behind every epoch zeroes the filters of the least norm, and lets them learn on: they may come
/// back in the next (He et al., "Soft filter pruning for accelerating deep convolutional neural
/// networks", 2018). The norm is that of all weights that compute a channel; biases are zeroed,
/// too, gains and shifts of normalisations are not.
///
/// With `asymptotic` the share grows as 1 - exp(-k·e/E), three quarters of it within an eighth of
/// the epochs (He et al., "Asymptotic soft filter pruning", 2019). With `softness` above 0 filters
/// are multiplied by it instead of zeroed, falling in a straight line to 0 in the last epoch, which
/// is our choice (Cai, An, Yang, Xu, "Softer pruning, incremental regularization", 2020).
///
/// At the end what is zero goes. Ended early, the filters that the last epoch's share is of go.
public struct SoftFilterPruning: TrainingPruning {
  public static let kind = "softFilter"
  public static let summary = "zero the least filters each epoch, let them recover, then remove"
  public static let paper: String? = "He et al. 2018, arXiv 1808.06866; Cai et al. 2020"
  public static let unit = PruningUnit.channels

  public let choice: ChannelChoice
  public let isAsymptotic: Bool
  /// What filters are multiplied by behind the first epoch.
  public let softness: Double

  public init(
    _ choice: ChannelChoice = ChannelChoice(), asymptotic: Bool = false, softness: Double = 0
  ) {
    self.choice = choice
    isAsymptotic = asymptotic
    self.softness = softness
  }

  public init(_ settings: some Settings) throws {
    choice = try ChannelChoice(settings)
    isAsymptotic = try settings.flag("asymptotic", default: false)
    softness = try settings.number("softness", in: 0...1, default: 0)
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    _ = try choice.least(Array(repeating: 0, count: task.graph.channelCount), task)
    return SoftFilterProcess(self, task)
  }

  /// The share of the channels that are to go which an epoch zeroes, 0 to 1.
  func share(epoch: Int, of epochs: Int) -> Double {
    guard isAsymptotic, epoch + 1 < epochs else { return 1 }
    let steepness = 8 * log(4.0)
    let part = Double(epoch + 1) / Double(epochs)
    return (1 - exp(-steepness * part)) / (1 - exp(-steepness))
  }

  /// What an epoch multiplies filters by.
  func factor(epoch: Int, of epochs: Int) -> Double {
    epoch + 1 < epochs ? softness * (1 - Double(epoch + 1) / Double(epochs)) : 0
  }
}

final class SoftFilterProcess<Scalar: TensorScalar>: PruningProcess {
  private let method: SoftFilterPruning
  private let task: PruningTask<Scalar>
  private let rows: ChannelRows<Scalar>
  /// The share of the last epoch that is over.
  private let share = Tensor<Scalar>(shape: [1])

  init(_ method: SoftFilterPruning, _ task: PruningTask<Scalar>) {
    self.method = method
    self.task = task
    rows = ChannelRows(task)
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] { [("share", share)] }

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> {
    guard moment.endsEpoch else { return .nothing }
    share[0] = Scalar(method.share(epoch: moment.epoch, of: moment.epochs))
    let factor = method.factor(epoch: moment.epoch, of: moment.epochs)
    rows.soften(weakest(), by: Scalar(factor))
    return .nothing
  }

  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    var decision = PruningDecision<Scalar>()
    decision.removed = weakest()
    return decision
  }

  /// Of every group the share of those that are to go in the end.
  private func weakest() -> [Int] {
    let norms = rows.squaredNorms().map { $0.squareRoot() }
    let least = method.choice.leastIfAny(norms, task)
    let byGroup = Dictionary(grouping: least) { task.graph.groupOfChannel[$0] }
    return byGroup.keys.sorted().flatMap { group -> ArraySlice<Int> in
      let order = (byGroup[group] ?? []).sorted { (norms[$0], $0) < (norms[$1], $1) }
      return order.prefix(Int(share[0].double * Double(order.count)))
    }
  }
}

extension ChannelRows {
  /// Multiplies the weights and biases of filters by a number, but not what normalisations learn.
  fileprivate func soften(_ channels: [Int], by factor: Scalar) {
    let chosen = Set(channels)
    scale(by: factor) { part, channel in
      part.parameter.role != .normalization && chosen.contains(channel)
    }
  }
}
