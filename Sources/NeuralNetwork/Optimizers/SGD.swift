import Tensors

/// Stochastic gradient descent with momentum and weight decay, in PyTorch's form:
/// v = momentum · v + (g + decay · w); w -= rate · v (Polyak, "Some methods of speeding up the
/// convergence of iteration methods", 1964). With `nesterov` w -= rate · (g + momentum · v)
/// (Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013).
public struct SGD: OptimizerDescription {
  public static let kind = "sgd"
  public static let summary = "stochastic gradient descent with momentum and weight decay"

  public let learningRate, momentum: Double
  public let isNesterov: Bool
  public let weightDecay: WeightDecay

  public init(
    learningRate: Double, momentum: Double = 0.9, nesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    isNesterov = nesterov
    self.weightDecay = WeightDecay(weightDecay)
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 0.1)
    momentum = try settings.number("momentum", in: 0...0.9999, default: 0.9)
    isNesterov = try settings.flag("nesterov", default: false)
    weightDecay = try WeightDecay(settings, default: 0.0005)
  }

  public var momentNames: [String?] { [momentum == 0 ? nil : "momentum"] }

  public func update<Scalar: TensorScalar>(
    _ arrays: StepArrays<Scalar>, count: Int, _ update: WeightUpdate
  ) {
    let step = SGDStep<Scalar>(
      rate: update.learningRate, momentum: momentum, decay: update.decay,
      isNesterov: isNesterov)
    Scalar.sgdStep(step, arrays, count: count)
  }
}
