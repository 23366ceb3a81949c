import Tensors

/// Removes channels by chance: what other methods have to be better than.
///
/// The number that a channel draws is a function of the seed, its group's name and its place alone.
public struct RandomChannelPruning: ChannelPruning {
  public static let kind = "randomChannels"
  public static let summary = "removes channels by chance: what others have to be better than"

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
    var scores = Array(repeating: 0.0, count: task.graph.channelCount)
    for group in task.graph.groups {
      var random = RandomSource(seed: task.seed, purpose: .pruning, name: group.name)
      for channel in group.channels { scores[channel] = random.uniform() }
    }
    return scores
  }
}
