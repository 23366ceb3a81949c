/// The books of a search: which candidates there are, what they reached, and what comes next. It is
/// a function of the questions and results in their order, so a search that is taken up again has
/// only to ask and tell once more what its journal holds.
public struct SearchProcess {
  /// An architecture that the search trains.
  public struct Candidate: Sendable {
    public let architecture: Architecture
    /// What it is trained to, or was.
    public var epochs: Int
    public var parameters = 0
    /// The newest; nil: none yet, or it failed.
    public var score: Double?
    /// The epochs of the newest result; 0: none yet.
    public var scoredEpochs = 0
    /// Whether a result is waited for.
    public var isOpen = true
  }

  public enum Move: Sendable, Equatable {
    /// The candidate is new, or goes on to more epochs.
    case train(candidate: Int, epochs: Int)
    case wait
    case finished
  }

  /// By their numbers, from 0.
  public private(set) var candidates: [Candidate] = []
  /// What the searcher proposed so far, known or not.
  public private(set) var proposals = 0
  /// Results that the search will have when all goes well.
  public var expectedResults: Int { searcher.expectedResults ?? candidatesMax }
  private let searcher: any Searcher
  private let candidatesMax: Int
  private var numbers: [String: Int] = [:]
  /// Trials that wait for the result of the same architecture.
  private var followers: [Int: [Trial]] = [:]
  private var results: [Int: [Int: TrialResult]] = [:]

  /// How many proposals in a row may be known already.
  private static let repetitionsMax = 1000

  public init(_ strategy: any SearchStrategy, _ task: SearchTask) {
    searcher = strategy.makeSearcher(task)
    candidatesMax = task.candidates
  }

  /// The next thing to train. A proposal that was trained so long already costs nothing: its result
  /// is told again.
  public mutating func next() -> Move {
    for _ in 0..<Self.repetitionsMax {
      switch searcher.next() {
      case .wait: return isWaiting ? .wait : .finished
      case .finished: return .finished
      case .train(let trial):
        proposals += 1
        guard let number = numbers[trial.architecture.identity] else {
          guard candidates.count < candidatesMax else { return .finished }
          numbers[trial.architecture.identity] = candidates.count
          candidates.append(Candidate(architecture: trial.architecture, epochs: trial.epochs))
          openCount += 1
          return .train(candidate: candidates.count - 1, epochs: trial.epochs)
        }
        if let known = results[number]?[trial.epochs] {
          searcher.observe(
            TrialResult(
              trial, score: known.score, parameters: known.parameters, derived: known.derived))
        } else if candidates[number].isOpen {
          followers[number, default: []].append(trial)
        } else {
          candidates[number].epochs = trial.epochs
          candidates[number].isOpen = true
          openCount += 1
          return .train(candidate: number, epochs: trial.epochs)
        }
      }
    }
    return isWaiting ? .wait : .finished
  }

  /// Whether a result is waited for.
  public var isWaiting: Bool { openCount > 0 }
  private var openCount = 0

  /// Takes up the result of the candidate that was to be trained.
  /// - Parameter derived: of a supernet the choices that it came to.
  public mutating func finish(
    candidate number: Int, score: Double?, parameters: Int, derived: [Int]? = nil
  ) {
    let candidate = candidates[number]
    let result = TrialResult(
      Trial(candidate.architecture, epochs: candidate.epochs), score: score,
      parameters: parameters, derived: derived)
    candidates[number].score = result.score
    candidates[number].scoredEpochs = candidate.epochs
    candidates[number].parameters = parameters
    candidates[number].isOpen = false
    openCount -= 1
    results[number, default: [:]][candidate.epochs] = result
    searcher.observe(result)
    for trial in followers.removeValue(forKey: number) ?? [] {
      searcher.observe(
        TrialResult(trial, score: result.score, parameters: parameters, derived: derived))
    }
  }
}
