import ArchitectureSearch
import NeuralNetwork
import OperatingSystem
import Tensors

/// Searches without training, over all cells of NAS-Bench-101 with a fitness that is made up: how
/// long each strategy takes, and whether evolution finds more than random search.
struct SearchBench {
  /// Searches that are compared.
  let seeds: Int

  private static let evaluations = 500
  private let clock = SystemClock()
  private let space = NASBench101Space(skeleton: .published)
  private let fitness = SyntheticFitness()

  init(seeds: Int) {
    self.seeds = seeds
  }

  func run() throws -> [BenchResult] {
    ArithmeticLibrary.prepare()
    var results: [BenchResult] = []
    let (enumeration, seconds) = timed {
      NASBenchEnumeration(
        verticesMax: 7, pool: WorkerPool(threadCount: Environment.processorCount),
        progress: { _ in })
    }
    results.append(BenchResult("all cells enumerated", seconds, "s", .atMost(30)))
    results.append(BenchResult("  cells", Double(enumeration.cells.count), "cells"))
    let best = SyntheticFitness.best(of: enumeration).fitness
    results.append(BenchResult("  best \(fitness.scoreName)", best, ""))
    for type in SearchStrategyCatalogue.all {
      let strategy = try type.init(SettingsList())
      // No table tells the scores of a supernet.
      guard strategy.supernetLearning == nil else { continue }
      let (steps, seconds) = timed {
        SearchSimulator.run(
          strategy, task(seed: 1), on: fitness, evaluationsMax: Self.evaluations)
      }
      results.append(
        BenchResult(
          "\(type.kind), \(steps.count) evaluations", seconds, "s", .atMost(2)))
      results.append(
        BenchResult("  regret, \(fitness.scoreName)", best - (steps.last?.bestScore ?? 0), ""))
    }
    return results + comparison(best: best)
  }

  private func comparison(best: Double) -> [BenchResult] {
    let comparison = RegretComparison(
      RegularizedEvolution(), against: RandomSearch(), (1...seeds).map { task(seed: UInt64($0)) },
      on: fitness, best: best)
    let name = fitness.scoreName
    return [
      BenchResult(
        "evolution, median regret of \(seeds) seeds, \(name)", Median.of(comparison.regrets), ""),
      BenchResult(
        "random, median regret of \(seeds) seeds, \(name)", Median.of(comparison.otherRegrets), ""),
      BenchResult("  evolution's is smaller", Double(comparison.wins), "seeds"),
      BenchResult("  evolution's is larger", Double(comparison.losses), "seeds"),
      BenchResult("  sign test, p", comparison.signTest, "", .atMost(0.01)),
    ]
  }

  private func task(seed: UInt64) -> SearchTask {
    SearchTask(
      sampler: ArchitectureSampler(space), candidates: Self.evaluations, epochs: 108,
      epochsMin: 4, seed: seed)
  }

  private func timed<Result>(_ work: () -> Result) -> (Result, Double) {
    let start = clock.monotonicSeconds()
    let result = work()
    return (result, clock.monotonicSeconds() - start)
  }
}
