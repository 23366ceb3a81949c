import Tensors

/// Prunes in many small cuts while the network learns, by any method that decides at once. The
/// sparsity follows target · (1 - (1 - t)³), or a straight line, over the part of the training from
/// `begin` to `end` (Zhu and Gupta, "To prune, or not to prune", 2017).
public struct GradualPruning: TrainingPruning {
  public static let kind = "gradual"
  public static let summary = "many small cuts while training, along a cubic curve"
  public static let paper: String? = "Zhu and Gupta 2017, arXiv 1710.01878"
  public static let unit = PruningUnit.weights

  /// How the sparsity grows.
  public enum Shape: String, Sendable, CaseIterable {
    case cubic, linear
  }

  public let criterion: any OneShotPruning
  public let shape: Shape
  /// Updates from cut to cut; 0: an epoch.
  public let every: Int
  /// The parts of the training that is left at which the first and the last cut come.
  public let begin, end: Double

  public var span: Double { end }
  public var unit: PruningUnit { criterion.unit }

  public init(
    _ criterion: any OneShotPruning = MagnitudePruning(), shape: Shape = .cubic, every: Int = 25,
    begin: Double = 0.15, end: Double = 0.75
  ) {
    self.criterion = criterion
    self.shape = shape
    self.every = every
    self.begin = begin
    self.end = end
  }

  public init(_ settings: some Settings) throws {
    let criteria = PruningCatalogue.all.compactMap { $0 as? any OneShotPruning.Type }
    let name = try settings.choice(
      "criterion", of: criteria.map { $0.kind }, default: MagnitudePruning.kind)
    criterion =
      try criteria.first { $0.kind == name }.map { try $0.init(settings) } ?? MagnitudePruning()
    let word = try settings.choice(
      "shape", of: Shape.allCases.map(\.rawValue), default: Shape.cubic.rawValue)
    shape = Shape(rawValue: word) ?? .cubic
    every = try settings.integer("every", in: 0...1_000_000, default: 25)
    begin = try settings.number("begin", in: 0...0.95, default: 0.15)
    end = try settings.number("end", in: begin...1, default: max(begin, 0.75))
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    GradualProcess(self, task, stage)
  }

  /// The sparsity to have when a part of the work, 0 to 1, is done.
  func sparsity(at part: Double, target: Double) -> Double {
    let from = begin / max(end, .leastNormalMagnitude)
    guard part >= from else { return 0 }
    let progress = from < 1 ? min(1, (part - from) / (1 - from)) : 1
    let left = 1 - progress
    return target * (shape == .cubic ? 1 - left * left * left : progress)
  }
}

final class GradualProcess<Scalar: TensorScalar>: PruningProcess {
  private let method: GradualPruning
  private let task: PruningTask<Scalar>
  private let stage: PruningStage<Scalar>

  init(_ method: GradualPruning, _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>) {
    self.method = method
    self.task = task
    self.stage = stage
  }

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> {
    guard !moment.isLast else { return .nothing }
    let period = method.every == 0 ? stage.updatesPerEpoch : method.every
    guard (moment.index + 1) % period == 0 else { return .nothing }
    let part = Double(moment.index + 1) / Double(stage.length)
    let decision = decide(method.sparsity(at: part, target: task.target), samples)
    return decision.isEmpty ? .nothing : .cut(decision)
  }

  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    decide(task.target, samples)
  }

  /// Empty when nothing has to go yet.
  private func decide(
    _ sparsity: Double, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningDecision<Scalar> {
    guard sparsity > 0 else { return PruningDecision() }
    let now = PruningTask(
      task.network, task.graph, origin: task.origin, target: sparsity, layers: task.layers,
      samples: type(of: method.criterion).looksAtSamples ? samples() : PruningSamples(),
      seed: task.seed)
    do throws(PruningRefusal) {
      return try method.criterion.decide(now)
    } catch { return PruningDecision() }  // the sparsity is reached already
  }
}
