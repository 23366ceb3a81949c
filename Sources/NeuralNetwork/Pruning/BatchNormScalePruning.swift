import Tensors

/// Removes the channels whose batch normalisation has the least gain: the mean of |γ| over those
/// that a channel passes (Liu, Li, Shen, Huang, Yan, Zhang, "Learning efficient convolutional
/// networks through network slimming", 2017).
///
/// Layers without batch normalisation behind them stay whole; when they are named, the prune is
/// refused.
public struct BatchNormScalePruning: ChannelPruning {
  public static let kind = "batchNormScale"
  public static let summary = "removes channels whose batch normalisation has the least gain"
  public static let paper: String? = "Liu et al. 2017, arXiv 1708.06519"

  public let choice: ChannelChoice

  public init(_ choice: ChannelChoice = ChannelChoice()) {
    self.choice = choice
  }

  public init(_ settings: some Settings) throws {
    choice = try ChannelChoice(settings)
  }

  public func scores<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Double] {
    let (sums, counts) = Self.gains(task)
    return zip(sums, counts).map { $1 == 0 ? .infinity : $0 / $1 }
  }

  public func decide<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> PruningDecision<Scalar> {
    let (_, counts) = Self.gains(task)
    let groups = task.groups.map { task.graph.groups[$0] }
    let normalized = groups.filter { $0.channels.allSatisfy { counts[$0] > 0 } }
    guard !normalized.isEmpty || groups.isEmpty else {
      throw PruningRefusal("no layer in scope is followed by batch normalisation")
    }
    if task.layers != nil,
      let bare = groups.first(where: { $0.channels.contains { counts[$0] == 0 } })
    {
      throw PruningRefusal("\(bare.name) is not followed by batch normalisation")
    }
    return try decide(scores(task), task.narrowed(to: normalized.map(\.name)))
  }

  /// Of each channel, the sum of |γ| and how many there are.
  private static func gains<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) -> (sums: [Double], counts: [Double]) {
    var sums = Array(repeating: 0.0, count: task.graph.channelCount)
    var counts = sums
    let ending = ".running_var"
    let statistics = task.network.statistics.map(\.name).filter { $0.hasSuffix(ending) }
    let normalizations = Set(statistics.map { "\($0.dropLast(ending.count)).weight" })
    for parameter in task.network.parameters where normalizations.contains(parameter.name) {
      guard let channels = task.graph.axes[parameter.name]?[0] else { continue }
      for (index, channel) in channels.enumerated() where channel >= 0 {
        sums[channel] += parameter.value[index].magnitude.double
        counts[channel] += 1
      }
    }
    return (sums, counts)
  }
}
