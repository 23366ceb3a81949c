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

  /// What is remembered of each number of a parameter, of its shape.
  func moments(of parameter: Parameter<Scalar>) -> [Tensor<Scalar>]

  /// Zeroes the moments of weights that a new mask removes.
  func applyMasks()
}

/// An optimizer as an experiment describes it: a rule that is applied to each weight alone.
public protocol OptimizerDescription: Settable, Sendable {
  /// The learning rate before any schedule.
  var learningRate: Double { get }
  var weightDecay: WeightDecay { get }

  /// What the rule remembers of each weight, by name; nil at a place that these settings do not
  /// use. At most three.
  var momentNames: [String?] { get }

  /// One update of some weights of one parameter.
  func update<Scalar: TensorScalar>(
    _ arrays: StepArrays<Scalar>, count: Int, _ update: WeightUpdate)
}

extension OptimizerDescription {
  /// An optimizer of the weights among some parameters.
  public func makeOptimizer<Scalar: TensorScalar>(
    _ parameters: [Parameter<Scalar>], pool: WorkerPool
  ) -> any Optimizer<Scalar> {
    WeightwiseOptimizer(self, parameters.filter(\.isWeight), pool: pool)
  }
}

/// What an update depends on besides the arrays.
public struct WeightUpdate: Sendable {
  /// From 1.
  public var step: Int
  public var learningRate: Double
  /// Weight decay of these weights.
  public var decay: Double
}

/// How strongly weights are pulled towards zero, and which.
public struct WeightDecay: Sendable {
  public let rate: Double
  /// False: only weights decay, not biases nor what normalisations learn.
  public let includesBiasesAndNorms: Bool

  public init(_ rate: Double, includesBiasesAndNorms: Bool = true) {
    self.rate = rate
    self.includesBiasesAndNorms = includesBiasesAndNorms
  }

  init(_ settings: some Settings, default fallback: Double) throws {
    rate = try settings.number("weightDecay", in: 0...1, default: fallback)
    includesBiasesAndNorms = try settings.flag("decayBiasesAndNorms", default: true)
  }

  func rate<Scalar>(for parameter: Parameter<Scalar>) -> Double {
    includesBiasesAndNorms || parameter.role == .weight ? rate : 0
  }
}

/// All optimizers, by the kind under which experiments name them.
public enum OptimizerCatalogue {
  public static let all: [any OptimizerDescription.Type] = [
    SGD.self,
    Adam.self,
    AdamW.self,
    RMSprop.self,
    Lion.self,
  ]
}
