import NeuralNetwork
import Testing

@testable import ArchitectureSearch

struct LocalSearchTests {
  /// Highest in the middle, with no other place to stop.
  private static let hill = FormulaEvaluator { choices, _ in
    -choices.reduce(0.0) { $0 + (Double($1) - 5) * (Double($1) - 5) }
  }

  @Test(arguments: LocalSearch.Improvement.allCases)
  func theOneOptimumIsReached(_ improvement: LocalSearch.Improvement) {
    for seed in 0..<5 as Range<UInt64> {
      for workers in [1, 3] {
        let task = SearchTask(GridSpace([11, 11, 11]), candidates: 120, seed: seed)
        let steps = SearchSimulator.run(
          LocalSearch(improvement: improvement), task, on: Self.hill, workers: workers)
        #expect(steps.last?.bestScore == 0)
        #expect(steps.count == 120)
      }
    }
  }

  /// On a line of five the neighbours are all others: the best of all is gone to at once.
  @Test func theBestNeighborIsGoneTo() throws {
    let task = SearchTask(GridSpace([5, 5]), candidates: 25, seed: 3)
    let searcher = LocalSearcher(.best, task)
    let beginning = try #require(searcher.nextTrial())
    searcher.observe(TrialResult(beginning, score: 0, parameters: 1))
    var neighbors: [Trial] = []
    while let trial = searcher.nextTrial() { neighbors.append(trial) }
    try #require(Set(neighbors.map(\.architecture.identity)).count == 8)
    for (index, trial) in neighbors.enumerated() {
      #expect(searcher.current?.trial == beginning)
      searcher.observe(TrialResult(trial, score: index == 3 ? 7 : 1, parameters: 1))
    }
    _ = searcher.next()
    #expect(searcher.current?.trial == neighbors[3])
  }

  @Test func theFirstBetterNeighborIsGoneTo() throws {
    let searcher = LocalSearcher(.first, SearchTask(GridSpace([5, 5]), candidates: 25))
    let beginning = try #require(searcher.nextTrial())
    #expect(searcher.next() == .wait)
    searcher.observe(TrialResult(beginning, score: 0, parameters: 5))
    let (one, two) = (try #require(searcher.nextTrial()), try #require(searcher.nextTrial()))
    searcher.observe(TrialResult(one, score: nil, parameters: 1))
    #expect(searcher.current?.trial == beginning)
    // As good, and smaller.
    searcher.observe(TrialResult(two, score: 0, parameters: 4))
    #expect(searcher.current?.trial == two)
  }

  @Test func itBeginsAnewAtALocalOptimum() throws {
    let searcher = LocalSearcher(.first, SearchTask(GridSpace([3, 3]), candidates: 9))
    let beginning = try #require(searcher.nextTrial())
    searcher.observe(TrialResult(beginning, score: 1, parameters: 1))
    for _ in 0..<4 {
      let trial = try #require(searcher.nextTrial())
      searcher.observe(TrialResult(trial, score: 0, parameters: 1))
    }
    let anew = try #require(searcher.nextTrial())
    #expect(zip(anew.architecture.choices, beginning.architecture.choices).allSatisfy(!=))
  }
}
