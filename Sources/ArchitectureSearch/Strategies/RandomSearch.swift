import NeuralNetwork
import Tensors

/// Random search (Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR
/// 2012): architectures drawn uniformly, each trained to the end, none twice.
public struct RandomSearch: SearchStrategy {
  public static let kind = "random"
  public static let summary = "architectures drawn uniformly, each trained to the end"
  public static let paper: String? = "Bergstra and Bengio 2012, JMLR 13"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func makeSearcher(_ task: SearchTask) -> any Searcher { RandomSearcher(task) }
}

final class RandomSearcher: Searcher {
  private let task: SearchTask
  private var fresh: FreshArchitectures

  init(_ task: SearchTask) {
    self.task = task
    fresh = FreshArchitectures(task)
  }

  func next() -> SearchMove {
    fresh.draw().map { .train(Trial($0, epochs: task.epochs)) } ?? .finished
  }

  func observe(_ result: TrialResult) {}
}
