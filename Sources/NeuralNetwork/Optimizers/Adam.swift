import Glibc
import Tensors

/// Adam (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1), with
/// weight decay as a part of the gradient, g + decay · w, as in PyTorch:
/// m = β₁m + (1-β₁)g; v = β₂v + (1-β₂)g²; w -= rate·m̂ / (√v̂ + ε).
public struct Adam: OptimizerDescription {
  public static let kind = "adam"
  public static let summary = "steps of the gradient's mean over its root mean square"
  public static let paper: String? = "Kingma and Ba 2015, arXiv 1412.6980"

  public let moments: AdamMoments
  public let learningRate: Double
  public let weightDecay: WeightDecay

  public init(
    learningRate: Double = 0.001, moments: AdamMoments = AdamMoments(), weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.moments = moments
    self.weightDecay = WeightDecay(weightDecay)
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 0.001)
    moments = try AdamMoments(settings)
    weightDecay = try WeightDecay(settings, default: 0)
  }

  public var momentNames: [String?] { AdamMoments.names }

  public func update<Scalar: TensorScalar>(
    _ arrays: StepArrays<Scalar>, count: Int, _ update: WeightUpdate
  ) {
    let step: AdamStep<Scalar> = moments.step(update, decay: update.decay, decoupledDecay: 0)
    Scalar.adamStep(step, arrays, count: count)
  }
}

/// How fast Adam's means of the gradient and of its square forget, and what keeps the root of the
/// second from being zero.
public struct AdamMoments: Sendable {
  static let names: [String?] = ["moment1", "moment2"]

  public let beta1, beta2, epsilon: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  init(_ settings: some Settings) throws {
    beta1 = try settings.number("beta1", in: 0...0.99999, default: 0.9)
    beta2 = try settings.number("beta2", in: 0...0.999999, default: 0.999)
    epsilon = try settings.number("epsilon", in: 1e-15...1, default: 1e-8)
  }

  func step<Scalar: TensorScalar>(
    _ update: WeightUpdate, decay: Double, decoupledDecay: Double
  ) -> AdamStep<Scalar> {
    let power = Double(update.step)
    return AdamStep(
      rate: update.learningRate, betas: (beta1, beta2), epsilon: epsilon, decay: decay,
      decoupledDecay: decoupledDecay,
      scales: (1 / (1 - pow(beta1, power)), 1 / (1 - pow(beta2, power))))
  }
}
