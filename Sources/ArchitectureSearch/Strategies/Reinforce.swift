import Glibc
import NeuralNetwork
import Tensors

/// REINFORCE (Williams, "Simple statistical gradient-following algorithms for connectionist
/// reinforcement learning", Machine Learning 1992) over architectures as in NAS-Bench-101 (Ying and
/// others, ICML 2019, section 5): a categorical distribution for each variable, from which the
/// choices are drawn independently; its logits follow (reward - baseline) times the gradient of the
/// draw's log-probability. A limit that refuses an architecture draws again; a sieve is not asked.
public struct Reinforce: SearchStrategy {
  public static let kind = "reinforce"
  public static let summary = "a distribution over the choices that learns from its draws' scores"
  public static let paper: String? = "Williams 1992; Ying et al. 2019, arXiv 1902.09635"

  public let learningRate: Double
  /// How much of the mean reward stays with each result.
  public let baselineDecay: Double

  public init(learningRate: Double = 0.1, baselineDecay: Double = 0.9) {
    self.learningRate = learningRate
    self.baselineDecay = baselineDecay
  }

  public init(_ settings: some Settings) throws {
    learningRate = try settings.number("learningRate", in: 1e-6...1000, default: 0.1)
    baselineDecay = try settings.number("baselineDecay", in: 0...0.9999, default: 0.9)
  }

  public func makeSearcher(_ task: SearchTask) -> any Searcher {
    ReinforceSearcher(self, task)
  }
}

final class ReinforceSearcher: Searcher {
  private let settings: Reinforce
  private let task: SearchTask
  private var fresh: FreshArchitectures
  private(set) var policy: ChoicePolicy
  /// The draws behind trials that run: an architecture may leave out choices without effect.
  private var drawn: [String: [[Int]]] = [:]
  private var meanReward = 0.0
  /// What the weights of the rewards in the mean sum to.
  private var meanWeight = 0.0
  private var worstReward: Double?
  private var isFinished = false

  init(_ settings: Reinforce, _ task: SearchTask) {
    self.settings = settings
    self.task = task
    fresh = FreshArchitectures(task)
    policy = ChoicePolicy(counts: task.space.variables.map(\.choices.count))
  }

  func next() -> SearchMove {
    guard !isFinished else { return .finished }
    for _ in 0..<ArchitectureSampler.attemptsMax {
      let choices = policy.draw(&fresh.random)
      guard let architecture = task.sampler.allowed(choices) else { continue }
      guard fresh.propose(architecture) else { break }
      drawn[architecture.identity, default: []].append(choices)
      return .train(Trial(architecture, epochs: task.epochs))
    }
    isFinished = true
    return .finished
  }

  /// What failed is as good as the worst that did not.
  func observe(_ result: TrialResult) {
    let identity = result.trial.architecture.identity
    guard let choices = drawn[identity]?.first else { return }
    drawn[identity]?.removeFirst()
    guard let reward = result.score ?? worstReward else { return }
    worstReward = min(reward, worstReward ?? reward)
    let decay = settings.baselineDecay
    meanReward = decay * meanReward + (1 - decay) * reward
    meanWeight = decay * meanWeight + (1 - decay)
    policy.learn(choices, rate: settings.learningRate * (reward - meanReward / meanWeight))
  }
}

/// Independent categorical distributions, one for each variable.
struct ChoicePolicy {
  /// For each variable the logits of its choices.
  private(set) var logits: [[Double]]
  /// Beyond this a logit cannot be told from certainty, and must not grow until it overflows.
  private static let logitMax = 500.0

  /// Uniform ones.
  init(counts: [Int]) {
    logits = counts.map { Array(repeating: 0, count: $0) }
  }

  init(logits: [[Double]]) {
    self.logits = logits
  }

  /// Softmax of the logits.
  func probabilities(_ variable: Int) -> [Double] {
    let largest = logits[variable].max() ?? 0
    let powers = logits[variable].map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  func draw(_ random: inout RandomSource) -> [Int] {
    logits.indices.map { variable in
      let probabilities = probabilities(variable)
      var rest = random.uniform()
      for (choice, probability) in probabilities.enumerated() {
        rest -= probability
        if rest < 0 { return choice }
      }
      return probabilities.count - 1
    }
  }

  /// ln of the probability that these choices are drawn.
  func logProbability(_ choices: [Int]) -> Double {
    zip(choices, logits.indices).reduce(0) { sum, pair in
      sum + log(probabilities(pair.1)[pair.0])
    }
  }

  /// Of the log-probability, by the logits: 1 for the choice, less the probabilities.
  func gradient(_ choices: [Int]) -> [[Double]] {
    zip(choices, logits.indices).map { choice, variable in
      var slope = probabilities(variable).map { -$0 }
      slope[choice] += 1
      return slope
    }
  }

  mutating func learn(_ choices: [Int], rate: Double) {
    for (variable, slopes) in gradient(choices).enumerated() {
      for (choice, slope) in slopes.enumerated() {
        let moved = logits[variable][choice] + rate * slope
        guard !moved.isNaN else { continue }
        logits[variable][choice] = max(-Self.logitMax, min(Self.logitMax, moved))
      }
    }
  }
}
