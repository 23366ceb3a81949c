import NeuralNetwork
import Tensors

/// Tells from a network that was never trained, and one batch, how promising it is.
public protocol ZeroCostScore: Settable, Sendable {
  /// Larger is more promising.
  /// - Parameters:
  ///   - network: with its initial weights, which may be changed.
  ///   - input: [rows, …] of training samples; `targets` go with them.
  func score(
    of network: Network<Float>, _ input: Tensor<Float>, _ targets: Targets<Float>, rows: Int
  ) -> Double
}

/// All scores without training, by the kind under which search files name them.
public enum ZeroCostCatalogue {
  public static let all: [any ZeroCostScore.Type] = [
    SynapticFlow.self,
    GradientNorm.self,
    ActivationOverlap.self,
  ]

  /// Of networks that promise nothing.
  static let worst = -1e300

  /// Scores are finite: what overflowed promises nothing, as does what nothing flows through.
  static func finite(_ score: Double) -> Double { score.isFinite ? score : worst }
}
