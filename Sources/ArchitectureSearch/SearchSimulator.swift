/// Runs a strategy on known scores: a search without training.
public enum SearchSimulator {
  /// A result, in the order in which results came.
  public struct Step: Sendable {
    /// The candidate's number, from 0.
    public let candidate: Int
    public let architecture: Architecture
    /// That it was trained in all.
    public let epochs: Int
    /// nil: nothing is known of it.
    public let score: Double?
    /// The best so far; nil: none yet.
    public let bestScore: Double?
    /// Of all candidates so far; what goes on from fewer epochs spends only the others.
    public let epochsSpent: Int
  }

  /// - Parameters:
  ///   - workers: how many train at a time; each epoch takes as long as every other.
  ///   - evaluationsMax: the search is given up after so many results.
  public static func run(
    _ strategy: any SearchStrategy, _ task: SearchTask, on evaluator: any CandidateEvaluator,
    workers: Int = 1, evaluationsMax: Int = .max
  ) -> [Step] {
    precondition(workers > 0, "a search needs somebody who works")
    var process = SearchProcess(strategy, task)
    var steps: [Step] = []
    var running: [(candidate: Int, epochs: Int, end: Int)] = []
    var trained: [Int: Int] = [:]
    var (now, epochsSpent) = (0, 0)
    var best: Double?
    while steps.count < evaluationsMax {
      while running.count < workers {
        guard case .train(let candidate, let epochs) = process.next() else { break }
        let missing = max(0, epochs - trained[candidate, default: 0])
        running.append((candidate, epochs, now + missing))
      }
      guard let first = running.indices.min(by: { running[$0].end < running[$1].end }) else {
        break
      }
      let (candidate, epochs, end) = running.remove(at: first)
      now = end
      let architecture = process.candidates[candidate].architecture
      let evaluation = evaluator.evaluate(architecture, epochs: epochs)
      process.finish(
        candidate: candidate, score: evaluation?.score, parameters: evaluation?.parameters ?? 0)
      epochsSpent += max(0, epochs - trained[candidate, default: 0])
      trained[candidate] = max(epochs, trained[candidate, default: 0])
      let score = process.candidates[candidate].score
      best = [best, score].compactMap { $0 }.max()
      steps.append(
        Step(
          candidate: candidate, architecture: architecture, epochs: epochs, score: score,
          bestScore: best, epochsSpent: epochsSpent))
    }
    return steps
  }
}
