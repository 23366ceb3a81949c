import NeuralNetwork
import Tensors

/// A network in training on random numbers, as others measure it too: only the step counts.
struct Workload {
  let name: String
  let layers: [any LayerDescription]
  let inputShape: [Int]
  let targets: TargetShape
  let batchSize: Int
  let optimizer: any OptimizerDescription
  /// The promised time, as a fraction of PyTorch's.
  let torchLimit: Double
  /// The promised time, as a multiple of that of its matrix products; nil: none.
  let productsLimit: Double?

  /// The promised gain from a second thread; nil: none.
  var scalingLimit: BenchResult.Limit? {
    name.contains("1024x3") || name.contains("resnet20") ? .atLeast(1.7) : nil
  }

  private static let classes = TargetShape.classes(count: 10, perSample: 1)

  static let all: [Workload] = [
    Workload(
      name: "mlp-300-100-b128-sgd", layers: perceptron([300, 100, 10]), inputShape: [784],
      targets: classes, batchSize: 128, optimizer: SGD(learningRate: 0.05, momentum: 0.9),
      torchLimit: 0.80, productsLimit: 1.3),
    Workload(
      name: "mlp-1024x3-b128-adam", layers: perceptron([1024, 1024, 1024, 10]),
      inputShape: [784], targets: classes, batchSize: 128, optimizer: Adam(),
      torchLimit: 0.70, productsLimit: 1.3),
    Workload(
      name: "cnn-32-64-b64-adam", layers: preset("cnn-32-64", classes), inputShape: [28, 28, 1],
      targets: classes, batchSize: 64, optimizer: Adam(), torchLimit: 0.90, productsLimit: 2.5),
    Workload(
      name: "resnet20-b64-sgd", layers: preset("resnet20", classes), inputShape: [32, 32, 3],
      targets: classes, batchSize: 64, optimizer: SGD(learningRate: 0.05, momentum: 0.9),
      torchLimit: 1.00, productsLimit: 3),
    Workload(
      name: "rnn-128-T100-b50-sgd", layers: preset("rnn", .values(perSample: 1)),
      inputShape: [100, 2], targets: .values(perSample: 1), batchSize: 50,
      optimizer: SGD(learningRate: 0.05, momentum: 0.9), torchLimit: 0.60, productsLimit: nil),
    Workload(
      name: "lstm-128-T100-b50-adam", layers: preset("lstm", .values(perSample: 1)),
      inputShape: [100, 2], targets: .values(perSample: 1), batchSize: 50, optimizer: Adam(),
      torchLimit: 0.75, productsLimit: nil),
  ]

  private static func perceptron(_ widths: [Int]) -> [any LayerDescription] {
    widths.indices.flatMap { index -> [any LayerDescription] in
      let linear = Linear(outputs: widths[index])
      return index < widths.count - 1 ? [linear, ReLU()] : [linear]
    }
  }

  private static func preset(_ name: String, _ targets: TargetShape) -> [any LayerDescription] {
    ModelCatalogue.all.first { $0.name == name }?.layers(for: targets) ?? []
  }
}

/// A workload's network, optimizer and batch in memory.
final class WorkloadTraining {
  let network: Network<Float>
  let optimizer: any Optimizer<Float>

  private let workload: Workload
  private let input: Tensor<Float>
  private let values: Tensor<Float>
  private let labels: UnsafeMutablePointer<Int32>
  private var step = 0

  init(_ workload: Workload, threads: Int) throws {
    self.workload = workload
    let pool = WorkerPool(threadCount: threads)
    let usual: any LossDescription = workload.targets.usualLoss
    network = try Network(
      NetworkPlan(
        layers: workload.layers, inputShape: workload.inputShape, targets: workload.targets,
        loss: usual),
      batchSizeMax: workload.batchSize, pool: pool, seed: 1)
    optimizer = workload.optimizer.makeOptimizer(network.parameters, pool: pool)
    input = Tensor(shape: [workload.batchSize] + workload.inputShape)
    values = Tensor(shape: [workload.batchSize])
    labels = .allocate(capacity: workload.batchSize)
    var random = RandomSource(seed: 1, purpose: .noise)
    for index in 0..<input.count { input[index] = Float(random.uniform()) }
    for row in 0..<workload.batchSize {
      labels[row] = Int32(random.integer(below: UInt32(workload.targets.outputs)))
      values[row] = Float(random.uniform())
    }
  }

  deinit {
    labels.deallocate()
  }

  /// Forward, loss, backward, update.
  func advance() {
    let targets: Targets<Float> =
      switch workload.targets {
      case .classes: .classes(labels, perSample: 1)
      case .values: .values(values.scalars, perSample: 1)
      }
    _ = network.learn(input, targets, .training(rows: workload.batchSize, step: step))
    optimizer.step(learningRate: workload.optimizer.learningRate)
    step += 1
  }

  /// Bytes of parameters, gradients, optimizer state and layers' outputs.
  var accountedBytes: Int {
    let weights = network.parameters.reduce(0) { $0 + $1.value.count + $1.gradient.count }
    let state = optimizer.state.reduce(0) { $0 + $1.tensor.count }
    let outputs = NetworkSummary(of: network).rows.filter { !$0.isContainer }.reduce(0) {
      $0 + $1.outputShape.reduce(1, *) + recurrentStates(of: $1)
    }
    return 4 * (weights + state + outputs * workload.batchSize)
  }

  /// The gates and states of all steps of a sample, which a recurrent layer computes on the way.
  private func recurrentStates(of row: NetworkSummary.Row) -> Int {
    let recurrent = row.parameters.filter { $0.name.hasPrefix("weight_hh") }
    return recurrent.reduce(0) { $0 + workload.inputShape[0] * ($1.shape[0] + $1.shape[1]) }
  }
}
