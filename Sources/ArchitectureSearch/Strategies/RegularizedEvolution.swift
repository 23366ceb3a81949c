import NeuralNetwork
import Tensors

/// Regularised evolution (Real, Aggarwal, Huang and Le, "Regularized evolution for image classifier
/// architecture search", AAAI 2019, algorithm 1): the best of a few that are drawn from the
/// population has a child that differs in one choice; the oldest leaves, whatever it reached.
public struct RegularizedEvolution: SearchStrategy {
  public static let kind = "evolution"
  public static let summary =
    "children of the best of a few; the oldest leaves the population, not the worst"
  public static let paper: String? = "Real et al. 2019, arXiv 1802.01548"

  /// How many live at a time, and how many are drawn to be compared, with replacement.
  public let population, tournament: Int

  public init(population: Int = 50, tournament: Int = 10) {
    self.population = population
    self.tournament = tournament
  }

  public init(_ settings: some Settings) throws {
    population = try settings.integer("population", in: 1...10_000, default: 50)
    tournament = try settings.integer("tournament", in: 1...10_000, default: 10)
  }

  public func makeSearcher(_ task: SearchTask) -> any Searcher {
    EvolutionSearcher(self, task)
  }
}

final class EvolutionSearcher: Searcher {
  private let settings: RegularizedEvolution
  private let task: SearchTask
  private var fresh: FreshArchitectures
  /// From the oldest to the youngest, by the order of their results.
  private(set) var population: [TrialResult] = []
  private var founders = 0
  private var isFinished = false

  init(_ settings: RegularizedEvolution, _ task: SearchTask) {
    self.settings = settings
    self.task = task
    fresh = FreshArchitectures(task)
  }

  func next() -> SearchMove {
    guard !isFinished else { return .finished }
    if founders < settings.population, let founder = fresh.draw() {
      founders += 1
      return .train(Trial(founder, epochs: task.epochs))
    }
    guard !population.isEmpty else { return founders > 0 ? .wait : .finished }
    guard fresh.countLeft > 0, let child = makeChild(), fresh.propose(child) else {
      isFinished = true
      return .finished
    }
    return .train(Trial(child, epochs: task.epochs))
  }

  private func makeChild() -> Architecture? {
    var parent = draw()
    for _ in 1..<max(1, settings.tournament) {
      let other = draw()
      if other.isBetter(than: parent) { parent = other }
    }
    return task.sampler.mutated(parent.trial.architecture, &fresh.random) ?? fresh.draw()
  }

  private func draw() -> TrialResult {
    population[Int(fresh.random.integer(below: UInt32(population.count)))]
  }

  func observe(_ result: TrialResult) {
    population.append(result)
    if population.count > settings.population { population.removeFirst() }
  }
}
