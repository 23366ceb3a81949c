import NeuralNetwork
import Testing

@testable import ArchitectureSearch

struct HalvingTests {
  typealias Rung = HalvingBracket.Rung

  @Test func epochsGrowByTheFactor() {
    #expect(HalvingBracket.epochs(from: 4, to: 108, factor: 3) == [4, 12, 36, 108])
    #expect(HalvingBracket.epochs(from: 5, to: 108, factor: 3) == [12, 36, 108])
    #expect(HalvingBracket.epochs(from: 1, to: 1, factor: 3) == [1])
    #expect(HalvingBracket.epochs(from: 3, to: 10, factor: 3) == [3, 10])
    #expect(HalvingBracket.epochs(from: 1, to: 8, factor: 2) == [1, 2, 4, 8])
    #expect(HalvingBracket.epochs(from: 1, to: 11, factor: 4) == [3, 11])
    #expect(HalvingBracket.epochs(from: 1, to: .max, factor: 100).first == 9)
  }

  @Test func bracketsAreThoseOfTheReference() {
    let epochs = [4, 12, 36, 108]
    let brackets = (0..<5).map {
      Hyperband().rungs(bracket: $0, epochs: epochs, countMax: 1000)
    }
    let expected: [[(Int, Int)]] = [
      [(27, 4), (9, 12), (3, 36), (1, 108)], [(9, 12), (3, 36), (1, 108)], [(6, 36), (2, 108)],
      [(4, 108)], [(27, 4), (9, 12), (3, 36), (1, 108)],
    ]
    #expect(brackets == expected.map { $0.map { Rung(count: $0.0, epochs: $0.1) } })
    #expect(
      brackets.prefix(4).map { $0.reduce(0) { $0 + $1.count * $1.epochs } }
        == [432, 324, 432, 432])
  }

  /// The toy of the reference: (x - 0.3)² and noise that falls with the epochs' root.
  @Test func aCycleOfHyperbandTakes1620Epochs() {
    let evaluator = FormulaEvaluator { choices, epochs in
      let x = Double(choices[0]) / 99
      let noise = Double((choices[0] &* 37 &+ epochs &* 11) % 17) / 17 - 0.5
      return -((x - 0.3) * (x - 0.3) + 0.1 * noise / Double(epochs).squareRoot())
    }
    let task = SearchTask(GridSpace([100]), candidates: 46, epochs: 108, epochsMin: 4)
    #expect(Hyperband().makeSearcher(task).expectedResults == 65)
    let steps = SearchSimulator.run(Hyperband(), task, on: evaluator)
    #expect(steps.reduce(0) { $0 + $1.epochs } == 1620)
    #expect(steps.count == 65)
    #expect(Set(steps.map(\.candidate)).count == 46)
    // What goes on does not begin anew.
    #expect(steps.last?.epochsSpent == 324 + 252 + 360 + 432)
    let winner = steps.filter { $0.epochs == 108 }.max { ($0.score ?? 0) < ($1.score ?? 0) }
    #expect(abs(Double(winner?.architecture.choices[0] ?? 0) / 99 - 0.3) < 0.15)
    // Idle workers begin another bracket, so that the rest is the same.
    let parallel = SearchSimulator.run(Hyperband(), task, on: evaluator, workers: 5)
    #expect(parallel.reduce(0) { $0 + $1.epochs } == 1620)
  }

  @Test func theLastBracketIsSmaller() {
    let task = SearchTask(GridSpace([100]), candidates: 30, epochs: 108, epochsMin: 4)
    let steps = SearchSimulator.run(
      Hyperband(), task, on: FormulaEvaluator { choices, _ in Double(choices[0]) })
    let counts = [4, 12, 36, 108].map { epochs in steps.filter { $0.epochs == epochs }.count }
    #expect(counts == [27, 9 + 3, 3 + 1, 1 + 1])
    #expect(Hyperband().makeSearcher(task).expectedResults == steps.count)
  }

  /// Ten candidates: scores decide, then sizes, then who came first; failures never go on.
  @Test func theBestGoOn() throws {
    let task = SearchTask(GridSpace([40]), candidates: 10, epochs: 9, epochsMin: 1)
    let searcher = SuccessiveHalving().makeSearcher(task)
    #expect(searcher.expectedResults == 10 + 3 + 1)
    var trials: [Trial] = []
    while let trial = searcher.nextTrial() { trials.append(trial) }
    try #require(trials.count == 10 && trials.allSatisfy { $0.epochs == 1 })
    #expect(searcher.next() == .wait)
    let scores: [Double?] = [1, nil, 5, 5, 5, 5, 2, .infinity, 3, 4]
    let parameters = [1, 1, 30, 10, 20, 20, 1, 1, 1, 1]
    for index in [9, 0, 8, 1, 7, 2, 6, 3, 5, 4] {
      #expect(searcher.next() == .wait)
      searcher.observe(
        TrialResult(trials[index], score: scores[index], parameters: parameters[index]))
    }
    let second = (0..<3).compactMap { _ in searcher.nextTrial() }
    try #require(second.map(\.architecture) == [3, 4, 5].map { trials[$0].architecture })
    #expect(second.allSatisfy { $0.epochs == 3 })
    #expect(searcher.next() == .wait)
    searcher.observe(TrialResult(second[0], score: nil, parameters: 10))
    searcher.observe(TrialResult(second[1], score: 1, parameters: 20))
    searcher.observe(TrialResult(second[2], score: 2, parameters: 20))
    #expect(searcher.nextTrial() == Trial(second[2].architecture, epochs: 9))
    #expect(searcher.next() == .wait)
    searcher.observe(TrialResult(Trial(second[2].architecture, epochs: 9), score: 0, parameters: 1))
    #expect(searcher.next() == .finished)
  }

  @Test func aRungOfFailuresEndsTheSearch() {
    let task = SearchTask(GridSpace([40]), candidates: 10)
    let steps = SearchSimulator.run(
      SuccessiveHalving(), task, on: FormulaEvaluator { _, _ in nil })
    #expect(steps.map(\.epochs) == Array(repeating: 1, count: 10))
    #expect(steps.allSatisfy { $0.bestScore == nil })
  }

  @Test func fewCandidatesStillReachTheEnd() {
    let task = SearchTask(GridSpace([40]), candidates: 2)
    let steps = SearchSimulator.run(
      SuccessiveHalving(), task, on: FormulaEvaluator { choices, _ in Double(choices[0]) })
    #expect(steps.map(\.epochs) == [1, 1, 3, 9])
  }
}
