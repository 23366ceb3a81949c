import NeuralNetwork
import Testing

@testable import ArchitectureSearch

struct RegretComparisonTests {
  private func comparison(wins: Int, losses: Int, even: Int = 0) -> RegretComparison {
    let regrets = (0..<wins).map { _ in 0.1 } + (0..<losses).map { _ in 0.3 }
    let rest = Array(repeating: 0.2, count: even)
    return RegretComparison(
      regrets: regrets + rest, otherRegrets: Array(repeating: 0.2, count: wins + losses) + rest)
  }

  /// Numbers of SciPy: binomtest(wins, wins + losses).pvalue.
  @Test func theSignTestIsThatOfTheBinomial() {
    for (wins, losses, expected) in [
      (50, 0, 1.776_356_839_400_250_5e-15), (35, 15, 0.006_600_447_966_810_918),
      (15, 35, 0.006_600_447_966_810_918), (7, 3, 0.343_75), (5, 5, 1), (0, 0, 1),
    ] {
      let one = comparison(wins: wins, losses: losses, even: 4)
      #expect(one.wins == wins && one.losses == losses)
      #expect(abs(one.signTest - expected) <= 1e-10 * expected)
    }
  }

  /// What learns beats what does not, where neighbours have scores that are close.
  @Test func evolutionBeatsRandomSearchOnAHill() {
    let tasks = (0..<20 as Range<UInt64>).map { seed in
      SearchTask(GridSpace([8, 8, 8, 8, 8, 8]), candidates: 100, seed: seed)
    }
    let comparison = RegretComparison(
      RegularizedEvolution(population: 20, tournament: 5), against: RandomSearch(), tasks,
      on: FormulaEvaluator { choices, _ in Double(choices.reduce(0, +)) }, best: 42)
    #expect(comparison.regrets.count == 20 && comparison.otherRegrets.allSatisfy { $0 >= 0 })
    #expect(comparison.signTest < 0.01 && comparison.wins > comparison.losses)
  }
}
