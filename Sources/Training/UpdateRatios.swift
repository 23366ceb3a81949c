import NeuralNetwork
import Tensors

/// How far one update moves each weight, relative to its norm: ‖Δw‖ / ‖w‖. About 0.001 is healthy;
/// far more is unstable, far less stands still.
final class UpdateRatios {
  /// Set to measure the next update.
  var isWanted = false

  private let weights: [(name: String, parameter: Parameter<Float>)]
  private let before: [Tensor<Float>]
  private var ratios: [Float] = []

  init(_ network: Network<Float>) {
    weights = network.weights
    before = weights.map { Tensor(shape: $0.parameter.value.shape) }
    ratios.reserveCapacity(weights.count)
  }

  func beginUpdate() {
    guard isWanted else { return }
    for (copy, weight) in zip(before, weights) { copy.copy(from: weight.parameter.value) }
  }

  func endUpdate() {
    guard isWanted else { return }
    isWanted = false
    ratios.removeAll(keepingCapacity: true)
    for (copy, weight) in zip(before, weights) {
      let old = Float.sumOfSquares(copy.scalars, count: copy.count)
      Float.subtract(weight.parameter.value.scalars, from: copy.scalars, count: copy.count)
      let change = Float.sumOfSquares(copy.scalars, count: copy.count)
      ratios.append(old > 0 ? Float((change / old).squareRoot()) : 0)
    }
  }

  /// Of the update that was measured last, once.
  func values() -> [(tag: String, value: Float)] {
    defer { ratios.removeAll(keepingCapacity: true) }
    return zip(weights, ratios).map { ("update_ratio/\($0.name)", $1) }
  }
}
