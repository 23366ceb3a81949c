import Tensors

/// Changes parameters along their gradients. Its state belongs to the run's checkpoints.
public protocol Optimizer<Scalar>: AnyObject {
  associatedtype Scalar: TensorScalar

  /// One update. Masked weights stay zero.
  func step(learningRate: Double)

  /// Tensors that a resumed run needs, by name: moments.
  var state: [(name: String, tensor: Tensor<Scalar>)] { get }

  /// Updates so far; part of the state of methods that correct a bias by it.
  var stepCount: Int { get set }

  /// Zeroes the moments of weights that a new mask removes.
  func applyMasks()
}

/// An optimizer as an experiment describes it.
public protocol OptimizerDescription: Described, Sendable {
  init(_ settings: some Settings) throws

  /// The learning rate before any schedule.
  var learningRate: Double { get }

  func makeOptimizer<Scalar: TensorScalar>(
    _ parameters: [Parameter<Scalar>], pool: WorkerPool
  ) -> any Optimizer<Scalar>
}

/// All optimizers, by the kind under which experiments name them.
public enum OptimizerCatalogue {
  public static let all: [any OptimizerDescription.Type] = [
    SGD.self,
    AdamW.self,
  ]
}
