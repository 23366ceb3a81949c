import Tensors

/// An exponential moving average of the weights, average = decay · average + (1 - decay) · weight,
/// which often generalises better than the last weights (Polyak and Juditsky, "Acceleration of
/// stochastic approximation by averaging", 1992; Tarvainen and Valpola, "Mean teachers", 2017).
/// It begins as the weights after the first update. Running statistics are averaged with the
/// weights that they belong to.
public final class WeightAverage<Scalar: TensorScalar>: ParallelWork {
  /// Updates averaged so far; part of the state.
  public var stepCount = 0

  private enum Stage {
    case follow(Scalar)
    case exchange
  }

  private let decay: Double
  private let parameters: [Parameter<Scalar>]
  /// What is averaged, by name: all weights, then all statistics.
  private let live: [(name: String, tensor: Tensor<Scalar>)]
  private let averages: [Tensor<Scalar>]
  private let pool: WorkerPool
  private let blocks: ParameterBlocks
  private var stage = Stage.exchange

  /// - Parameter decay: 0 to 1: how much of the average each update keeps.
  public init(
    decay: Double, _ parameters: [Parameter<Scalar>], statistics: [Statistic<Scalar>] = [],
    pool: WorkerPool
  ) {
    let parameters = parameters.filter(\.isWeight)
    self.decay = decay
    self.parameters = parameters
    self.pool = pool
    live = parameters.map { ($0.name, $0.value) } + statistics.map { ($0.name, $0.value) }
    averages = live.map { Tensor(shape: $0.tensor.shape) }
    blocks = ParameterBlocks(counts: averages.map(\.count))
  }

  /// The averages, by name; a resumed run needs them and `stepCount`.
  public var state: [(name: String, tensor: Tensor<Scalar>)] {
    zip(live, averages).map { (Self.prefix + $0.name, $1) }
  }

  private static var prefix: String { "average." }

  /// The average of one parameter.
  public func tensor(of parameter: Parameter<Scalar>) -> Tensor<Scalar>? {
    parameters.firstIndex { $0 === parameter }.map { averages[$0] }
  }

  /// The name of what a tensor of the state is the average of.
  public static func liveName(_ name: String) -> String { String(name.dropFirst(prefix.count)) }

  /// Takes in the weights after an update.
  public func update() {
    stepCount += 1
    run(.follow(Scalar(stepCount == 1 ? 1 : 1 - decay)))
  }

  /// Exchanges weights and averages: to validate with the averages, and then back again.
  public func exchange() {
    if stepCount > 0 { run(.exchange) }
  }

  /// Zeroes the averages of weights that a new mask removes.
  public func applyMasks() {
    for (parameter, average) in zip(parameters, averages) {
      guard let mask = parameter.mask else { continue }
      Scalar.multiply(average.scalars, by: mask.scalars, count: average.count)
    }
  }

  private func run(_ stage: Stage) {
    self.stage = stage
    pool.run(self, blocks: blocks.count)
  }

  public func perform(block: Int) {
    for piece in blocks.pieces(of: block) {
      let weights = live[piece.parameter].tensor.scalars + piece.offset
      let averages = averages[piece.parameter].scalars + piece.offset
      switch stage {
      case .follow(let fraction):
        Scalar.interpolate(averages, towards: weights, by: fraction, count: piece.count)
      case .exchange:
        Scalar.exchange(averages, weights, count: piece.count)
      }
    }
  }
}

/// The average of the weights as an experiment describes it.
public struct WeightAveraging: Sendable, Equatable {
  public let decay: Double

  public init(decay: Double) {
    self.decay = decay
  }

  /// `decay`: 0.999 unless given.
  public init(_ settings: some Settings) throws {
    decay = try settings.number("decay", in: 0...0.999999, default: 0.999)
  }
}
