import NeuralNetwork

/// Differentiable search (Liu, Simonyan, Yang, "DARTS: differentiable architecture search", ICLR
/// 2019): a supernet learns how much each operation counts while its weights are trained; what the
/// strongest operations make is then trained from the beginning.
public struct DifferentiableSearch: SearchStrategy {
  public static let kind = "darts"
  public static let summary = "a supernet learns which operations count; what they make is trained"
  public static let paper: String? = "Liu, Simonyan, Yang 2019, arXiv 1806.09055"

  public let learning: ArchitectureLearning

  public init(learning: ArchitectureLearning = ArchitectureLearning()) {
    self.learning = learning
  }

  public init(_ settings: some Settings) throws {
    learning = try ArchitectureLearning(settings)
  }

  public var supernetLearning: ArchitectureLearning? { learning }

  public func makeSearcher(_ task: SearchTask) -> any Searcher { DifferentiableSearcher(task) }
}

final class DifferentiableSearcher: Searcher {
  private enum State {
    case fresh, searching
    case derived(Architecture)
    case over
  }

  private let task: SearchTask
  private var state = State.fresh

  /// The supernet's, and that of what it came to.
  var expectedResults: Int? { 2 }

  init(_ task: SearchTask) { self.task = task }

  func next() -> SearchMove {
    switch state {
    case .fresh:
      guard let supernet = task.space.supernet else { return .finished }
      state = .searching
      return .train(Trial(supernet, epochs: task.epochs))
    case .searching: return .wait
    case .derived(let architecture):
      state = .over
      return .train(Trial(architecture, epochs: task.epochs))
    case .over: return .finished
    }
  }

  func observe(_ result: TrialResult) {
    guard case .searching = state else { return }
    let architecture = result.derived.flatMap { task.sampler.allowed($0) }
    state = architecture.map { .derived($0) } ?? .over
  }
}
