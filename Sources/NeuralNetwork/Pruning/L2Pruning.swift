import Tensors

/// Removes the channels whose weights have the least Euclidean norm: of a layer's output c,
/// √(Σ W[c, …]²) without bias (He, Kang, Dong, Fu, Yang, "Soft filter pruning", 2018, equation 2).
/// Where several layers share a channel, the mean over them.
public struct L2Pruning: ChannelPruning {
  public static let kind = "l2"
  public static let summary = "removes channels whose weights have the least norm"
  public static let paper: String? = "He et al. 2018, arXiv 1808.06866"

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
    task.meanOverRows { Scalar.sumOfSquares($0, count: $1).squareRoot() }
  }
}
