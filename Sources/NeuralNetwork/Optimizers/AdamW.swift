import Tensors

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay
/// regularization", ICLR 2019, algorithm 2; PyTorch's form):
/// m = β₁m + (1-β₁)g; v = β₂v + (1-β₂)g²; w = w·(1 - rate·decay) - rate·m̂ / (√v̂ + ε).
public struct AdamW: OptimizerDescription {
  public static let kind = "adamw"
  public static let summary = "Adam with weight decay apart from the gradient"
  public static let paper: String? = "Loshchilov and Hutter 2019, arXiv 1711.05101"

  public let moments: AdamMoments
  public let learningRate: Double
  public let weightDecay: WeightDecay

  public init(
    learningRate: Double = 0.001, moments: AdamMoments = AdamMoments(),
    weightDecay: Double = 0.01
  ) {
    self.learningRate = learningRate
    self.moments = moments
    self.weightDecay = WeightDecay(weightDecay)
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 0.001)
    moments = try AdamMoments(settings)
    weightDecay = try WeightDecay(settings, default: 0.01)
  }

  public var momentNames: [String?] { AdamMoments.names }

  public func update<Scalar: TensorScalar>(
    _ arrays: StepArrays<Scalar>, count: Int, _ update: WeightUpdate
  ) {
    let step: AdamStep<Scalar> = moments.step(update, decay: 0, decoupledDecay: update.decay)
    Scalar.adamStep(step, arrays, count: count)
  }
}
