import Tensors

/// Removes the weights whose square is the smallest part of the squares in their tensor that are
/// not smaller: score = w² / Σ v² over all v with |v| ≥ |w| (Lee, Park, Mo, Ahn, Shin,
/// "Layer-adaptive sparsity for the magnitude-based pruning", 2021, section 3).
///
/// By one threshold over all tensors, which finds a sparsity for each: the largest weight of a
/// tensor scores 1, so that no tensor is emptied. Of equal weights the first count as smaller.
public struct LayerAdaptivePruning: WeightPruning {
  public static let kind = "lamp"
  public static let summary =
    "removes the weights whose square is least among the larger ones of their layer"
  public static let paper: String? = "Lee et al. 2021, arXiv 2010.07611"

  public var isPerLayer: Bool { false }

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func score<Scalar: TensorScalar>(
    _ weights: WeightView<Scalar>, into scores: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.adaptiveScores(weights.values, count: weights.count, into: scores)
  }
}
