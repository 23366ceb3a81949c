import Tensors

/// A copy of a network's weights and statistics and of its optimizer's state, to go back to.
public final class Snapshot<Scalar: TensorScalar> {
  private let tensors: [Tensor<Scalar>]
  private var stepCount = 0

  public init(of network: Network<Scalar>, _ optimizer: (any Optimizer<Scalar>)? = nil) {
    tensors = Self.live(network, optimizer).map { Tensor(shape: $0.shape) }
    capture(network, optimizer)
  }

  /// Copies again, into the memory that there is.
  public func capture(_ network: Network<Scalar>, _ optimizer: (any Optimizer<Scalar>)? = nil) {
    for (copy, live) in zip(tensors, Self.live(network, optimizer)) { copy.copy(from: live) }
    stepCount = optimizer?.stepCount ?? 0
  }

  /// Puts everything back as it was.
  public func restore(_ network: Network<Scalar>, _ optimizer: (any Optimizer<Scalar>)? = nil) {
    for (copy, live) in zip(tensors, Self.live(network, optimizer)) { live.copy(from: copy) }
    optimizer?.stepCount = stepCount
  }

  private static func live(
    _ network: Network<Scalar>, _ optimizer: (any Optimizer<Scalar>)?
  ) -> [Tensor<Scalar>] {
    network.parameters.map(\.value) + network.statistics.map(\.value)
      + (optimizer?.state.map(\.tensor) ?? [])
  }
}
