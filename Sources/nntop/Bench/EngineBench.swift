import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors
import Training

/// Training steps beside their matrix products alone and beside PyTorch, one after the other in
/// several rounds, since machines change their pace.
struct EngineBench {
  /// For each number.
  let seconds: Double
  /// Of workloads; empty: all.
  let names: [String]
  let threadCounts: [Int]
  /// How often each is measured in turn.
  let rounds: Int
  /// Whether PyTorch is measured too.
  let hasPeer: Bool

  func run() throws -> [BenchResult] {
    ArithmeticLibrary.prepare()
    var results: [BenchResult] = []
    for workload in Workload.all {
      guard names.isEmpty || names.contains(workload.name) else { continue }
      for threads in threadCounts { try measure(workload, threads: threads, &results) }
      if threadCounts.contains(1), threadCounts.contains(2) {
        let gain = try gain(workload)
        results.append(BenchResult("  1 to 2 threads", gain, "×", workload.scalingLimit))
      }
    }
    return names.isEmpty ? results + [try LogCost(seconds: seconds, rounds: rounds).run()] : results
  }

  /// How many times as fast two threads are as one, in turn.
  private func gain(_ workload: Workload) throws -> Double {
    let trainings = try [1, 2].map { try WorkloadTraining(workload, threads: $0) }
    let share = seconds / Double(rounds)
    let ratios = (0..<rounds).map { _ -> Double in
      let times = trainings.map { training in Median.seconds(of: share) { training.advance() } }
      return times[0] / times[1]
    }
    return Median.of(ratios)
  }

  private func measure(
    _ workload: Workload, threads: Int, _ results: inout [BenchResult]
  ) throws {
    let before = ProcessUsage.heapBytes
    let training = try WorkloadTraining(workload, threads: threads)
    for _ in 0..<2 { training.advance() }
    let bytes = ProcessUsage.heapBytes - before
    let products = ProductBench(training.network, batchSize: workload.batchSize)
    let share = seconds / Double(rounds)
    var (steps, productTimes, torchTimes): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<rounds {
      steps.append(Median.seconds(of: share) { training.advance() })
      if threads == 1 { productTimes.append(Median.seconds(of: share / 2) { products.run() }) }
      guard hasPeer else { continue }
      if let torch = TorchPeer.stepSeconds(workload.name, threads: threads, seconds: share) {
        torchTimes.append(torch)
      }
    }
    let step = Median.of(steps)
    let plural = threads == 1 ? "thread" : "threads"
    results.append(
      BenchResult("\(workload.name), \(threads) \(plural): step", step * 1e3, "ms"))
    if threads == 1 {
      let ratio = Median.of(zip(steps, productTimes).map { $0 / $1 })
      results.append(
        BenchResult(
          "  step / its matrix products alone", ratio, "×",
          workload.productsLimit.map { .atMost($0) }))
      results.append(
        BenchResult(
          "  memory / (parameters, gradients, state, activations)",
          Double(bytes) / Double(training.accountedBytes), "×", .atMost(1.5)))
    }
    if !torchTimes.isEmpty, torchTimes.count == rounds {
      results += [
        BenchResult("  PyTorch's step", Median.of(torchTimes) * 1e3, "ms"),
        BenchResult(
          "  step / PyTorch's", Median.of(zip(steps, torchTimes).map { $0 / $1 }), "×",
          .atMost(workload.torchLimit)),
      ]
    }
  }
}

/// The matrix products of a network's step alone, each one call of the BLAS on memory of its own:
/// forward, gradient of the weights, and but for the first layer gradient of the input.
/// Convolutions count as products with a matrix of patches that is there already.
private struct ProductBench {
  private struct Product {
    let m, n, k: Int
    let repeats: Int
    let left, right: Bool
  }
  private let products: [Product]
  private let a, b, c: Tensor<Float>

  init(_ network: Network<Float>, batchSize: Int) {
    var products: [Product] = []
    var inputShape = network.plan.inputShape
    for row in NetworkSummary(of: network).rows where !row.isContainer {
      for parameter in row.parameters where parameter.shape.count >= 2 {
        let (outputs, inputs) = (parameter.shape[0], parameter.shape.dropFirst().reduce(1, *))
        let isFirst = products.isEmpty
        let isRecurrent = parameter.name.hasPrefix("weight_hh")
        let isSequence = parameter.name.hasPrefix("weight_ih")
        let positions =
          isSequence
          ? inputShape[0] : isRecurrent ? 1 : max(1, row.outputShape.dropLast().reduce(1, *))
        let (rows, repeats) = (batchSize * positions, isRecurrent ? inputShape[0] : 1)
        products.append(
          Product(m: rows, n: outputs, k: inputs, repeats: repeats, left: false, right: true))
        products.append(
          Product(
            m: outputs, n: inputs, k: rows * repeats, repeats: 1, left: true, right: false))
        if !isFirst {
          products.append(
            Product(m: rows, n: inputs, k: outputs, repeats: repeats, left: false, right: false))
        }
      }
      inputShape = row.outputShape
    }
    self.products = products
    func filled(_ count: Int) -> Tensor<Float> {
      let tensor = Tensor<Float>(shape: [max(1, count)])
      for index in 0..<tensor.count { tensor.scalars[index] = Float(index % 97) * 0.01 - 0.5 }
      return tensor
    }
    a = filled(products.map { $0.m * $0.k }.max() ?? 0)
    b = filled(products.map { $0.k * $0.n }.max() ?? 0)
    c = filled(products.map { $0.m * $0.n }.max() ?? 0)
  }

  func run() {
    for product in products {
      for _ in 0..<product.repeats {
        Float.multiplyMatrices(
          MatrixOperands(
            m: product.m, n: product.n, k: product.k,
            product.left ? .transposed(a.scalars) : .plain(a.scalars),
            times: product.right ? .transposed(b.scalars) : .plain(b.scalars), into: c.scalars))
      }
    }
  }
}
