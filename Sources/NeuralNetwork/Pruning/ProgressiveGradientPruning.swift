import Glibc
import Tensors

/// Removes the filters that learn least: behind every epoch those whose gradients were smallest
/// over it (Nguyen-Meidine, Granger, Kiran, Pedersoli, Blais-Morin, "Progressive gradient pruning
/// for classification, detection and domain adaptation", 2020; the variant RPGP, which sums
/// |gradient| over the steps of the epoch).
///
/// The width of a layer falls exponentially from what it is to what the target leaves. Of the
/// filters above it a part, `removed`, goes for good, the others begin again from zero and may
/// recover; in the last epoch all go. Gains and shifts of normalisations of those others stay,
/// which is our choice: without them no gradient would reach the filters again. Residual branches
/// that are added share what goes. Ended early, what is gone is gone, and no more goes.
public struct ProgressiveGradientPruning: TrainingPruning {
  public static let kind = "progressiveGradient"
  public static let summary = "each epoch remove the filters whose gradients are least"
  public static let paper: String? = "Nguyen-Meidine et al. 2020, arXiv 1906.08746"
  public static let unit = PruningUnit.channels

  public let keepMin: Int
  /// The part of the filters above an epoch's width that goes at once.
  public let removed: Double

  /// Some epochs are left to learn without loss.
  public var span: Double { 2.0 / 3 }

  public init(keepMin: Int = 1, removed: Double = 0.5) {
    self.keepMin = keepMin
    self.removed = removed
  }

  public init(_ settings: some Settings) throws {
    keepMin = try settings.integer("keepMin", in: 1...1_000_000, default: 1)
    removed = try settings.number("removed", in: 0...1, default: 0.5)
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    guard !task.groups.isEmpty else {
      throw PruningRefusal("no layer in scope has channels that can be removed")
    }
    return ProgressiveGradientProcess(self, task, stage)
  }

  /// Channels that an epoch leaves of a group.
  func width(from first: Int, to last: Int, epoch: Int, of epochs: Int) -> Int {
    guard epoch + 1 < epochs, first > last, last > 0 else { return min(first, last) }
    let part = Double(epoch + 1) / Double(epochs)
    return max(last, Int((Double(first) * pow(Double(last) / Double(first), part)).rounded(.up)))
  }
}

final class ProgressiveGradientProcess<Scalar: TensorScalar>: PruningProcess {
  private let method: ProgressiveGradientPruning
  private let task: PruningTask<Scalar>
  private let rows: ChannelRows<Scalar>
  /// For each channel the sum of its |gradients| since the epoch began.
  private let sums: Tensor<Scalar>
  /// For each group how many channels it began with.
  private let beginnings: Tensor<Scalar>
  /// [rows of the largest weight]
  private let scratch: Tensor<Scalar>

  init(
    _ method: ProgressiveGradientPruning, _ task: PruningTask<Scalar>,
    _ stage: PruningStage<Scalar>
  ) {
    self.method = method
    self.task = task
    rows = ChannelRows(task, stage.optimizer)
    sums = Tensor(shape: [task.graph.channelCount])
    beginnings = Tensor(shape: [task.graph.groups.count])
    scratch = Tensor(shape: [rows.parts.map(\.channels.count).max() ?? 1])
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] {
    [("gradients", sums), ("beginnings", beginnings)]
  }

  func begin() {
    for (index, group) in task.graph.groups.enumerated() {
      beginnings[index] = Scalar(group.channels.count)
    }
  }

  func didDerive(_ moment: PruningMoment) {
    for index in rows.parts.indices where rows.parts[index].isWeight {
      let part = rows.parts[index]
      let count = part.channels.count
      Scalar.clear(scratch.scalars, count: count)
      Scalar.addRowMagnitudes(
        part.parameter.gradient.scalars, rows: count, columns: part.width, to: scratch.scalars)
      for row in 0..<count where part.channels[row] >= 0 {
        sums.scalars[part.channels[row]] += scratch.scalars[row]
      }
    }
  }

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> {
    guard moment.endsEpoch else { return .nothing }
    var decision = PruningDecision<Scalar>()
    var reset: Set<Int> = []
    for group in task.groups {
      let weak = weakest(of: group, moment)
      let removedCount =
        moment.isLast ? weak.count : Int(method.removed * Double(weak.count))
      decision.removed += weak.prefix(removedCount)
      reset.formUnion(weak.dropFirst(removedCount))
    }
    sums.fill(0)
    restart(reset)
    return decision.isEmpty ? .nothing : .cut(decision)
  }

  /// Channels of a group that an epoch has no place for, from the one that learned least.
  private func weakest(of group: Int, _ moment: PruningMoment) -> ArraySlice<Int> {
    let channels = task.graph.groups[group].channels
    let origin = task.origin.channelCounts[task.graph.groups[group].name] ?? channels.count
    let last = max(method.keepMin, Int(((1 - task.target) * Double(origin)).rounded()))
    let width = method.width(
      from: Int(exactly: beginnings[group].double) ?? channels.count, to: last, epoch: moment.epoch,
      of: moment.epochs)
    func score(_ channel: Int) -> Scalar {
      sums[channel].isNaN ? .infinity : sums[channel]
    }
    let order = channels.sorted { (score($0), $0) < (score($1), $1) }
    return order.prefix(max(0, channels.count - max(1, width)))
  }

  private func restart(_ channels: Set<Int>) {
    guard !channels.isEmpty else { return }
    rows.clear { part, channel in
      part.parameter.role != .normalization && channels.contains(channel)
    }
  }
}
