import NeuralNetwork
import Tensors
import Testing

@testable import ArchitectureSearch

struct SearchSimulatorTests {
  private static let sum = FormulaEvaluator { choices, epochs in
    Double(choices.reduce(0, +)) + Double(epochs) / 100
  }

  @Test func theBestSoFarNeverFalls() {
    let task = SearchTask(GridSpace([10, 10]), candidates: 40)
    let steps = SearchSimulator.run(RandomSearch(), task, on: Self.sum)
    #expect(steps.map(\.candidate) == Array(0..<40))
    #expect(steps.map(\.epochsSpent) == (1...40).map { 9 * $0 })
    var best = -Double.infinity
    for step in steps {
      best = max(best, step.score ?? best)
      #expect(step.bestScore == best)
    }
  }

  @Test func evaluationsMayBeFewer() {
    let task = SearchTask(GridSpace([10, 10]), candidates: 40)
    #expect(SearchSimulator.run(RandomSearch(), task, on: Self.sum, evaluationsMax: 7).count == 7)
    #expect(SearchSimulator.run(RandomSearch(), task, on: Self.sum, evaluationsMax: 0).isEmpty)
  }

  /// Random search does not care when results come, so workers change nothing but the time.
  @Test func workersDoNotChangeARandomSearch() {
    let task = SearchTask(GridSpace([10, 10]), candidates: 40)
    let one = SearchSimulator.run(RandomSearch(), task, on: Self.sum)
    let four = SearchSimulator.run(RandomSearch(), task, on: Self.sum, workers: 4)
    #expect(one.map(\.architecture) == four.map(\.architecture))
  }

  @Test func knownProposalsCostNothing() {
    let task = SearchTask(GridSpace([2, 2]), candidates: 10)
    for workers in [1, 3] {
      let steps = SearchSimulator.run(
        RegularizedEvolution(population: 2, tournament: 1), task, on: Self.sum, workers: workers)
      #expect(Set(steps.map(\.architecture.identity)).count == steps.count)
      #expect(steps.count <= 4)
    }
  }

  /// A sieve keeps the most promising of its draws, but never what is known.
  @Test func drawsAreSievedAndNew() throws {
    let sieve = ArchitectureSampler.Sieve(draws: 50) { Double($0.choices[0]) }
    let sampler = ArchitectureSampler(GridSpace([10]), sieve: sieve)
    var random = RandomSource(seed: 1, purpose: .search)
    var known: Set<String> = []
    for expected in (0..<10).reversed() {
      let drawn = try #require(sampler.draw(&random, except: known))
      #expect(drawn.choices == [expected])
      known.insert(drawn.identity)
    }
    #expect(sampler.draw(&random, except: known) == nil)
  }
}
