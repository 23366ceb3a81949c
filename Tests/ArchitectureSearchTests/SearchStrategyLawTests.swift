import NeuralNetwork
import Tensors
import Testing

@testable import ArchitectureSearch

/// What holds for every strategy in the catalogue.
struct SearchStrategyLawTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let type: any SearchStrategy.Type
    let workers: Int
    var testDescription: String { "\(type.kind), \(workers) workers" }

    /// A strategy that trains a supernet does that and one thing more, in spaces that have one.
    static let all = SearchStrategyCatalogue.all.filter {
      (try? $0.init(SettingsList()))?.supernetLearning == nil
    }.flatMap { type in
      [1, 2, 7].map { Case(type: type, workers: $0) }
    }

    func makeStrategy() throws -> any SearchStrategy { try type.init(SettingsList()) }
  }

  /// How the scores of a search may look.
  enum Scores: CaseIterable {
    case smooth, failures, equal, someFailures, notFinite, huge

    func score(_ choices: [Int]) -> Double? {
      let sum = choices.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
      switch self {
      case .smooth: return Double(sum) / 10
      case .failures: return nil
      case .equal: return 0.5
      case .someFailures: return sum % 3 == 0 ? nil : Double(sum)
      case .notFinite: return [Double.infinity, -.infinity, .nan, 1][sum % 4]
      case .huge: return Double(sum - 10) * 1e307
      }
    }
  }

  private static let grid = GridSpace([5, 4, 3])

  /// Asks until the searcher is finished, or for a while, and tells results late and in any order.
  /// - Returns: what was asked for.
  private func history(
    of searcher: any Searcher, workers: Int, asksAtWait: Int = 2, scores: Scores = .smooth,
    proposalsMax: Int = 150
  ) -> [Trial] {
    var order = RandomSource(seed: 5, purpose: .shuffling)
    var asked: [Trial] = []
    var pending: [Trial] = []
    var isFinished = false
    while !isFinished, asked.count < proposalsMax || !pending.isEmpty {
      if asked.count < proposalsMax, pending.count < workers {
        switch searcher.next() {
        case .train(let trial):
          asked.append(trial)
          pending.append(trial)
          continue
        case .wait:
          #expect(!pending.isEmpty, "nothing is to come that could be waited for")
          for _ in 1..<asksAtWait { #expect(searcher.next() == .wait) }
        case .finished:
          #expect(searcher.next() == .finished)
          isFinished = pending.isEmpty
        }
      }
      guard !pending.isEmpty else { continue }
      let trial = pending.remove(at: Int(order.integer(below: UInt32(pending.count))))
      searcher.observe(
        TrialResult(trial, score: scores.score(trial.architecture.choices), parameters: 1))
    }
    return asked
  }

  @Test(arguments: Case.all)
  func theSameQuestionsAndResultsGiveTheSameSearch(_ one: Case) throws {
    func run(_ asksAtWait: Int, seed: UInt64) throws -> [Trial] {
      let task = SearchTask(Self.grid, candidates: 25, seed: seed)
      return history(
        of: try one.makeStrategy().makeSearcher(task), workers: one.workers,
        asksAtWait: asksAtWait)
    }
    let first = try run(1, seed: 1)
    let (again, other) = (try run(3, seed: 1), try run(1, seed: 2))
    #expect(again == first && other != first)
    #expect(Set(first.map(\.architecture.identity)).count > 10)
  }

  @Test(arguments: Case.all, Scores.allCases)
  func noScoresDoHarm(_ one: Case, _ scores: Scores) throws {
    for candidates in [1, 2, 3, 25] {
      let task = SearchTask(Self.grid, candidates: candidates)
      let searcher = try one.makeStrategy().makeSearcher(task)
      let asked = history(of: searcher, workers: one.workers, scores: scores)
      let identities = Set(asked.map(\.architecture.identity))
      #expect(!identities.isEmpty && identities.count <= candidates)
      #expect(asked.allSatisfy { (1...9).contains($0.epochs) })
    }
  }

  @Test(arguments: Case.all)
  func aSmallSpaceIsUsedUp(_ one: Case) throws {
    // Evolution and REINFORCE come back to what they know and need not see everything.
    let seesEverything = !["evolution", "reinforce"].contains(one.type.kind)
    let spaces: [(space: GridSpace, size: Int)] = [
      (GridSpace([1, 1]), 1), (GridSpace([3, 1, 3], isSymmetric: true), 6),
      (GridSpace([4, 5], isOrdered: false), 20),
    ]
    for (space, size) in spaces {
      for scores in [Scores.smooth, .failures] {
        let steps = SearchSimulator.run(
          try one.makeStrategy(), SearchTask(space, candidates: 50),
          on: FormulaEvaluator { choices, _ in scores.score(choices) }, workers: one.workers)
        let identities = Set(steps.map(\.architecture.identity))
        #expect(identities.count <= size && !identities.isEmpty)
        if seesEverything { #expect(identities.count == size) }
      }
    }
  }

  @Test(arguments: Case.all)
  func whatIsAllowedIsEnough(_ one: Case) throws {
    let nothing = SearchTask(
      sampler: ArchitectureSampler(GridSpace([3, 3])) { _ in false }, candidates: 5, epochs: 3,
      epochsMin: 1, seed: 1)
    let idle = try one.makeStrategy().makeSearcher(nothing)
    #expect(idle.next() == .finished && idle.next() == .finished)
    let little = SearchTask(
      sampler: ArchitectureSampler(GridSpace([6, 6])) { $0.choices.reduce(0, +) < 3 },
      candidates: 50, epochs: 3, epochsMin: 1, seed: 1)
    let steps = SearchSimulator.run(
      try one.makeStrategy(), little, on: FormulaEvaluator { choices, _ in Double(choices[0]) },
      workers: one.workers)
    #expect(!steps.isEmpty)
    #expect(steps.allSatisfy { $0.architecture.choices.reduce(0, +) < 3 })
  }

  @Test(arguments: Case.all)
  func theBudgetIsUsed(_ one: Case) throws {
    let space = GridSpace([10, 10, 10])
    for candidates in [1, 2, 3, 60] {
      let steps = SearchSimulator.run(
        try one.makeStrategy(), SearchTask(space, candidates: candidates),
        on: FormulaEvaluator { choices, _ in Double(choices.reduce(0, +)) / 27 },
        workers: one.workers)
      #expect(Set(steps.map(\.architecture.identity)).count == candidates)
    }
  }

  @Test func kindsAreDistinctAndDescribed() {
    let kinds = SearchStrategyCatalogue.all.map { $0.kind }
    #expect(
      kinds == [
        "random", "evolution", "successiveHalving", "hyperband", "bayesian", "localSearch",
        "reinforce", "darts",
      ])
    #expect(SearchStrategyCatalogue.all.allSatisfy { !$0.summary.isEmpty })
  }
}
