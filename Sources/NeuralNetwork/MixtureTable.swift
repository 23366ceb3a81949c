import Tensors

/// How much each operation counts on each edge of a layer whose architecture is learned.
public struct MixtureTable: Sendable, Equatable {
  /// The layer's name.
  public let layer: String
  /// Such as "0→2".
  public let edges: [String]
  public let operations: [String]
  /// [edges, operations]: shares of 1 along each edge.
  public let shares: [[Double]]
  /// Of each edge the operation that it would have if it were chosen now; "none" where it would go.
  public let chosen: [String]

  /// The word for an edge that is not there.
  public static let none = DifferentiableCell.Operation.none.rawValue
  /// The word for an edge that gives its input as it is.
  public static let skip = DifferentiableCell.Operation.skip.rawValue

  public init(
    layer: String, edges: [String], operations: [String], shares: [[Double]],
    chosen: [String] = []
  ) {
    self.layer = layer
    self.edges = edges
    self.operations = operations
    self.shares = shares
    self.chosen = chosen
  }

  /// Mean over the edges, in nats: how undecided the search still is.
  public var entropy: Double {
    let sum = shares.joined().reduce(0) { $1 > 0 ? $0 - $1 * Double.naturalLogarithm($1) : $0 }
    return sum / Double(max(1, shares.count))
  }

  /// Edges that would be there if they were chosen now.
  public var keptCount: Int { chosen.count { $0 != Self.none } }
  /// Those of them that give their input as it is.
  public var skipCount: Int { chosen.count { $0 == Self.skip } }
}

/// A layer that mixes operations by what a search learns.
protocol MixingLayer<Scalar>: Layer {
  /// α, [edges, operations], before the softmax; nil: all operations are chosen.
  var strengths: Parameter<Scalar>? { get }
  var edgeNames: [String] { get }
  var operationNames: [String] { get }
  /// What would be chosen for each edge.
  /// - Parameter shares: [edges, operations]
  func choice(by shares: [[Double]]) -> [String]
}

extension MixingLayer {
  /// nil: all operations are chosen.
  var table: MixtureTable? {
    guard let strengths else { return nil }
    let count = operationNames.count
    let shares = edgeNames.indices.map { edge -> [Double] in
      let row = (0..<count).map { strengths.value[edge * count + $0].double }
      let largest = row.max() ?? 0
      let powers = row.map { Double.exponential($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
    return MixtureTable(
      layer: name, edges: edgeNames, operations: operationNames, shares: shares,
      chosen: choice(by: shares))
  }
}

extension LayerConstruction {
  /// α of a layer: all operations count almost the same at first, as in DARTS.
  func strengths(edges: Int, operations: Int) -> Parameter<Scalar> {
    let strengths = parameter("alpha", .architecture, shape: [edges, operations])
    let deviation = 1e-3
    initialize { $0.fillNormal(strengths.value, deviation: deviation) }
    return strengths
  }
}

/// A layer that can be replaced by what a search has chosen.
protocol MixingDescription: LayerDescription {
  /// The layers that the strongest operations make.
  func discretized(_ table: MixtureTable) -> [any LayerDescription]
}

extension Network {
  /// What is learned of the architecture at present, in the order of the layers.
  public var mixtures: [MixtureTable] { Self.mixtures(of: body) }

  private static func mixtures(of layer: any Layer<Scalar>) -> [MixtureTable] {
    let own = (layer as? any MixingLayer<Scalar>)?.table
    return (own.map { [$0] } ?? []) + layer.children.flatMap { mixtures(of: $0) }
  }

  /// The network that the strongest operations make. Layers of the network itself are chosen, those
  /// within branches of others stay mixtures.
  public var discretizedPlan: NetworkPlan {
    var plan = plan
    plan.layers = zip(plan.layers, body.children).flatMap {
      description, layer -> [any LayerDescription] in
      guard let table = (layer as? any MixingLayer<Scalar>)?.table,
        let mixing = description as? any MixingDescription
      else { return [description] }
      return mixing.discretized(table)
    }
    return plan
  }
}
