import NeuralNetwork

/// How a search chooses what to train next, as a search file describes it.
public protocol SearchStrategy: Settable, Sendable {
  func makeSearcher(_ task: SearchTask) -> any Searcher

  /// How a space's supernet is trained; nil: it is not needed.
  var supernetLearning: ArchitectureLearning? { get }
}

extension SearchStrategy {
  public var supernetLearning: ArchitectureLearning? { nil }
}

/// A strategy at work: a state machine that is asked and told, and depends on nothing else, so that
/// the same questions and results in the same order give the same search.
public protocol Searcher: AnyObject {
  /// What to do next. `wait` leaves the searcher as it is: it comes while everything depends on
  /// results that are still to come.
  func next() -> SearchMove

  /// Takes up the result of a trial. Each trial that was asked for gets one result, in any order.
  func observe(_ result: TrialResult)

  /// Results that it will have seen at its end, where that is not one for each candidate.
  var expectedResults: Int? { get }
}

extension Searcher {
  public var expectedResults: Int? { nil }
}

public enum SearchMove: Sendable, Equatable {
  case train(Trial)
  case wait
  case finished
}

/// An architecture that is to be trained until it has seen so many epochs in all; what was trained
/// for fewer goes on from there.
public struct Trial: Sendable, Equatable {
  public let architecture: Architecture
  public let epochs: Int

  public init(_ architecture: Architecture, epochs: Int) {
    self.architecture = architecture
    self.epochs = epochs
  }
}

public struct TrialResult: Sendable {
  public let trial: Trial
  /// Larger is better; nil: it failed, diverged, or was given up; what is no finite number is nil.
  public let score: Double?
  public let parameters: Int
  /// Of a supernet the choices that it came to; nil: none.
  public let derived: [Int]?

  public init(_ trial: Trial, score: Double?, parameters: Int, derived: [Int]? = nil) {
    self.trial = trial
    self.score = score.flatMap { $0.isFinite ? $0 : nil }
    self.parameters = parameters
    self.derived = derived
  }

  /// Whether it is better than another one; of equal ones the smaller network is.
  public func isBetter(than other: TrialResult) -> Bool {
    let (own, others) = (score ?? -.infinity, other.score ?? -.infinity)
    return own == others ? parameters < other.parameters : own > others
  }
}

/// What a searcher is to do.
public struct SearchTask: Sendable {
  public let sampler: ArchitectureSampler
  /// Different architectures that may be trained.
  public let candidates: Int
  /// That a candidate is trained at most, and at least before it is judged.
  public let epochs, epochsMin: Int
  public let seed: UInt64

  public init(
    sampler: ArchitectureSampler, candidates: Int, epochs: Int, epochsMin: Int, seed: UInt64
  ) {
    precondition(candidates > 0 && epochsMin > 0 && epochs >= epochsMin, "a search has a budget")
    self.sampler = sampler
    self.candidates = candidates
    self.epochs = epochs
    self.epochsMin = epochsMin
    self.seed = seed
  }

  public var space: any SearchSpace { sampler.space }
}

/// All strategies, by the kind under which search files name them.
public enum SearchStrategyCatalogue {
  public static let all: [any SearchStrategy.Type] = [
    RandomSearch.self,
    RegularizedEvolution.self,
    SuccessiveHalving.self,
    Hyperband.self,
    BayesianOptimization.self,
    LocalSearch.self,
    Reinforce.self,
    DifferentiableSearch.self,
  ]
}
