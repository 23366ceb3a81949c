import NeuralNetwork
import OperatingSystem
import Tensors

/// What a candidate costs, known before it is trained.
public struct CandidateCensus: Sendable, Equatable {
  public var parameters: Int
  /// Multiplications and additions of one sample's forward pass.
  public var flops: Int
  /// Of a process that trains it, as predicted: the program, weights, gradients, what the optimizer
  /// remembers, and what the layers keep of a batch. Without its data and without OpenBLAS's
  /// buffers for further threads.
  public var memoryBytes: Int
  /// Of one sample's forward pass on this machine with one thread, as predicted; nil: not known.
  public var latencySeconds: Double?

  public init(parameters: Int, flops: Int, memoryBytes: Int, latencySeconds: Double? = nil) {
    self.parameters = parameters
    self.flops = flops
    self.memoryBytes = memoryBytes
    self.latencySeconds = latencySeconds
  }

  /// - Parameters:
  ///   - latency: where latencies are predicted from; nil: they are not.
  /// - Throws: `NetworkError`, when a layer does not fit behind the one before it.
  public init(
    of plan: NetworkPlan, batchSize: Int, optimizer: any OptimizerDescription,
    latency: LatencyTable?
  ) throws(NetworkError) {
    let network = try Network<Float>(
      plan, batchSizeMax: 1, pool: WorkerPool(threadCount: 1), seed: 0, initializes: false)
    parameters = network.parameters.reduce(0) { $0 + $1.value.count }
    flops = network.flopsPerSample
    memoryBytes = Self.memoryBytes(network, batchSize: batchSize, optimizer: optimizer)
    latencySeconds = latency?.prediction(for: plan)
  }

  /// A program that trains next to nothing.
  private static let programBytes = 24.0e6
  /// The batch at hand and the one that is prepared meanwhile.
  private static let batchesKept = 2.0
  /// Gradients on the way through a layer: of its output, of its input, and a copy at a branch.
  private static let gradientsKept = 3.0

  private static func memoryBytes(
    _ network: Network<Float>, batchSize: Int, optimizer: any OptimizerDescription
  ) -> Int {
    let weights = Double(network.parameters.reduce(0) { $0 + $1.value.count })
    let moments = optimizer.momentNames.filter { $0 != nil }.count
    let widest = network.shapedLeaves.map { $0.outputShape.reduce(1, *) }.max() ?? 0
    let perSample =
      Double(network.keptPerSample) + batchesKept * Double(network.plan.inputShape.reduce(1, *))
      + gradientsKept * Double(widest)
    let scalars = weights * Double(2 + moments) + perSample * Double(max(1, batchSize))
    let bytesMax = 1e18
    return Int(min(bytesMax, programBytes + 4 * scalars))
  }
}
