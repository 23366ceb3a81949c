import Tensors

/// Steps of one size along a sign (Chen et al., "Symbolic discovery of optimization algorithms",
/// NeurIPS 2023, algorithm 2): w = w·(1 - rate·decay) - rate·sign(β₁m + (1-β₁)g);
/// m = β₂m + (1-β₂)g. Takes a learning rate 3 to 10 times smaller than AdamW's.
public struct Lion: OptimizerDescription {
  public static let kind = "lion"
  public static let summary = "steps of one size along the sign of the gradient's mean"
  public static let paper: String? = "Chen et al. 2023, arXiv 2302.06675"

  public let learningRate, beta1, beta2: Double
  public let weightDecay: WeightDecay

  public init(
    learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = WeightDecay(weightDecay)
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 1e-4)
    beta1 = try settings.number("beta1", in: 0...0.99999, default: 0.9)
    beta2 = try settings.number("beta2", in: 0...0.999999, default: 0.99)
    weightDecay = try WeightDecay(settings, default: 0)
  }

  public var momentNames: [String?] { ["moment"] }

  public func update<Scalar: TensorScalar>(
    _ arrays: StepArrays<Scalar>, count: Int, _ update: WeightUpdate
  ) {
    let step = LionStep<Scalar>(
      rate: update.learningRate, betas: (beta1, beta2), decoupledDecay: update.decay)
    Scalar.lionStep(step, arrays, count: count)
  }
}
