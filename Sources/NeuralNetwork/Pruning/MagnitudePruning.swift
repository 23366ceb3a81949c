import Tensors

/// Removes the weights that are smallest in absolute value (Han, Pool, Tran, Dally, "Learning both
/// weights and connections", 2015).
public struct MagnitudePruning: WeightPruning {
  public static let kind = "magnitude"
  public static let summary = "removes the weights that are smallest in absolute value"
  public static let paper: String? = "Han et al. 2015, arXiv 1506.02626"
  public static let scoresPieces = true

  public let isPerLayer: Bool

  public init(perLayer: Bool = false) {
    isPerLayer = perLayer
  }

  public init(_ settings: some Settings) throws {
    isPerLayer = try settings.flag("perLayer", default: false)
  }

  public func score<Scalar: TensorScalar>(
    _ weights: WeightView<Scalar>, into scores: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.magnitudes(weights.values, into: scores, count: weights.count)
  }
}
