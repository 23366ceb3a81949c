import Tensors

/// Makes networks smaller: a way to choose the weights or channels that a network can do without.
///
/// A method is one of four: `WeightPruning` and `ChannelPruning` score and cut at once,
/// `TrainingPruning` works while the network learns, `RoundPruning` trains, cuts and trains again.
public protocol PruningMethod: Settable, Sendable {
  static var unit: PruningUnit { get }
  static var pace: PruningPace { get }
  /// With its settings: those may decide what is removed.
  var unit: PruningUnit { get }
}

extension PruningMethod {
  public var unit: PruningUnit { Self.unit }
}

/// What a method removes.
public enum PruningUnit: String, Sendable {
  /// Single weights, by masks; the shapes stay.
  case weights
  /// Outputs of layers with all that belongs to them; the network gets smaller.
  case channels
}

/// When a method acts.
public enum PruningPace: String, Sendable {
  case once
  /// In every step or epoch, until its target is reached.
  case training
  /// Between trainings of the whole network.
  case rounds
}

/// A method that decides at once, from the network as it is.
public protocol OneShotPruning: PruningMethod {
  /// True when it needs the task's samples.
  static var looksAtSamples: Bool { get }

  /// What has to go for the target to be met; nothing is changed.
  /// - Throws: `PruningRefusal` when it cannot be met.
  func decide<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> PruningDecision<Scalar>
}

extension OneShotPruning {
  public static var pace: PruningPace { .once }
  public static var looksAtSamples: Bool { false }
}

/// What is to be pruned, and how far.
public struct PruningTask<Scalar: TensorScalar> {
  /// Its weights and statistics stay as they are; its layers may compute.
  public let network: Network<Scalar>
  public let graph: ChannelGraph
  /// The network as it began: what sparsity is a fraction of.
  public let origin: PruningOrigin
  /// Fraction of the weights or channels in scope that are to be gone, 0 to 1.
  public let target: Double
  /// The layers in scope, by name; nil: all.
  public let layers: [String]?
  /// Training samples to look at; empty where there are none, as for a file.
  public let samples: PruningSamples<Scalar>
  /// For choices by chance.
  public let seed: UInt64

  public init(
    _ network: Network<Scalar>, _ graph: ChannelGraph, origin: PruningOrigin, target: Double,
    layers: [String]? = nil, samples: PruningSamples<Scalar> = PruningSamples(), seed: UInt64
  ) {
    self.network = network
    self.graph = graph
    self.origin = origin
    self.target = target
    self.layers = layers
    self.samples = samples
    self.seed = seed
  }

  /// The prunable parameters in scope, by the names of `Network.weights`.
  public var weights: [(name: String, parameter: Parameter<Scalar>)] {
    network.weights.filter { layers?.contains($0.name) ?? true }
  }

  /// The groups of channels in scope, by their index in the graph.
  public var groups: [Int] { graph.groups(of: layers) }
}

/// The sizes of a network before any of it was pruned.
public struct PruningOrigin: Sendable {
  /// Weights of each prunable parameter, by the names of `Network.weights`.
  public let weightCounts: [String: Int]
  /// Weights of all prunable parameters.
  public var weightCount: Int { weightCounts.values.reduce(0, +) }
  /// Channels of each group, by the group's name.
  public let channelCounts: [String: Int]
  /// Numbers in all parameters.
  public let parameterCount: Int

  public init<Scalar>(_ network: Network<Scalar>, _ graph: ChannelGraph) {
    weightCounts = Dictionary(
      network.weights.map { ($0.name, $0.parameter.value.count) }, uniquingKeysWith: { $1 })
    channelCounts = Dictionary(
      graph.groups.map { ($0.name, $0.channels.count) }, uniquingKeysWith: { $1 })
    parameterCount = network.parameters.reduce(0) { $0 + $1.value.count }
  }
}

/// What a method found that a network can do without.
public struct PruningDecision<Scalar: TensorScalar> {
  /// Masks of 0 and 1 by the name of the parameter, of its present shape.
  public var masks: [String: Tensor<Scalar>] = [:]
  /// Channels of the task's graph that go.
  public var removed: [Int] = []
  /// Parameters that get other values before channels go from them, by name: repairs.
  public var values: [String: Tensor<Scalar>] = [:]
  /// The largest score that goes, by the name of the layer or group.
  public var thresholds: [String: Double] = [:]

  public init() {}

  public var isEmpty: Bool { masks.isEmpty && removed.isEmpty }
}

/// Why a network is not pruned as it was asked.
public struct PruningRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  public let reason: String
  public var description: String { reason }

  public init(_ reason: String) {
    self.reason = reason
  }

  /// A layer would lose its last weight.
  public static func emptied(_ layer: String) -> PruningRefusal {
    PruningRefusal(
      "\(layer) would be left without a weight: prune less, or other layers")
  }

  /// "62.5% are pruned already", and what is asked for.
  public static func reached(_ present: Double, target: Double) -> PruningRefusal {
    func percent(_ fraction: Double) -> String { "\((fraction * 10_000).rounded() / 100)%" }
    return PruningRefusal(
      "\(percent(present)) are pruned already; \(percent(target)) would remove nothing")
  }
}

/// All pruning methods, by the name under which people ask for them.
public enum PruningCatalogue {
  public static let all: [any PruningMethod.Type] = [
    MagnitudePruning.self,
    RandomPruning.self,
    LayerAdaptivePruning.self,
    NMPruning.self,
    RandomChannelPruning.self,
    L1Pruning.self,
    L2Pruning.self,
    TaylorPruning.self,
    GeometricMedianPruning.self,
    BatchNormScalePruning.self,
    MajorityVotingPruning.self,
    ActivationDensityPruning.self,
    LinearDependencePruning.self,
    GradualPruning.self,
    IterativeMagnitudePruning.self,
    AcceleratedMagnitudePruning.self,
    ApproximatedOraclePruning.self,
    SoftFilterPruning.self,
    SlimmingPruning.self,
    ChannelPropagationPruning.self,
    ProgressiveGradientPruning.self,
    HalfSpacePruning.self,
    LotteryJackpots.self,
  ]
}
