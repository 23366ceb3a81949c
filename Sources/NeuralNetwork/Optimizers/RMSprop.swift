import Tensors

/// The gradient over its root mean square (Tieleman and Hinton, "Lecture 6.5 - RMSProp", 2012;
/// PyTorch's form): s = α·s + (1-α)g²; w -= rate·g / (√s + ε). With `centered` the square of the
/// gradient's own mean is taken off s (Graves, "Generating sequences with recurrent neural
/// networks", 2013); with `momentum` steps gather in a velocity. Decay is a part of the gradient.
public struct RMSprop: OptimizerDescription {
  public static let kind = "rmsprop"
  public static let summary = "the gradient over its root mean square"
  public static let paper: String? = "Tieleman and Hinton 2012; Graves 2013, arXiv 1308.0850"

  public let learningRate, alpha, epsilon, momentum: Double
  public let isCentered: Bool
  public let weightDecay: WeightDecay

  public init(
    learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8,
    momentum: Double = 0, centered: Bool = false, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.momentum = momentum
    isCentered = centered
    self.weightDecay = WeightDecay(weightDecay)
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 0.01)
    alpha = try settings.number("alpha", in: 0...0.999999, default: 0.99)
    epsilon = try settings.number("epsilon", in: 1e-15...1, default: 1e-8)
    momentum = try settings.number("momentum", in: 0...0.9999, default: 0)
    isCentered = try settings.flag("centered", default: false)
    weightDecay = try WeightDecay(settings, default: 0)
  }

  public var momentNames: [String?] {
    ["square", isCentered ? "mean" : nil, momentum == 0 ? nil : "momentum"]
  }

  public func update<Scalar: TensorScalar>(
    _ arrays: StepArrays<Scalar>, count: Int, _ update: WeightUpdate
  ) {
    let step = RMSpropStep<Scalar>(
      rate: update.learningRate, alpha: alpha, epsilon: epsilon, momentum: momentum,
      decay: update.decay)
    Scalar.rmspropStep(step, arrays, count: count)
  }
}
