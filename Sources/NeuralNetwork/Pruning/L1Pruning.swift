import Tensors

/// Removes the channels whose weights have the least sum of absolute values: of a layer's output c,
/// Σ |W[c, …]| without bias (Li, Kadav, Durdanovic, Samet, Graf, "Pruning filters for efficient
/// ConvNets", 2017, section 3.1). Where several layers share a channel, the mean over them.
public struct L1Pruning: ChannelPruning {
  public static let kind = "l1"
  public static let summary = "removes channels whose weights have the least sum of magnitudes"
  public static let paper: String? = "Li et al. 2017, arXiv 1608.08710"

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
    task.meanOverRows { Scalar.sumOfMagnitudes($0, count: $1) }
  }
}
