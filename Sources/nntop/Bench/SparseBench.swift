import NeuralNetwork
import OperatingSystem
import Tensors

/// Linear layers with most weights pruned beside the same layers without, one after the other in
/// several rounds, since machines change their pace.
struct SparseBench {
  /// For each number.
  let seconds: Double
  let threadCounts: [Int]
  /// How often each is measured in turn.
  let rounds: Int

  private static let sparsities = [0.8, 0.9, 0.95, 0.99]
  /// What is promised is promised of this one.
  private static let promisedSparsity = 0.95

  init(seconds: Double, threadCounts: [Int], rounds: Int) {
    self.seconds = seconds
    self.threadCounts = threadCounts
    self.rounds = rounds
  }

  func run() throws -> [BenchResult] {
    ArithmeticLibrary.prepare()
    let layer = Workload(
      name: "linear-1024-b128-sgd", layers: [Linear(outputs: 1024)], inputShape: [1024],
      targets: .classes(count: 1024, perSample: 1), batchSize: 128,
      optimizer: SGD(learningRate: 0.05, momentum: 0.9), torchLimit: 1, productsLimit: nil)
    let perceptrons = Workload.all.filter { $0.name.hasPrefix("mlp-1024x3") }
    var results: [BenchResult] = []
    for workload in [layer] + perceptrons {
      for threads in threadCounts {
        results += try measure(workload, threads: threads, isPromised: workload.name != layer.name)
      }
    }
    return results
  }

  private func measure(
    _ workload: Workload, threads: Int, isPromised: Bool
  ) throws -> [BenchResult] {
    let dense = try PrunedTraining(workload, threads: threads, sparsity: 0)
    let plural = threads == 1 ? "thread" : "threads"
    var results = [
      BenchResult(
        "\(workload.name), \(threads) \(plural): dense forward", time { dense.forward() } * 1e3,
        "ms"),
      BenchResult("  dense step", time { dense.advance() } * 1e3, "ms"),
    ]
    for sparsity in Self.sparsities {
      let pruned = try PrunedTraining(workload, threads: threads, sparsity: sparsity)
      let isHeld = sparsity == Self.promisedSparsity
      let percent = Int((sparsity * 100).rounded())
      results += [
        BenchResult(
          "  \(percent) % sparse: dense / pruned forward",
          gain({ dense.forward() }, { pruned.forward() }), "×",
          isHeld && !isPromised && threads == 2 ? .atLeast(3) : nil),
        BenchResult(
          "  \(percent) % sparse: dense / pruned step",
          gain({ dense.advance() }, { pruned.advance() }), "×",
          isHeld && isPromised ? .atLeast(1.5) : nil),
      ]
    }
    return results
  }

  /// How many times as fast the second work is as the first, in turn.
  private func gain(_ first: () -> Void, _ second: () -> Void) -> Double {
    Median.of((0..<rounds).map { _ in time(first) / time(second) })
  }

  /// Median seconds of some work, which is done for a round's share of the time.
  private func time(_ work: () -> Void) -> Double {
    Median.seconds(of: seconds / Double(2 * rounds), work)
  }
}

/// A workload whose weights are pruned, the same fraction in every layer and without a choice.
private final class PrunedTraining {
  private let training: WorkloadTraining
  private let input: Tensor<Float>
  private let rows: Int

  init(_ workload: Workload, threads: Int, sparsity: Double) throws {
    training = try WorkloadTraining(workload, threads: threads)
    rows = workload.batchSize
    input = Tensor(shape: [rows] + workload.inputShape)
    var random = RandomSource(seed: 2, purpose: .noise)
    for index in 0..<input.count { input[index] = Float(random.uniform()) }
    guard sparsity > 0 else { return }
    for parameter in training.network.prunableParameters {
      let mask = Tensor<Float>(shape: parameter.value.shape)
      for index in 0..<mask.count { mask[index] = random.uniform() < sparsity ? 0 : 1 }
      parameter.setMask(mask)
    }
    training.optimizer.applyMasks()
  }

  func forward() {
    _ = training.network.forward(input, .training(rows: rows, step: 0))
  }

  func advance() { training.advance() }
}
