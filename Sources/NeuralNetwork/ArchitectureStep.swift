import Tensors

/// The updates of α, how much each operation of a mixture counts, by which DARTS searches (Liu,
/// Simonyan, Yang, "DARTS: differentiable architecture search", ICLR 2019, section 2.3): Adam along
/// the gradient of the loss on validation samples, at the present weights (first order) or at those
/// that one more update on training samples would give (second order).
///
/// The weights stay as they are, their gradients mean nothing afterwards.
public final class ArchitectureStep<Scalar: TensorScalar> {
  public enum Order: Int, CaseIterable, Sendable {
    case first = 1
    case second
  }

  /// Samples to learn from.
  public struct Batch {
    /// [rows, …]
    public let input: Tensor<Scalar>
    public let targets: Targets<Scalar>
    public let rows: Int

    public init(input: Tensor<Scalar>, targets: Targets<Scalar>, rows: Int) {
      self.input = input
      self.targets = targets
      self.rows = rows
    }
  }

  /// The update of the weights that the second order looks ahead to:
  /// w' = w - rate · (momentum · velocity + ∇L + decay · w).
  public struct WeightStep {
    public let learningRate, momentum, decay: Double
    /// Whose first moments are the velocity; nil: there is none.
    public let optimizer: (any Optimizer<Scalar>)?

    public init(
      learningRate: Double, momentum: Double = 0, decay: Double = 0,
      optimizer: (any Optimizer<Scalar>)? = nil
    ) {
      self.learningRate = learningRate
      self.momentum = momentum
      self.decay = decay
      self.optimizer = optimizer
    }
  }

  public let order: Order
  /// Adam's rate; the paper's 0.0003 unless changed.
  public var learningRate: Double

  private let network: Network<Scalar>
  private let strengths, weights: [Parameter<Scalar>]
  private let optimizer: WeightwiseOptimizer<Scalar>
  /// For each of the weights its value, and the gradient at the weights ahead.
  private let kept, slopes: [Tensor<Scalar>]
  /// For each α the gradient so far.
  private let sums: [Tensor<Scalar>]
  private let scratch: Tensor<Scalar>

  public init(
    _ network: Network<Scalar>, order: Order, learningRate: Double = 3e-4,
    weightDecay: Double = 1e-3
  ) {
    self.network = network
    self.order = order
    self.learningRate = learningRate
    strengths = network.parameters.filter { !$0.isWeight }
    weights = network.parameters.filter(\.isWeight)
    optimizer = WeightwiseOptimizer(
      Adam(
        learningRate: learningRate, moments: AdamMoments(beta1: 0.5), weightDecay: weightDecay),
      strengths, pool: network.pool)
    let isSecond = order == .second
    kept = isSecond ? weights.map { Tensor(shape: $0.value.shape) } : []
    slopes = isSecond ? weights.map { Tensor(shape: $0.value.shape) } : []
    sums = isSecond ? strengths.map { Tensor(shape: $0.value.shape) } : []
    scratch = Tensor(shape: [network.parameters.map(\.value.count).max() ?? 0])
  }

  /// What a resumed search needs besides the network.
  public var state: [(name: String, tensor: Tensor<Scalar>)] { optimizer.state }
  public var stepCount: Int {
    get { optimizer.stepCount }
    set { optimizer.stepCount = newValue }
  }

  /// One update of α.
  /// - Parameters:
  ///   - ahead: the next update of the weights; only the second order looks at it.
  ///   - step: that update's number: noise is a function of it.
  /// - Returns: the loss on the validation samples, before the update.
  @discardableResult
  public func update(
    training: Batch, validation: Batch, ahead: WeightStep, step: Int
  ) -> LossResult {
    let result = derive(training: training, validation: validation, ahead: ahead, step: step)
    optimizer.step(learningRate: learningRate)
    return result
  }

  /// Fills the gradients of α.
  func derive(
    training: Batch, validation: Batch, ahead: WeightStep, step: Int
  ) -> LossResult {
    guard order == .second else { return learn(validation, step) }
    for (kept, weight) in zip(kept, weights) { kept.copy(from: weight.value) }
    _ = learn(training, step)
    lookAhead(ahead)
    let result = learn(validation, step)
    for (slope, weight) in zip(slopes, weights) { slope.copy(from: weight.gradient) }
    for (sum, strength) in zip(sums, strengths) { sum.copy(from: strength.gradient) }
    let square = slopes.reduce(0) { $0 + Scalar.sumOfSquares($1.scalars, count: $1.count) }
    if square > 0, square.isFinite {
      // ∇α of how the training loss changes along the slopes, by a difference.
      let reach = 0.01 / square.squareRoot()
      for side in [reach, -reach] {
        for index in weights.indices {
          weights[index].value.copy(from: kept[index])
          add(slopes[index], times: side, to: weights[index].value)
        }
        _ = learn(training, step)
        for (sum, strength) in zip(sums, strengths) {
          add(strength.gradient, times: -ahead.learningRate / (2 * side), to: sum)
        }
      }
    }
    for (kept, weight) in zip(kept, weights) { weight.value.copy(from: kept) }
    for (sum, strength) in zip(sums, strengths) { strength.gradient.copy(from: sum) }
    return result
  }

  private func learn(_ batch: Batch, _ step: Int) -> LossResult {
    let pass = Pass(rows: batch.rows, isTraining: true, updatesStatistics: false, step: step)
    let result = network.learn(batch.input, batch.targets, pass)
    for weight in weights { weight.clearMaskedGradients() }
    return result
  }

  private func lookAhead(_ ahead: WeightStep) {
    for weight in weights {
      Scalar.scale(
        weight.value.scalars, by: Scalar(1 - ahead.learningRate * ahead.decay),
        count: weight.value.count)
      add(weight.gradient, times: -ahead.learningRate, to: weight.value)
      guard ahead.momentum > 0, let velocity = ahead.optimizer?.moments(of: weight).first
      else { continue }
      add(velocity, times: -ahead.learningRate * ahead.momentum, to: weight.value)
    }
  }

  private func add(_ tensor: Tensor<Scalar>, times factor: Double, to sum: Tensor<Scalar>) {
    scratch.scalars.update(from: tensor.scalars, count: tensor.count)
    Scalar.scale(scratch.scalars, by: Scalar(factor), count: tensor.count)
    Scalar.add(scratch.scalars, to: sum.scalars, count: tensor.count, rectifies: false)
  }
}

/// How α is learned, as an experiment describes it.
public struct ArchitectureLearning: Sendable, Equatable {
  public let order: Int
  /// Adam's.
  public let learningRate, weightDecay: Double

  public init(order: Int = 1, learningRate: Double = 3e-4, weightDecay: Double = 1e-3) {
    self.order = order
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// `order`: 1 or 2; `learningRate`: 0.0003 and `weightDecay`: 0.001 unless given.
  public init(_ settings: some Settings) throws {
    order = try settings.integer("order", in: 1...2, default: 1)
    learningRate = try settings.number("learningRate", in: 0...1e3, default: 3e-4)
    weightDecay = try settings.number("weightDecay", in: 0...1, default: 1e-3)
  }

  /// nil where a network has nothing to choose from.
  public func makeStep<Scalar: TensorScalar>(
    _ network: Network<Scalar>
  ) -> ArchitectureStep<Scalar>? {
    guard network.parameters.contains(where: { !$0.isWeight }) else { return nil }
    return ArchitectureStep(
      network, order: .init(rawValue: order) ?? .first, learningRate: learningRate,
      weightDecay: weightDecay)
  }
}
