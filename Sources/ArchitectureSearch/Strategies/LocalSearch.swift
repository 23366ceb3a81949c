import NeuralNetwork
import Tensors

/// Local search (White, Nolen and Savani, "Exploring the loss landscape in neural architecture
/// search", UAI 2021): goes to a better neighbour, one that differs in one choice, until there is
/// none; then it begins anew from an architecture that was not seen. Nothing is tried twice: what
/// was tried on the same climb is no better, and where an earlier climb passed it is known already.
public struct LocalSearch: SearchStrategy {
  public static let kind = "localSearch"
  public static let summary = "to a better neighbour until there is none, then from somewhere else"
  public static let paper: String? = "White et al. 2021, arXiv 2005.02960"

  public enum Improvement: String, CaseIterable, Sendable {
    /// The first neighbour that is better is gone to.
    case first
    /// All neighbours are looked at, and the best is gone to.
    case best
  }

  public let improvement: Improvement

  public init(improvement: Improvement = .first) {
    self.improvement = improvement
  }

  public init(_ settings: some Settings) throws {
    let name = try settings.choice(
      "improvement", of: Improvement.allCases.map(\.rawValue), default: Improvement.first.rawValue)
    improvement = Improvement(rawValue: name) ?? .first
  }

  public func makeSearcher(_ task: SearchTask) -> any Searcher {
    LocalSearcher(improvement, task)
  }
}

final class LocalSearcher: Searcher {
  /// One choice that is made in another way.
  private struct Change {
    let variable, choice: Int
  }

  private let improvement: LocalSearch.Improvement
  private let task: SearchTask
  private var fresh: FreshArchitectures
  /// Where it stands; nil: a new beginning is looked for.
  private(set) var current: TrialResult?
  /// The best neighbour so far that is better.
  private var better: TrialResult?
  private var changes: [Change] = []
  private var pending = 0
  private var isFinished = false

  init(_ improvement: LocalSearch.Improvement, _ task: SearchTask) {
    self.improvement = improvement
    self.task = task
    fresh = FreshArchitectures(task)
  }

  func next() -> SearchMove {
    guard !isFinished else { return .finished }
    while let current {
      if let neighbor = nextNeighbor(of: current.trial.architecture) {
        return fresh.propose(neighbor) ? ask(neighbor) : finish()
      }
      guard pending == 0 else { return .wait }
      guard let better else { break }
      go(to: better)
    }
    guard pending == 0 else { return .wait }
    guard let beginning = fresh.draw() else { return finish() }
    current = nil
    return ask(beginning)
  }

  private func nextNeighbor(of architecture: Architecture) -> Architecture? {
    while let change = changes.popLast() {
      var choices = architecture.choices
      choices[change.variable] = change.choice
      if let neighbor = task.sampler.allowed(choices),
        !fresh.proposed.contains(neighbor.identity)
      {
        return neighbor
      }
    }
    return nil
  }

  private func ask(_ architecture: Architecture) -> SearchMove {
    pending += 1
    return .train(Trial(architecture, epochs: task.epochs))
  }

  private func finish() -> SearchMove {
    isFinished = true
    return .finished
  }

  private func go(to result: TrialResult) {
    current = result
    better = nil
    let choices = result.trial.architecture.choices
    changes = task.space.variables.enumerated().flatMap { index, variable in
      variable.choices.indices.filter { $0 != choices[index] }.map {
        Change(variable: index, choice: $0)
      }
    }
    for last in changes.indices.reversed() {
      changes.swapAt(last, Int(fresh.random.integer(below: UInt32(last + 1))))
    }
  }

  func observe(_ result: TrialResult) {
    pending -= 1
    guard let current else {
      // From a beginning that failed there is no way up.
      if result.score != nil { go(to: result) }
      return
    }
    guard result.score != nil, result.isBetter(than: better ?? current) else { return }
    switch improvement {
    case .first: go(to: result)
    case .best: better = result
    }
  }
}
