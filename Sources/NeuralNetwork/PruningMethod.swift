import Tensors

/// Chooses the weights that a network can do without.
public protocol PruningMethod: Described, Sendable {
  init()

  /// Masks that keep what was zero zero and reach the sparsity over the parameters given.
  /// - Parameters:
  ///   - parameters: those in scope, all prunable; taken together, not one by one.
  ///   - sparsity: fraction of zeros to reach, 0 to 1.
  /// - Returns: a mask of 0 and 1 for each parameter, of its shape.
  func masks<Scalar: TensorScalar>(
    for parameters: [Parameter<Scalar>], reaching sparsity: Double
  ) -> [Tensor<Scalar>]
}

/// All pruning methods, by the name under which people ask for them.
public enum PruningCatalogue {
  public static let all: [any PruningMethod.Type] = [
    MagnitudePruning.self
  ]

  public static func method(named name: String) -> (any PruningMethod)? {
    all.first { $0.kind == name }.map { $0.init() }
  }
}
