import NeuralNetwork
import Tensors
import Testing

@testable import ArchitectureSearch

struct ReinforceTests {
  @Test func theGradientIsThatOfTheLogProbability() {
    let logits = [[0.3, -1.2, 2], [0.5], [-0.7, 0.1]]
    let choices = [1, 0, 0]
    let gradient = ChoicePolicy(logits: logits).gradient(choices)
    let step = 1e-5
    for variable in logits.indices {
      for choice in logits[variable].indices {
        func moved(_ distance: Double) -> Double {
          var logits = logits
          logits[variable][choice] += distance
          return ChoicePolicy(logits: logits).logProbability(choices)
        }
        let difference = (moved(step) - moved(-step)) / (2 * step)
        #expect(abs(gradient[variable][choice] - difference) < 1e-9)
      }
    }
  }

  @Test func drawsFollowTheProbabilities() {
    let policy = ChoicePolicy(logits: [[0, 1, -1]])
    var random = RandomSource(seed: 1, purpose: .search)
    var counts = [0.0, 0, 0]
    for _ in 0..<20_000 { counts[policy.draw(&random)[0]] += 1 }
    for (count, probability) in zip(counts, policy.probabilities(0)) {
      #expect(abs(count / 20_000 - probability) < 0.015)
    }
  }

  /// By hand: the first result is its own baseline; the second one's is (0.09·1 + 0.1·3) / 0.19.
  @Test func theBaselineIsAMeanWithoutBias() throws {
    let searcher = ReinforceSearcher(Reinforce(), SearchTask(GridSpace([2]), candidates: 2))
    let first = try #require(searcher.nextTrial())
    searcher.observe(TrialResult(first, score: 1, parameters: 1))
    #expect(searcher.policy.logits[0].allSatisfy { abs($0) < 1e-15 })
    let second = try #require(searcher.nextTrial())
    searcher.observe(TrialResult(second, score: 3, parameters: 1))
    let chosen = second.architecture.choices[0]
    let expected = 0.1 * (3 - 0.39 / 0.19) * 0.5
    #expect(abs(searcher.policy.logits[0][chosen] - expected) < 1e-12)
    #expect(abs(searcher.policy.logits[0][1 - chosen] + expected) < 1e-12)
  }

  @Test func whatIsRewardedIsDrawnMoreOften() {
    let evaluator = FormulaEvaluator { choices, _ in Double(choices.count { $0 == 2 }) }
    let task = SearchTask(GridSpace([3, 3, 3, 3, 3, 3]), candidates: 150)
    let steps = SearchSimulator.run(Reinforce(learningRate: 0.3), task, on: evaluator)
    #expect(steps.last?.bestScore == 6)
  }

  @Test func logitsStayFinite() {
    var policy = ChoicePolicy(counts: [2])
    for rate in [1e300, 1e308, .infinity, .nan] { policy.learn([0], rate: rate) }
    #expect(policy.logits[0].allSatisfy { $0.isFinite })
    #expect(policy.probabilities(0).reduce(0, +) == 1)
  }
}
