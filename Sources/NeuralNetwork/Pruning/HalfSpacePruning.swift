import Tensors

/// Takes the least channels to zero in several periods while the network learns on (HESSO; Chen et
/// al., "OTOv3: automatic architecture-agnostic neural network training and compression", 2023).
///
/// A channel is the vector x of all numbers that make it, with the gradient g. Its worth is the
/// mean of five scores, each divided by the norm of that score over all channels: ‖x‖, ‖x‖ /
/// dimension, 1 - cos(x, g), |x·g| and (x·g)² / 2. The least become redundant when a period begins
/// and are multiplied by (D - t - 1) / (D - t) behind its update t of D, so that they are zero at
/// its end and stay so. They leave the network at the end of the work, which changes nothing then.
///
/// Ours: the sign of the cosine, by which steps that lead towards zero make a channel worth less,
/// as in DHSPG; the periods take the part of the time from `begin` to `end`. Ended early, the
/// channels that are zero go.
public struct HalfSpacePruning: TrainingPruning {
  public static let kind = "halfSpace"
  public static let summary = "take the least channels to zero in periods, then remove them"
  public static let paper: String? = "Chen et al. 2023, arXiv 2312.09411 (HESSO)"
  public static let unit = PruningUnit.channels

  public let choice: ChannelChoice
  public let periods: Int
  /// The parts of the time between which channels become zero.
  public let begin, end: Double

  public init(
    _ choice: ChannelChoice = ChannelChoice(perLayer: false), periods: Int = 10,
    begin: Double = 0.1, end: Double = 0.6
  ) {
    var choice = choice
    choice.isNormalized = false
    self.choice = choice
    self.periods = periods
    self.begin = begin
    self.end = end
  }

  public init(_ settings: some Settings) throws {
    let choice = try ChannelChoice(settings, perLayer: false)
    let begin = try settings.number("begin", in: 0...0.9, default: 0.1)
    self.init(
      choice, periods: try settings.integer("periods", in: 1...1000, default: 10),
      begin: begin, end: try settings.number("end", in: begin...1, default: max(begin, 0.6)))
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    _ = try choice.least(Array(repeating: 0, count: task.graph.channelCount), task)
    return HalfSpaceProcess(self, task, stage)
  }
}

final class HalfSpaceProcess<Scalar: TensorScalar>: PruningProcess {
  private let method: HalfSpacePruning
  private let task: PruningTask<Scalar>
  private let rows: ChannelRows<Scalar>
  /// The first update of the first period, and the updates of each.
  private let start, duration: Int
  /// For each channel 1 while it learns, 1/2 while it fades, 0 when it is zero for good.
  private let gates: Tensor<Scalar>
  private var isOver = false

  init(
    _ method: HalfSpacePruning, _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) {
    self.method = method
    self.task = task
    rows = ChannelRows(task, stage.optimizer)
    start = Int(method.begin * Double(stage.length))
    let end = Int(method.end * Double(stage.length))
    duration = max(1, (end - start) / method.periods)
    gates = Tensor(shape: [task.graph.channelCount])
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] { [("gates", gates)] }

  func begin() { gates.fill(1) }

  func didDerive(_ moment: PruningMoment) { rows.hold(gates) }

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> {
    isOver = moment.isLast
    let passed = moment.index - start
    guard passed >= 0, passed < method.periods * duration else { return .nothing }
    let (period, update) = (passed / duration, passed % duration)
    if update == 0 { chooseRedundant(period) }
    let left = duration - update
    if left > 1 {
      fade(by: Scalar(Double(left - 1) / Double(left)))
    } else {
      for channel in 0..<gates.count where gates[channel] != 1 { gates[channel] = 0 }
      rows.clear { gates[$1] == 0 }
    }
    return .nothing
  }

  private func fade(by factor: Scalar) {
    for index in rows.parts.indices {
      let part = rows.parts[index]
      let values = part.parameter.value.scalars
      for row in part.channels.indices where part.channels[row] >= 0 {
        let gate = gates.scalars[part.channels[row]]
        guard gate != 0, gate != 1 else { continue }
        Scalar.scale(values + row * part.width, by: factor, count: part.width)
      }
    }
  }

  private func chooseRedundant(_ period: Int) {
    let part = Double(period + 1) / Double(method.periods)
    for channel in least(part) where gates[channel] == 1 { gates[channel] = 0.5 }
  }

  /// The channels that are to be gone when a part of the way to the target is made; those that are
  /// chosen already come first.
  private func least(_ part: Double) -> [Int] {
    let worths = worths()
    let scores = worths.indices.map { gates[$0] == 1 ? worths[$0] : -.infinity }
    let present = method.choice.sparsity(of: task)
    let target = present + (task.target - present) * part
    return method.choice.leastIfAny(scores, task.with(target: target))
  }

  private func worths() -> [Double] {
    let count = task.graph.channelCount
    var (squares, slopes, products, dimensions) = (
      Array(repeating: 0.0, count: count), Array(repeating: 0.0, count: count),
      Array(repeating: 0.0, count: count), Array(repeating: 0.0, count: count)
    )
    for part in rows.parts {
      for (row, channel) in part.channels.enumerated() where channel >= 0 {
        let values = part.parameter.value.scalars + row * part.width
        let gradients = part.parameter.gradient.scalars + row * part.width
        squares[channel] += Scalar.sumOfSquares(values, count: part.width)
        slopes[channel] += Scalar.sumOfSquares(gradients, count: part.width)
        products[channel] += Scalar.sumOfProducts(values, gradients, count: part.width)
        dimensions[channel] += Double(part.width)
      }
    }
    let indices = Array(0..<count)
    let norms = squares.map { $0.squareRoot() }
    let parts = [
      norms, indices.map { norms[$0] / max(1, dimensions[$0]) },
      indices.map {
        1 - products[$0] / max(norms[$0] * slopes[$0].squareRoot(), .leastNormalMagnitude)
      },
      products.map(\.magnitude), products.map { $0 * $0 / 2 },
    ].map { normalized($0) }
    return indices.map { index in parts.reduce(0) { $0 + $1[index] } / Double(parts.count) }
  }

  /// Divided by the norm over the channels in scope.
  private func normalized(_ scores: [Double]) -> [Double] {
    let isInScope = task.channelsInScope
    let sum = scores.indices.reduce(0.0) { isInScope[$1] ? $0 + scores[$1] * scores[$1] : $0 }
    let norm = max(sum.squareRoot(), .leastNormalMagnitude)
    return scores.map { $0 / norm }
  }

  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    var decision = PruningDecision<Scalar>()
    let zeros = (0..<gates.count).filter { gates[$0] == 0 }
    decision.removed = isOver ? least(1) : zeros
    return decision
  }
}
