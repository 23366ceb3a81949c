import NeuralNetwork

/// Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, "Hyperband: a novel bandit-based
/// approach to hyperparameter optimization", JMLR 2018, algorithm 1): brackets of successive
/// halving in turn, from many candidates that begin with few epochs to few that begin with all.
/// Sizes as in BOHB's implementation (Falkner, Klein and Hutter 2018): with S rungs the bracket
/// that has s + 1 of them begins with ⌊S / (s + 1)⌋·ηˢ candidates.
public struct Hyperband: SearchStrategy {
  public static let kind = "hyperband"
  public static let summary =
    "successive halving again and again, from many with few epochs to few with all"
  public static let paper: String? = "Li et al. 2018, arXiv 1603.06560"

  /// η: of so many one goes on, to so many times the epochs.
  public let reduction: Int

  public init(reduction: Int = 3) {
    self.reduction = reduction
  }

  public init(_ settings: some Settings) throws {
    reduction = try settings.integer("reduction", in: 2...100, default: 3)
  }

  public func makeSearcher(_ task: SearchTask) -> any Searcher {
    HyperbandSearcher(reduction: reduction, task)
  }

  /// The rungs of a bracket, from 0; those of a cycle come again and again.
  /// - Parameter epochs: of the rungs of the longest bracket.
  func rungs(bracket: Int, epochs: [Int], countMax: Int) -> [HalvingBracket.Rung] {
    let skipped = bracket % epochs.count
    let promotions = epochs.count - 1 - skipped
    var count = epochs.count / (promotions + 1)
    for _ in 0..<promotions { count = min(countMax, count * reduction) }
    return HalvingBracket.rungs(
      count: min(count, countMax), epochs: epochs[skipped...], factor: reduction)
  }
}

final class HyperbandSearcher: Searcher {
  private let settings: Hyperband
  private let epochs: [Int]
  private var fresh: FreshArchitectures
  /// Those that are not over. Without idle workers there is one at a time.
  private var brackets: [HalvingBracket] = []
  private var bracketCount = 0
  let expectedResults: Int?

  init(reduction: Int, _ task: SearchTask) {
    settings = Hyperband(reduction: reduction)
    epochs = HalvingBracket.epochs(from: task.epochsMin, to: task.epochs, factor: reduction)
    fresh = FreshArchitectures(task)
    var (candidatesLeft, results, bracket) = (task.candidates, 0, 0)
    while candidatesLeft > 0 {
      let rungs = settings.rungs(bracket: bracket, epochs: epochs, countMax: candidatesLeft)
      candidatesLeft -= rungs.first?.count ?? candidatesLeft
      results += HalvingBracket.resultCount(rungs)
      bracket += 1
    }
    expectedResults = results
  }

  /// What comes next in the oldest bracket that need not wait; where all do a new one begins.
  func next() -> SearchMove {
    while true {
      var index = 0
      while index < brackets.count {
        switch brackets[index].next({ fresh.draw() }) {
        case .train(let trial): return .train(trial)
        case .wait: index += 1
        case .finished: brackets.remove(at: index)
        }
      }
      guard fresh.countLeft > 0 else { return brackets.isEmpty ? .finished : .wait }
      brackets.append(
        HalvingBracket(
          settings.rungs(bracket: bracketCount, epochs: epochs, countMax: fresh.countLeft)))
      bracketCount += 1
    }
  }

  func observe(_ result: TrialResult) {
    guard let index = brackets.firstIndex(where: { $0.waits(for: result) }) else { return }
    brackets[index].observe(result)
  }
}
