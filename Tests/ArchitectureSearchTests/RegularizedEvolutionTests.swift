import NeuralNetwork
import Testing

@testable import ArchitectureSearch

struct RegularizedEvolutionTests {
  private func makeSearcher(
    population: Int, tournament: Int
  ) -> EvolutionSearcher {
    EvolutionSearcher(
      RegularizedEvolution(population: population, tournament: tournament),
      SearchTask(GridSpace([1000, 1000]), candidates: 1000))
  }

  private func difference(_ one: Architecture, _ other: Architecture) -> Int {
    zip(one.choices, other.choices).count { $0 != $1 }
  }

  /// Three founders; the best of them is the oldest and has children until it dies of age.
  @Test func theOldestLeavesThoughItIsTheBest() throws {
    let searcher = makeSearcher(population: 3, tournament: 200)
    var trials: [Trial] = []
    func run(_ score: Double?) throws {
      let trial = try #require(searcher.nextTrial())
      trials.append(trial)
      searcher.observe(TrialResult(trial, score: score, parameters: 1))
    }
    func ages() -> [Int] {
      searcher.population.compactMap { member in trials.firstIndex { $0 == member.trial } }
    }
    for score in [9.0, 1, 2] { try run(score) }
    #expect(ages() == [0, 1, 2])
    try run(3)
    #expect(difference(trials[3].architecture, trials[0].architecture) == 1)
    #expect(ages() == [1, 2, 3])
    // Now the child of the dead one is the best, and the next is its child.
    try run(nil)
    #expect(difference(trials[4].architecture, trials[3].architecture) == 1)
    #expect(ages() == [2, 3, 4])
    try run(1)
    #expect(difference(trials[5].architecture, trials[3].architecture) == 1)
    #expect(ages() == [3, 4, 5])
    try run(0)
    #expect(ages() == [4, 5, 6])
    // A failure is a member, but the worst.
    try run(0)
    #expect(difference(trials[7].architecture, trials[5].architecture) == 1)
  }

  @Test func foundersAreNotWaitedFor() throws {
    let searcher = makeSearcher(population: 4, tournament: 2)
    let founders = (0..<4).compactMap { _ in searcher.nextTrial() }
    #expect(Set(founders.map(\.architecture.identity)).count == 4)
    #expect(searcher.next() == .wait)
    searcher.observe(TrialResult(founders[2], score: 1, parameters: 1))
    let child = try #require(searcher.nextTrial())
    #expect(difference(child.architecture, founders[2].architecture) == 1)
    #expect(searcher.population.count == 1)
  }

  /// With a tournament of one the parents are drawn uniformly.
  @Test func theTournamentDrawsFromAll() throws {
    let searcher = makeSearcher(population: 2, tournament: 1)
    for score in [0.0, 1] {
      searcher.observe(
        TrialResult(try #require(searcher.nextTrial()), score: score, parameters: 1))
    }
    let parents = searcher.population.map(\.trial.architecture)
    let children = (0..<400).compactMap { _ in searcher.nextTrial()?.architecture }
    let ofTheWorse = children.count { difference($0, parents[0]) == 1 }
    #expect(children.count == 400 && (150...250).contains(ofTheWorse))
  }
}
