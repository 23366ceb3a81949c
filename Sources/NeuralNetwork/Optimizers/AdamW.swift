import Glibc
import Tensors

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay
/// regularization", ICLR 2019, algorithm 2; PyTorch's form):
/// m = β₁m + (1-β₁)g; v = β₂v + (1-β₂)g²; w = w·(1 - rate·decay) - rate·m̂ / (√v̂ + ε).
public struct AdamW: OptimizerDescription {
  public static let kind = "adamw"
  public static let summary = "Adam with weight decay apart from the gradient"
  public static let paper: String? = "Loshchilov and Hutter 2019, arXiv 1711.05101"

  public let learningRate, beta1, beta2, epsilon, weightDecay: Double

  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 0.001)
    beta1 = try settings.number("beta1", in: 0...0.99999, default: 0.9)
    beta2 = try settings.number("beta2", in: 0...0.999999, default: 0.999)
    epsilon = try settings.number("epsilon", in: 1e-15...1, default: 1e-8)
    weightDecay = try settings.number("weightDecay", in: 0...1, default: 0.01)
  }

  public func makeOptimizer<Scalar: TensorScalar>(
    _ parameters: [Parameter<Scalar>], pool: WorkerPool
  ) -> any Optimizer<Scalar> {
    AdamWOptimizer(self, parameters, pool: pool)
  }
}

final class AdamWOptimizer<Scalar: TensorScalar>: Optimizer, ParallelWork {
  var stepCount = 0

  private let settings: AdamW
  private let pool: WorkerPool
  private let parameters: [Parameter<Scalar>]
  private let firstMoments, secondMoments: [Tensor<Scalar>]
  private let blocks: ParameterBlocks<Scalar>
  private var constants: AdamStep<Scalar>

  init(_ settings: AdamW, _ parameters: [Parameter<Scalar>], pool: WorkerPool) {
    self.settings = settings
    self.pool = pool
    self.parameters = parameters
    firstMoments = parameters.map { Tensor(shape: $0.value.shape) }
    secondMoments = parameters.map { Tensor(shape: $0.value.shape) }
    blocks = ParameterBlocks(parameters)
    constants = AdamStep(
      rate: 0, beta1: Scalar(settings.beta1), beta2: Scalar(settings.beta2),
      epsilon: Scalar(settings.epsilon), decay: Scalar(settings.weightDecay), scale1: 1, scale2: 1)
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] {
    zip(parameters, firstMoments).map { ("moment1." + $0.name, $1) }
      + zip(parameters, secondMoments).map { ("moment2." + $0.name, $1) }
  }

  func step(learningRate: Double) {
    stepCount += 1
    constants.rate = Scalar(learningRate)
    constants.scale1 = Scalar(1 / (1 - pow(settings.beta1, Double(stepCount))))
    constants.scale2 = Scalar(1 / (1 - pow(settings.beta2, Double(stepCount))))
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    let (arrays, parameter, offset, count) = blocks.arrays(of: block, moments: firstMoments)
    Scalar.adamStep(
      constants, arrays, secondMoments: secondMoments[parameter].scalars + offset, count: count)
  }

  func applyMasks() {
    for (index, parameter) in parameters.enumerated() {
      guard let mask = parameter.mask else { continue }
      let count = parameter.value.count
      Scalar.multiply(firstMoments[index].scalars, by: mask.scalars, count: count)
      Scalar.multiply(secondMoments[index].scalars, by: mask.scalars, count: count)
    }
  }
}
