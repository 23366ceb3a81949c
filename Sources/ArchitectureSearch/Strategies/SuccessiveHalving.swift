import NeuralNetwork

/// Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and
/// hyperparameter optimization", AISTATS 2016, figure 3): all candidates are trained for a few
/// epochs, the best of them go on to `reduction` times as many, and so on to all epochs.
public struct SuccessiveHalving: SearchStrategy {
  public static let kind = "successiveHalving"
  public static let summary = "all a little, the best third three times as long, and so on"
  public static let paper: String? = "Jamieson and Talwalkar 2016, arXiv 1502.07943"

  /// η: of so many one goes on, to so many times the epochs.
  public let reduction: Int

  public init(reduction: Int = 3) {
    self.reduction = reduction
  }

  public init(_ settings: some Settings) throws {
    reduction = try settings.integer("reduction", in: 2...100, default: 3)
  }

  public func makeSearcher(_ task: SearchTask) -> any Searcher {
    SuccessiveHalvingSearcher(reduction: reduction, task)
  }
}

final class SuccessiveHalvingSearcher: Searcher {
  private var bracket: HalvingBracket
  private var fresh: FreshArchitectures
  let expectedResults: Int?

  init(reduction: Int, _ task: SearchTask) {
    fresh = FreshArchitectures(task)
    let epochs = HalvingBracket.epochs(from: task.epochsMin, to: task.epochs, factor: reduction)
    let rungs = HalvingBracket.rungs(count: task.candidates, epochs: epochs, factor: reduction)
    bracket = HalvingBracket(rungs)
    expectedResults = HalvingBracket.resultCount(rungs)
  }

  func next() -> SearchMove {
    bracket.next { fresh.draw() }
  }

  func observe(_ result: TrialResult) {
    bracket.observe(result)
  }
}
