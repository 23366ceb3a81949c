import Tensors

/// Stochastic gradient descent with momentum and weight decay:
/// v = momentum · v + (g + decay · w); w -= learningRate · v (Polyak 1964; PyTorch's form).
public struct SGD: OptimizerDescription {
  public static let kind = "sgd"
  public static let summary = "stochastic gradient descent with momentum and weight decay"

  public let learningRate, momentum, weightDecay: Double

  public init(learningRate: Double, momentum: Double = 0.9, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 0.1)
    momentum = try settings.number("momentum", in: 0...0.9999, default: 0.9)
    weightDecay = try settings.number("weightDecay", in: 0...1, default: 0.0005)
  }

  public func makeOptimizer<Scalar: TensorScalar>(
    _ parameters: [Parameter<Scalar>], pool: WorkerPool
  ) -> any Optimizer<Scalar> {
    SGDOptimizer(self, parameters, pool: pool)
  }
}

final class SGDOptimizer<Scalar: TensorScalar>: Optimizer, ParallelWork {
  var stepCount = 0

  private let settings: SGD
  private let pool: WorkerPool
  private let parameters: [Parameter<Scalar>]
  private let velocities: [Tensor<Scalar>]
  private let blocks: ParameterBlocks<Scalar>
  private var constants = MomentumStep<Scalar>(rate: 0, momentum: 0, decay: 0)

  init(_ settings: SGD, _ parameters: [Parameter<Scalar>], pool: WorkerPool) {
    self.settings = settings
    self.pool = pool
    self.parameters = parameters
    velocities = parameters.map { Tensor(shape: $0.value.shape) }
    blocks = ParameterBlocks(parameters)
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] {
    zip(parameters, velocities).map { ("momentum." + $0.name, $1) }
  }

  func step(learningRate: Double) {
    stepCount += 1
    constants = MomentumStep(
      rate: Scalar(learningRate), momentum: Scalar(settings.momentum),
      decay: Scalar(settings.weightDecay))
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    let (arrays, _, _, count) = blocks.arrays(of: block, moments: velocities)
    Scalar.momentumStep(constants, arrays, count: count)
  }

  func applyMasks() {
    for (parameter, velocity) in zip(parameters, velocities) {
      guard let mask = parameter.mask else { continue }
      Scalar.multiply(velocity.scalars, by: mask.scalars, count: velocity.count)
    }
  }
}
