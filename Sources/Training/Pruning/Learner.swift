import NeuralNetwork
import Tensors

/// A network in training with everything that has a number for each of its weights. Where channels
/// go from it, a smaller one takes its place.
final class Learner {
  let network: Network<Float>
  let optimizer: any Optimizer<Float>
  let average: WeightAverage<Float>?
  /// Who learns what the network's layers mix; nil: nobody.
  let architecture: ArchitectureStep<Float>?
  let gradientNorm: GradientNorm<Float>
  let clipper: GradientClipper<Float>?
  /// The channels that can be removed.
  let graph: ChannelGraph
  /// Outputs of the layers that have fewer than the experiment says, by name.
  let widths: [String: Int]
  /// Parameters that can be pruned, with the names of their layers.
  let prunableLayers: [(name: String, parameter: Parameter<Float>)]
  /// Multiplications and additions of one sample's forward pass that each weight of such a
  /// parameter costs: 2 for every place or step where the weight is used.
  let flopsPerWeight: [Int]

  private let experiment: Experiment
  /// As the experiment describes the network.
  private let plan: NetworkPlan

  /// - Parameter initializes: false: the weights are about to be overwritten.
  init(
    _ experiment: Experiment, _ plan: NetworkPlan, widths: [String: Int] = [:],
    batchSizeMax: Int, pool: WorkerPool, initializes: Bool = true
  ) throws(NetworkError) {
    self.experiment = experiment
    self.plan = plan
    self.widths = widths
    let narrowed = plan.narrowed(widths)
    network = try Network(
      narrowed, batchSizeMax: batchSizeMax, pool: pool, seed: experiment.seed,
      initializes: initializes)
    graph = try ChannelGraph(narrowed)
    let (parameters, statistics) = (network.parameters, network.statistics)
    optimizer = experiment.optimizer.makeOptimizer(parameters, pool: pool)
    average = experiment.averaging.map {
      WeightAverage(decay: $0.decay, parameters, statistics: statistics, pool: pool)
    }
    architecture = experiment.architectureSearch?.makeStep(network)
    gradientNorm = GradientNorm(parameters, pool: pool)
    clipper = experiment.clipping.map { GradientClipper($0, parameters, pool: pool) }
    prunableLayers = network.weights
    flopsPerWeight = network.leaves.flatMap { layer -> [Int] in
      let weights = layer.parameters.filter(\.isPrunable)
      let count = weights.reduce(0) { $0 + $1.value.count }
      return weights.map { _ in layer.flopsPerSample / max(1, count) }
    }
  }

  /// A learner of other widths, whose weights mean nothing yet.
  func resized(_ widths: [String: Int]) throws(NetworkError) -> Learner {
    try Learner(
      experiment, plan, widths: widths, batchSizeMax: network.batchSizeMax, pool: network.pool,
      initializes: false)
  }

  /// A learner with the same weights, masks and statistics and a fresh optimizer, that computes
  /// with threads of its own.
  func copy(pool: WorkerPool) throws(NetworkError) -> Learner {
    let copy = try Learner(
      experiment, plan, widths: widths, batchSizeMax: network.batchSizeMax, pool: pool,
      initializes: false)
    for (from, to) in zip(network.parameters, copy.network.parameters) {
      to.value.copy(from: from.value)
      // Masks are replaced, never changed in place.
      to.setMask(from.mask)
    }
    for (from, to) in zip(network.statistics, copy.network.statistics) {
      to.value.copy(from: from.value)
    }
    return copy
  }

  /// A smaller learner with what remains of this one: weights, masks, statistics, moments and
  /// averages.
  func slimmed(by cut: ChannelCut) throws(NetworkError) -> Learner {
    let small = try resized(widths.merging(cut.widths) { $1 })
    for (from, to) in zip(network.parameters, small.network.parameters) {
      cut.copy(from.name, from.value, into: to.value)
      if let mask = from.mask {
        let smallMask = Tensor<Float>(shape: to.value.shape)
        cut.copy(from.name, mask, into: smallMask)
        to.setMask(smallMask)
      }
      for (moment, smallMoment) in zip(optimizer.moments(of: from), small.optimizer.moments(of: to))
      {
        cut.copy(from.name, moment, into: smallMoment)
      }
    }
    for (from, to) in zip(network.statistics, small.network.statistics) {
      cut.copy(from.name, from.value, into: to.value)
    }
    small.optimizer.stepCount = optimizer.stepCount
    if let average, let smallAverage = small.average {
      for (from, to) in zip(average.state, smallAverage.state) {
        cut.copy(WeightAverage<Float>.liveName(from.name), from.tensor, into: to.tensor)
      }
      smallAverage.stepCount = average.stepCount
    }
    // Nothing of it goes with channels.
    if let architecture, let smallArchitecture = small.architecture {
      for (from, to) in zip(architecture.state, smallArchitecture.state) {
        to.tensor.copy(from: from.tensor)
      }
      smallArchitecture.stepCount = architecture.stepCount
    }
    small.network.gradientEvaluations = network.gradientEvaluations
    return small
  }

  /// All tensors that decide how training goes on, by name, without masks.
  var tensors: [(name: String, tensor: Tensor<Float>)] {
    network.parameters.map { ($0.name, $0.value) } + network.statistics.map { ($0.name, $0.value) }
      + optimizer.state + (average?.state ?? [])
      + (architecture?.state ?? []).map { ("architecture." + $0.name, $0.tensor) }
  }
}
