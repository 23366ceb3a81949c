import Glibc
import NeuralNetwork
import Tensors

/// Bayesian optimisation (Mockus 1978; Jones, Schonlau and Welch, "Efficient global optimization of
/// expensive black-box functions", 1998): a Gaussian process foretells scores, and what is expected
/// to improve most on the best so far is trained next. The kernel is Matérn's with a length for
/// each variable (Snoek, Larochelle and Adams, "Practical Bayesian optimization of machine learning
/// algorithms", NeurIPS 2012), its numbers those of the largest likelihood. What still runs counts
/// as good as the best (the constant liar of Ginsbourger, Le Riche and Carraro 2010), what failed
/// as bad as the worst.
public struct BayesianOptimization: SearchStrategy {
  public static let kind = "bayesian"
  public static let summary = "a Gaussian process of the scores tells where improvement is likely"
  public static let paper: String? = "Snoek et al. 2012, arXiv 1206.2944"

  /// ξ: an improvement counts from here, in standard deviations of the scores.
  public let margin: Double
  /// Architectures that the next one is chosen from.
  public let pool: Int

  public init(margin: Double = 0.01, pool: Int = 200) {
    self.margin = margin
    self.pool = pool
  }

  public init(_ settings: some Settings) throws {
    margin = try settings.number("margin", in: 0...10, default: 0.01)
    pool = try settings.integer("pool", in: 10...10_000, default: 200)
  }

  public func makeSearcher(_ task: SearchTask) -> any Searcher {
    BayesianSearcher(self, task)
  }

  /// Of a score with this mean and variance over the best so far, the larger the better: s(uΦ(u) +
  /// φ(u)), u = (mean - best - margin) / s.
  static func expectedImprovement(
    _ mean: Double, _ variance: Double, best: Double, margin: Double
  ) -> Double {
    let deviation = variance.squareRoot()
    let excess = (mean - best - margin) / deviation
    let density = exp(-0.5 * excess * excess) / (2 * Double.pi).squareRoot()
    return deviation * (excess * 0.5 * erfc(-excess / 2.0.squareRoot()) + density)
  }
}

final class BayesianSearcher: Searcher {
  private let settings: BayesianOptimization
  private let task: SearchTask
  private var fresh: FreshArchitectures
  private var surrogate: Surrogate
  private var pool: [Member] = []
  private var pooled: Set<String> = []
  /// Drawn at random before the process is asked.
  private let beginnings: Int

  private struct Member {
    let architecture: Architecture
    let point: [Double]
    /// Expected improvement when it was looked at last.
    var promise = 0.0
  }

  /// Each time the pool is renewed: new draws, and children of so many of the best trials and of
  /// the pool's most promising.
  private static let (drawsMax, parentsMax, childrenMax) = (8, 4, 3)

  init(_ settings: BayesianOptimization, _ task: SearchTask) {
    self.settings = settings
    self.task = task
    fresh = FreshArchitectures(task)
    let encoding = ArchitectureEncoding(task.space.variables)
    surrogate = Surrogate(encoding)
    let groups = (encoding.groups.last ?? -1) + 1
    beginnings = min(2 * (groups + 1), max(3, task.candidates / 3))
  }

  func next() -> SearchMove {
    guard fresh.countLeft > 0 else { return .finished }
    guard fresh.proposed.count >= beginnings, surrogate.isInformed else {
      return fresh.draw().map(train) ?? .finished
    }
    surrogate.refit()
    renewPool()
    guard let chosen = takeMostPromising(), fresh.propose(chosen) else {
      return fresh.draw().map(train) ?? .finished
    }
    return train(chosen)
  }

  private func train(_ architecture: Architecture) -> SearchMove {
    surrogate.begin(architecture)
    return .train(Trial(architecture, epochs: task.epochs))
  }

  func observe(_ result: TrialResult) {
    surrogate.observe(result)
  }

  private func renewPool() {
    pool.removeAll { fresh.proposed.contains($0.architecture.identity) }
    pooled = Set(pool.map(\.architecture.identity))
    let room = max(Self.drawsMax, settings.pool / 2 - pool.count)
    var repetitions = 0
    for _ in 0..<room where repetitions < Self.drawsMax {
      guard let drawn = task.sampler.draw(&fresh.random, except: fresh.proposed) else { break }
      if !add(drawn) { repetitions += 1 }
    }
    let parents =
      surrogate.best(Self.parentsMax) + pool.prefix(Self.parentsMax).map(\.architecture)
    for parent in parents {
      for _ in 0..<Self.childrenMax {
        guard let child = task.sampler.mutated(parent, &fresh.random) else { break }
        add(child)
      }
    }
  }

  /// - Returns: false where it is in the pool already, or was proposed.
  @discardableResult private func add(_ architecture: Architecture) -> Bool {
    guard !fresh.proposed.contains(architecture.identity),
      pooled.insert(architecture.identity).inserted
    else { return false }
    let point = surrogate.encoding.point(architecture.choices)
    pool.append(Member(architecture: architecture, point: point))
    return true
  }

  /// Leaves the most promising of the others, from the best down.
  private func takeMostPromising() -> Architecture? {
    let foretold = surrogate.foretell(pool.map { ($0.architecture.identity, $0.point) })
    for (index, value) in foretold.enumerated() {
      pool[index].promise = BayesianOptimization.expectedImprovement(
        value.mean, value.variance, best: surrogate.bestValue, margin: settings.margin)
    }
    // Where no improvement is in sight the largest mean is the most promising.
    let order = pool.indices.sorted { one, other in
      let (first, second) = (pool[one].promise, pool[other].promise)
      if first != second { return first > second }
      let (mean, otherMean) = (foretold[one].mean, foretold[other].mean)
      return mean != otherMean ? mean > otherMean : one < other
    }
    guard let best = order.first else { return nil }
    let chosen = pool[best].architecture
    pool = order.dropFirst().prefix(settings.pool).map { pool[$0] }
    surrogate.forget(except: Set(pool.map(\.architecture.identity)))
    return chosen
  }
}
