import Glibc
import NeuralNetwork
import Testing

@testable import ArchitectureSearch

struct BayesianOptimizationTests {
  /// Branin's function on a grid of 60 by 60, upside down; its maximum is -0.398.
  private static let branin = FormulaEvaluator { choices, _ in
    let (x, y) = (-5 + 15 * Double(choices[0]) / 59, 15 * Double(choices[1]) / 59)
    let bend = y - 5.1 * x * x / (4 * Double.pi * Double.pi) + 5 * x / Double.pi - 6
    return -(bend * bend + 10 * (1 - 1 / (8 * Double.pi)) * cos(x) + 10)
  }

  private func medianBest(_ strategy: any SearchStrategy, workers: Int = 1) -> Double {
    let best = (0..<10 as Range<UInt64>).compactMap { seed in
      let task = SearchTask(GridSpace([60, 60]), candidates: 30, seed: seed)
      let steps = SearchSimulator.run(strategy, task, on: Self.branin, workers: workers)
      return steps.last?.bestScore.map { -$0 }
    }.sorted()
    return (best[4] + best[5]) / 2
  }

  @Test func braninIsSolvedInThirtyEvaluations() {
    let bayesian = medianBest(BayesianOptimization())
    let random = medianBest(RandomSearch())
    #expect(bayesian <= 0.6, "random search: \(random)")
    #expect(random > 1)
  }

  @Test func fourWorkersSolveItToo() {
    #expect(medianBest(BayesianOptimization(), workers: 4) <= 0.8)
  }

  /// Of a standard normal over 0 it is 1/√(2π); far below it is next to nothing, far above the gain
  @Test func theExpectedImprovementIsThatOfANormal() {
    func expected(_ mean: Double, _ variance: Double) -> Double {
      BayesianOptimization.expectedImprovement(mean, variance, best: 1, margin: 0.5)
    }
    #expect(abs(expected(1.5, 1) - 0.398_942_280_401_432_7) < 1e-12)
    #expect(abs(expected(2.5, 1) - 1.083_315_470_587_686_3) < 1e-12)
    #expect(abs(expected(11.5, 1e-4) - 10) < 1e-12)
    #expect(expected(-50, 1e-4) == 0)
  }

  @Test func choicesArePoints() {
    let encoding = ArchitectureEncoding([
      SearchVariable("width", choices: ["1", "2", "4"], isOrdered: true),
      SearchVariable("nothing", choices: ["one"], isOrdered: false),
      SearchVariable("edge", choices: ["no", "yes"], isOrdered: false),
      SearchVariable("operation", choices: ["a", "b", "c"], isOrdered: false),
    ])
    #expect(encoding.groups == [0, 1, 2, 2, 2])
    #expect(encoding.point([1, 0, 1, 2]) == [0.5, 1, 0, 0, 1])
    #expect(encoding.point([2, 0, 0, 0]) == [1, 0, 1, 0, 0])
  }

  /// A variable without any bearing, choices without order, and failures in the best corner.
  @Test func failuresAreAvoided() {
    let evaluator = FormulaEvaluator { choices, _ in
      choices[0] > 7 ? nil : Double(choices[0]) + (choices[1] == 2 ? 3 : 0)
    }
    let task = SearchTask(GridSpace([10, 5, 5], isOrdered: false), candidates: 60)
    let steps = SearchSimulator.run(BayesianOptimization(), task, on: evaluator)
    #expect(steps.last?.bestScore == 10)
    #expect(steps.suffix(30).count { $0.score == nil } < 10)
  }
}
