import NeuralNetwork
import OperatingSystem
import Tensors
import Testing

@testable import Training

@Suite struct CandidateCensusTests {
  private func census(
    _ layers: [any LayerDescription], _ inputShape: [Int], batchSize: Int = 1,
    optimizer: any OptimizerDescription = SGD(learningRate: 0.1, momentum: 0),
    latency: LatencyTable? = nil
  ) throws -> CandidateCensus {
    try CandidateCensus(
      of: NetworkPlan(
        layers: layers, inputShape: inputShape, targets: .classes(count: 10, perSample: 1)),
      batchSize: batchSize, optimizer: optimizer, latency: latency)
  }

  private let hidden: [any LayerDescription] = [
    Linear(outputs: 300), ReLU(), Linear(outputs: 100), ReLU(), Linear(outputs: 10),
  ]

  /// LeNet-300-100 has 266,610 parameters.
  @Test func countsParametersAndOperations() throws {
    let census = try census(hidden, [784])
    #expect(census.parameters == 266_610)
    #expect(census.flops == 2 * (784 * 300 + 300 * 100 + 100 * 10) + 300 + 100)
    #expect(census.latencySeconds == nil)
  }

  /// What each moment, sample and weight adds.
  @Test func predictsMemory() throws {
    let plain = try census(hidden, [784])
    let adam = try census(hidden, [784], optimizer: Adam())
    #expect(adam.memoryBytes - plain.memoryBytes == 2 * 4 * 266_610)
    let batch = try census(hidden, [784], batchSize: 101)
    // Rectifiers work in the layers before them: 300 + 100 + 10 outputs, two inputs, three
    // gradients of the widest layer.
    #expect(batch.memoryBytes - plain.memoryBytes == 4 * 100 * (410 + 2 * 784 + 3 * 300))
  }

  /// In a process of its own, since other tests use memory at the same time.
  @Test func agreesWithTheMemoryInUse() async {
    await #expect(processExitsWith: .success) { try Self.expectMemoryAsPredicted() }
  }

  private static func expectMemoryAsPredicted() throws {
    let plan = NetworkPlan(
      layers: [
        Convolution(channels: 32, padding: 1), BatchNorm(), ReLU(), MaxPool(),
        Convolution(channels: 64, padding: 1), BatchNorm(), ReLU(), MaxPool(), Flatten(),
        Linear(outputs: 1000), ReLU(), Linear(outputs: 10),
      ], inputShape: [28, 28, 1], targets: .classes(count: 10, perSample: 1))
    let tiny = NetworkPlan(
      layers: [Linear(outputs: 10)], inputShape: [1], targets: plan.targets)
    let (batchSize, optimizer) = (64, Adam())
    let sizes = try [plan, tiny].map {
      try CandidateCensus(of: $0, batchSize: batchSize, optimizer: optimizer, latency: nil)
        .memoryBytes
    }
    let predicted = Double(sizes[0] - sizes[1])

    let before = ProcessUsage.now().residentBytes
    let pool = WorkerPool(threadCount: 1)
    let network = try Network<Float>(plan, batchSizeMax: batchSize, pool: pool, seed: 1)
    let training = optimizer.makeOptimizer(network.parameters, pool: pool)
    let input = Tensor<Float>(shape: [batchSize, 28, 28, 1])
    let labels = [Int32](repeating: 3, count: batchSize)
    labels.withUnsafeBufferPointer { labels in
      guard let labels = labels.baseAddress else { return }
      _ = network.learn(
        input, .classes(labels, perSample: 1), .training(rows: batchSize, step: 0))
    }
    training.step(learningRate: 0.1)
    let used = Double(ProcessUsage.now().residentBytes - before)
    withExtendedLifetime((network, training, input)) {}
    #expect(predicted < 1.5 * used)
    #expect(predicted > used / 1.5)
  }

  @Test func asksTheTable() throws {
    let directory = try TemporaryDirectory()
    let table = LatencyTable(
      path: Path.join(directory.path, "latency.json"), clock: ScriptedClock(tickSeconds: 1e-6))
    let census = try census(hidden, [784], latency: table)
    let seconds = try #require(census.latencySeconds)
    #expect(abs(seconds - 5e-6) < 1e-9)
  }

  @Test func saysWhatDoesNotFit() {
    #expect(throws: NetworkError.self) { try census([Linear(outputs: 3)], [5]) }
  }

  /// Sizes near the largest that a layer may have do not end the program.
  @Test func countsWhatIsTooLargeToTrain() throws {
    let census = try census(
      [Linear(outputs: 46_000), Linear(outputs: 46_000), Linear(outputs: 10)], [4],
      batchSize: Int.max)
    #expect(census.parameters > 2_000_000_000)
    #expect(census.memoryBytes == Int(1e18))
  }
}
