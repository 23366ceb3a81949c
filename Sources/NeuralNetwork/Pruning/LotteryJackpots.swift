import Glibc
import Tensors

/// Looks for a mask under which the weights do well as they are, without changing them (Zhang et
/// al., "Lottery jackpots exist in pre-trained models", 2021).
///
/// Every weight has a score, 1 where the mask of least magnitude lets it live and 0.99 where not.
/// Scores learn by the gradient that the masked weight would have, times the weight: momentum 0.9,
/// decay 0.0005, a learning rate that falls along a cosine. Behind each step kept weights change
/// places with masked ones of the same tensor whose scores are higher: the share (1 - e/E)⁴ of all
/// such pairs, rounded up. So the sparsity of every tensor stays what the first mask made it.
///
/// All parameters stand still; running statistics follow. Weights that are zero stay out. Ours: all
/// tensors in scope take part, the last layer's, too. Ended early or not, the mask as it is goes
/// on.
public struct LotteryJackpots: TrainingPruning {
  public static let kind = "jackpots"
  public static let summary = "learn a mask for the weights as they are, which stand still"
  public static let paper: String? = "Zhang et al. 2021, arXiv 2104.08700"
  public static let unit = PruningUnit.weights

  /// Of the scores, before it falls.
  public let learningRate: Double

  static var momentum: Double { 0.9 }
  static var decay: Double { 0.0005 }

  public init(learningRate: Double = 0.1) {
    self.learningRate = learningRate
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 0...1e6, default: 0.1)
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    LotteryJackpotsProcess(self, task)
  }

  public func check<Scalar: TensorScalar>(_ task: PruningTask<Scalar>) throws(PruningRefusal) {
    _ = try MagnitudePruning().decide(task)
  }
}

final class LotteryJackpotsProcess<Scalar: TensorScalar>: PruningProcess {
  private let method: LotteryJackpots
  private let task: PruningTask<Scalar>
  private let searches: [Search]
  /// As many scalars as the largest tensor has.
  private let scratch: Tensor<Scalar>

  /// One tensor's mask, with the tensor's own values.
  private struct Search {
    let parameter: Parameter<Scalar>
    let weights, scores, velocities, mask: Tensor<Scalar>

    init(_ parameter: Parameter<Scalar>) {
      self.parameter = parameter
      let shape = parameter.value.shape
      weights = Tensor(shape: shape)
      scores = Tensor(shape: shape)
      velocities = Tensor(shape: shape)
      mask = Tensor(shape: shape)
    }

    /// The network computes with the weights that the mask keeps.
    func applyMask() {
      parameter.value.copy(from: weights)
      Scalar.multiply(parameter.value.scalars, by: mask.scalars, count: mask.count)
    }
  }

  init(_ method: LotteryJackpots, _ task: PruningTask<Scalar>) {
    self.method = method
    self.task = task
    searches = task.weights.map { Search($0.parameter) }
    scratch = Tensor(shape: [searches.map(\.mask.count).max() ?? 0])
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] {
    searches.flatMap { search in
      let name = search.parameter.name
      return [
        ("weights.\(name)", search.weights), ("scores.\(name)", search.scores),
        ("velocities.\(name)", search.velocities), ("masks.\(name)", search.mask),
      ]
    }
  }

  func begin() {
    var masks: [String: Tensor<Scalar>] = [:]
    do throws(PruningRefusal) {
      masks = try MagnitudePruning().decide(task).masks
    } catch {
      preconditionFailure("a process is made for a target that can be met")
    }
    for search in searches {
      search.weights.copy(from: search.parameter.value)
      if let mask = masks[search.parameter.name] ?? search.parameter.mask {
        search.mask.copy(from: mask)
      } else {
        search.mask.fill(1)
      }
      for index in 0..<search.mask.count {
        search.scores.scalars[index] = search.mask.scalars[index] == 0 ? 0.99 : 1
      }
      search.applyMask()
    }
  }

  func update(_ moment: PruningMoment) -> Bool {
    let part = Double(moment.index) / Double(moment.length)
    let rate = method.learningRate * (1 + cos(.pi * part)) / 2
    let step = SGDStep<Scalar>(
      rate: rate, momentum: LotteryJackpots.momentum, decay: LotteryJackpots.decay,
      isNesterov: false)
    let left = 1 - Double(moment.epoch) / Double(moment.epochs)
    for index in searches.indices {
      let search = searches[index]
      let count = search.mask.count
      let gradients = search.parameter.gradient.scalars
      Scalar.multiply(gradients, by: search.weights.scalars, count: count)
      Scalar.sgdStep(
        step,
        StepArrays(
          weights: search.scores.scalars, gradients: gradients,
          moments: (search.velocities.scalars, nil, nil)), count: count)
      Scalar.exchangeMasked(
        search.mask.scalars, scores: search.scores.scalars, weights: search.weights.scalars,
        count: count, share: left * left * left * left, scratch: scratch.scalars)
      search.applyMask()
    }
    return true
  }

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> { .nothing }

  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    var decision = PruningDecision<Scalar>()
    for search in searches {
      let mask = Tensor<Scalar>(shape: search.mask.shape)
      mask.copy(from: search.mask)
      decision.masks[search.parameter.name] = mask
    }
    return decision
  }
}
