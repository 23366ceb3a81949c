import NeuralNetwork

/// How a method of the catalogue chooses among the weights of a file.
enum FileMethod: Sendable {
  /// Each has a score, and the least go.
  case scored(any WeightPruning)
  /// A number of them goes from every group of neighbours.
  case grouped(NMPruning, removed: Int)

  /// nil when the method needs more than weights.
  /// - Throws: `PruningRefusal` when it cannot reach the target.
  init?(_ method: any PruningMethod, sparsity: Double) throws(PruningRefusal) {
    switch method {
    case let method as any WeightPruning: self = .scored(method)
    case let method as NMPruning:
      self = .grouped(method, removed: try method.removedCount(target: sparsity))
    default: return nil
    }
  }

  /// True when the scores of a piece of a tensor do not depend on the rest of it.
  var takesPieces: Bool {
    switch self {
    case .scored(let method): type(of: method).scoresPieces
    case .grouped: false
    }
  }

  var isPerLayer: Bool {
    switch self {
    case .scored(let method): method.isPerLayer
    case .grouped: true
    }
  }
}
