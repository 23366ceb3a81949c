import NeuralNetwork
import Tensors

/// How strongly the loss of one batch pulls at the weights: the sum over the weight tensors of the
/// Euclidean norms of their gradients (Abdelfattah et al. 2021, section 3.2, "grad_norm").
public struct GradientNorm: ZeroCostScore {
  public static let kind = "gradientNorm"
  public static let summary = "norms of the gradients of all weights after one batch"
  public static let paper: String? =
    "Abdelfattah et al., Zero-cost proxies for lightweight NAS, 2021, arXiv 2101.08134"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func score(
    of network: Network<Float>, _ input: Tensor<Float>, _ targets: Targets<Float>, rows: Int
  ) -> Double {
    guard rows > 0 else { return ZeroCostCatalogue.worst }
    let pass = Pass(rows: rows, isTraining: true, updatesStatistics: false, step: 0)
    _ = network.learn(input, targets, pass)
    let norms = network.prunableParameters.map { parameter in
      Float.sumOfSquares(parameter.gradient.scalars, count: parameter.gradient.count).squareRoot()
    }
    return ZeroCostCatalogue.finite(norms.reduce(0, +))
  }
}
