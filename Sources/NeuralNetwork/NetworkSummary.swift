import Tensors

/// What a network is made of, layer by layer.
public struct NetworkSummary: Sendable {
  public struct Row: Sendable {
    /// Such as "convolution2"; of a branch within a layer, such as "residual1.branch".
    public let name: String
    /// 0 for the layers of the network itself, more for those within others.
    public let depth: Int
    /// True for what only holds other layers.
    public let isContainer: Bool
    /// The shape of a sample behind it.
    public let outputShape: [Int]
    /// Role and shape of each parameter, such as ("weight", [300, 784]); of the layer alone, not of
    /// those within it.
    public let parameters: [(name: String, shape: [Int])]
    /// Numbers in the parameters of the layer and those within it.
    public let parameterCount: Int
    /// Multiplications and additions of one sample's forward pass, those within included.
    public let flops: Int
  }

  public let inputShape: [Int]
  public let rows: [Row]
  /// The layers that have none within, in order: name and shape of the weight, which is empty where
  /// there is none. A layer of several weights comes with each of them; see `Network.weights`.
  public let leaves: [(name: String, weightShape: [Int])]
  public let parameterCount: Int
  public let flops: Int

  public init<Scalar>(of network: Network<Scalar>) {
    inputShape = network.plan.inputShape
    rows = Self.rows(of: network.body, depth: 0)
    leaves = network.leaves.flatMap { leaf -> [(name: String, weightShape: [Int])] in
      let weights = Network.weights(of: leaf)
      return weights.isEmpty
        ? [(leaf.name, [])] : weights.map { ($0.name, $0.parameter.value.shape) }
    }
    parameterCount = network.parameters.reduce(0) { $0 + $1.value.count }
    flops = network.flopsPerSample
  }

  private static func rows<Scalar>(of sequence: LayerSequence<Scalar>, depth: Int) -> [Row] {
    zip(sequence.children, sequence.childShapes).flatMap { layer, shape -> [Row] in
      let branches = layer.children.compactMap { $0 as? LayerSequence<Scalar> }
      let own = layer.children.isEmpty ? layer.parameters : []
      let row = row(layer.name, depth, shape, layer, own)
      return [row]
        + branches.filter { !$0.children.isEmpty }.flatMap { branch -> [Row] in
          let shape = branch.childShapes.last ?? shape
          return [Self.row(branch.name, depth + 1, shape, branch, [])]
            + rows(of: branch, depth: depth + 2)
        }
    }
  }

  private static func row<Scalar>(
    _ name: String, _ depth: Int, _ shape: [Int], _ layer: any Layer<Scalar>,
    _ parameters: [Parameter<Scalar>]
  ) -> Row {
    Row(
      name: name, depth: depth, isContainer: !layer.children.isEmpty, outputShape: shape,
      parameters: parameters.map {
        (String($0.name.dropFirst(name.count + 1)), $0.value.shape)
      },
      parameterCount: layer.parameters.reduce(0) { $0 + $1.value.count },
      flops: layer.flopsPerSample)
  }
}
