import Glibc

/// Two strategies against each other: the same scores, the same budget, one search each for every
/// seed.
public struct RegretComparison: Sendable {
  /// For each seed how far the best that was found is below the best there is.
  public let regrets, otherRegrets: [Double]

  /// - Parameters:
  ///   - best: the best score there is.
  ///   - tasks: one for each seed.
  public init(
    _ strategy: any SearchStrategy, against other: any SearchStrategy, _ tasks: [SearchTask],
    on evaluator: any CandidateEvaluator, best: Double
  ) {
    func regrets(_ strategy: any SearchStrategy) -> [Double] {
      tasks.map { task in
        let steps = SearchSimulator.run(
          strategy, task, on: evaluator, evaluationsMax: task.candidates)
        return best - (steps.last?.bestScore ?? -.infinity)
      }
    }
    self.init(regrets: regrets(strategy), otherRegrets: regrets(other))
  }

  init(regrets: [Double], otherRegrets: [Double]) {
    self.regrets = regrets
    self.otherRegrets = otherRegrets
  }

  /// Seeds for which the first strategy's regret is the smaller one.
  public var wins: Int { zip(regrets, otherRegrets).count { $0 < $1 } }
  public var losses: Int { zip(regrets, otherRegrets).count { $0 > $1 } }

  /// How likely it is that two equal strategies differ so much, either way: the sign test, exact,
  /// without the seeds that are even.
  public var signTest: Double {
    let decided = wins + losses
    let tail = (0...min(wins, losses)).reduce(0.0) { sum, count in
      let ways =
        lgamma(Double(decided + 1)) - lgamma(Double(count + 1))
        - lgamma(Double(decided - count + 1))
      return sum + exp(ways - Double(decided) * log(2))
    }
    return min(1, 2 * tail)
  }
}
