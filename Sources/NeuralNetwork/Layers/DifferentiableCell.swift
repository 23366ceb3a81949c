import Tensors

/// A cell of DARTS (Liu, Simonyan, Yang, "DARTS: differentiable architecture search", ICLR 2019) on
/// images, without reduction: every node is the sum of an edge from the input and from each node
/// before it, and the output is all nodes side by side. While a search goes on, each edge is a
/// mixture of all operations; later it is one of them.
///
/// Against the paper: one input instead of two, a table α for each cell instead of one for all, and
/// means of windows at the border that count what is outside as 0.
public struct DifferentiableCell: MixingDescription {
  public static let kind = "dartsCell"
  public static let summary = "a cell of DARTS: nodes that sum mixtures of operations"
  public static let paper: String? = "Liu, Simonyan, Yang 2019, arXiv 1806.09055"

  public enum Operation: String, CaseIterable, Sendable {
    case none, skip, maxPool3x3, averagePool3x3, separableConv3x3, dilatedConv3x3
  }

  static let nodesMax = 6

  /// Of each node.
  public let channels: Int
  public let nodes: Int
  /// Those that each edge mixes.
  public let operations: [Operation]
  /// What was chosen for each edge, node by node, that from the input first; empty: nothing yet.
  public let edges: [Operation]

  public init(
    channels: Int, nodes: Int = 3, operations: [Operation] = Operation.allCases,
    edges: [Operation] = []
  ) {
    self.channels = channels
    self.nodes = nodes
    self.operations = operations
    self.edges = edges
  }

  public init(_ settings: some Settings) throws {
    let words = Operation.allCases.map(\.rawValue)
    channels = try settings.integer("channels", in: 1...65_536, default: nil)
    nodes = try settings.integer("nodes", in: 1...Self.nodesMax, default: 3)
    operations = try settings.words(
      "operations", of: words, count: 1...words.count, default: words
    ).compactMap { Operation(rawValue: $0) }
    edges = try settings.words(
      "edges", of: words, count: 0...Self.edgeCount(Self.nodesMax), default: []
    ).compactMap { Operation(rawValue: $0) }
  }

  static func edgeCount(_ nodes: Int) -> Int { nodes * (nodes + 1) / 2 }
  var edgeCount: Int { Self.edgeCount(nodes) }
  var isMixed: Bool { edges.isEmpty }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    guard inputShape.count == 3 else {
      throw ShapeMismatch(got: inputShape, needs: "images [height, width, channels]")
    }
    guard edges.isEmpty || edges.count == edgeCount else {
      throw ShapeMismatch(
        "\(nodes) nodes have \(edgeCount) edges; found operations for \(edges.count)")
    }
    guard Set(operations).count == operations.count, operations.contains(where: { $0 != .none })
    else { throw ShapeMismatch("operations need one besides none, and each once") }
    return Array(inputShape.prefix(2)) + [nodes * channels]
  }

  /// What comes before the nodes.
  var preprocessing: [any LayerDescription] {
    [
      ReLU(), Convolution(channels: channels, kernel: 1, bias: false),
      BatchNorm(isAffine: !isMixed),
    ]
  }

  /// The operations of an edge; none where it is not there.
  func branches(ofEdge edge: Int) -> [[any LayerDescription]] {
    if isMixed { return operations.map { layers($0) } }
    return edges[edge] == .none ? [] : [layers(edges[edge])]
  }

  private func layers(_ operation: Operation) -> [any LayerDescription] {
    let norm = BatchNorm(isAffine: !isMixed)
    switch operation {
    case .none: return [Zero()]
    case .skip: return []
    case .maxPool3x3: return [MaxPool(kernel: 3, stride: 1, padding: 1), norm]
    case .averagePool3x3: return [AveragePool(kernel: 3, stride: 1, padding: 1), norm]
    case .separableConv3x3: return depthwise(dilation: 1) + [norm] + depthwise(dilation: 1) + [norm]
    case .dilatedConv3x3: return depthwise(dilation: 2) + [norm]
    }
  }

  private func depthwise(dilation: Int) -> [any LayerDescription] {
    let extent = Extent2D(integerLiteral: dilation)
    return [
      ReLU(),
      Convolution(
        channels: channels, kernel: 3, padding: extent, dilation: extent, groups: channels,
        bias: false),
      Convolution(channels: channels, kernel: 1, bias: false),
    ]
  }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    let inputs = trace.channels
    trace.pin()
    _ = trace.trace(preprocessing, from: inputShape, channels: inputs)
    trace.pin()
    let shape = Array(inputShape.prefix(2)) + [channels]
    for branch in (0..<edgeCount).flatMap({ branches(ofEdge: $0) }) {
      trace.become(trace.makeChannels(channels))
      trace.pin()
      _ = trace.trace(branch, from: shape, channels: trace.channels)
      trace.pin()
    }
    trace.become(inputs)
    trace.pinAll(outputShape)
  }

  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription {
    // Nothing narrows, but the layers within are counted on the way to the names of those behind.
    _ = narrowing.narrowed(preprocessing)
    for branch in (0..<edgeCount).flatMap({ branches(ofEdge: $0) }) {
      _ = narrowing.narrowed(branch)
    }
    return self
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    DifferentiableCellLayer(self, construction)
  }

  /// The paper's rule: every node keeps the two edges whose strongest operation besides none is the
  /// strongest, each with that operation.
  func choice(by shares: [[Double]]) -> [Operation] {
    let kept = 2
    var chosen = Array(repeating: Operation.none, count: edgeCount)
    let choices = operations.indices.filter { operations[$0] != .none }
    for node in 0..<nodes {
      let first = Self.edgeCount(node)
      let strongest = (first...first + node).compactMap { edge -> (Int, Operation, Double)? in
        let shares = shares[edge]
        return choices.max { shares[$0] < shares[$1] }.map { (edge, operations[$0], shares[$0]) }
      }
      for (edge, operation, _) in strongest.sorted(by: { $0.2 > $1.2 }).prefix(kept) {
        chosen[edge] = operation
      }
    }
    return chosen
  }

  func discretized(_ table: MixtureTable) -> [any LayerDescription] {
    [
      DifferentiableCell(
        channels: channels, nodes: nodes, operations: operations,
        edges: choice(by: table.shares))
    ]
  }
}

final class DifferentiableCellLayer<Scalar: TensorScalar>: MixingLayer, ParallelWork {
  let name: String
  let parameters: [Parameter<Scalar>]
  let children: [any Layer<Scalar>]
  let flopsPerSample: Int
  let strengths: Parameter<Scalar>?
  let edgeNames: [String]
  let operationNames: [String]

  private let description: DifferentiableCell
  private let nodes, channels, positions: Int
  private let preprocessing: LayerSequence<Scalar>
  /// Node by node, the edge from the input first; nil where there is none.
  private let mixtures: [Mixture<Scalar>?]
  private let sums: [Tensor<Scalar>]
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  /// The loss's gradients with respect to the input behind `preprocessing`, then to each node.
  private var gradients: [Tensor<Scalar>?]
  private var work: Work?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  private enum Work {
    /// All nodes side by side.
    case join
    /// The output's gradient, to all nodes.
    case split(Tensor<Scalar>)
    case merge(Tensor<Scalar>, into: Tensor<Scalar>)
  }

  init(_ description: DifferentiableCell, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    self.description = description
    (nodes, channels) = (description.nodes, description.channels)
    let shape = Array(construction.outputShape.prefix(2)) + [channels]
    positions = shape[0] * shape[1]
    preprocessing = construction.sequence(description.preprocessing, role: "preprocessing")
    // One operation alone has the share 1, whatever its strength.
    let strengths = construction.strengths(
      edges: description.edgeCount,
      operations: description.isMixed ? description.operations.count : 1)
    mixtures = (0..<description.edgeCount).map { edge in
      let branches = description.branches(ofEdge: edge)
      return branches.isEmpty
        ? nil
        : Mixture(
          branches, role: "edges.\(edge)", strengths, edge: edge, inputShape: shape,
          outputShape: shape, construction)
    }
    self.strengths = description.isMixed ? strengths : nil
    children =
      [preprocessing]
      + mixtures.flatMap { $0?.branches ?? [] }.filter { !$0.children.isEmpty }
    parameters =
      (description.isMixed ? [strengths] : []) + children.flatMap { $0.parameters }
    flopsPerSample = mixtures.reduce(preprocessing.flopsPerSample) {
      $0 + ($1?.flopsPerSample ?? 0)
    }
    edgeNames = (0..<nodes).flatMap { node in (0...node).map { "\($0)→\(node + 1)" } }
    operationNames = description.operations.map(\.rawValue)
    sums = (0..<nodes).map { _ in construction.makeMemory(shape) }
    output = construction.makeOutput()
    gradients = Array(repeating: nil, count: nodes + 1)
    pool = construction.pool
    workspace = construction.workspace
  }

  func choice(by shares: [[Double]]) -> [String] {
    description.choice(by: shares).map(\.rawValue)
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    let start = preprocessing.forward(input, pass)
    for node in 0..<nodes {
      var isFirst = true
      for source in 0...node {
        guard let mixture = mixtures[DifferentiableCell.edgeCount(node) + source] else { continue }
        mixture.forward(
          source == 0 ? start : sums[source - 1], pass, into: sums[node], isFirst: isFirst)
        isFirst = false
      }
      if isFirst { Scalar.clear(sums[node].scalars, count: pass.rows * positions * channels) }
    }
    run(.join, pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    let count = pass.rows * positions * channels
    for place in gradients.indices { gradients[place] = workspace.take(count) }
    run(.split(outputGradient), pass)
    workspace.give(outputGradient)
    guard let start = gradients[0] else { return nil }
    Scalar.clear(start.scalars, count: count)
    for node in (0..<nodes).reversed() {
      guard let gradient = gradients[node + 1] else { continue }
      for source in 0...node {
        let mixture = mixtures[DifferentiableCell.edgeCount(node) + source]
        let part = mixture?.backward(gradient, pass, needsInputGradient: true)
        guard let part, let sum = gradients[source] else { continue }
        run(.merge(part, into: sum), pass)
        workspace.give(part)
      }
      gradients[node + 1] = nil
      workspace.give(gradient)
    }
    gradients[0] = nil
    return preprocessing.backward(start, pass, needsInputGradient: needsInputGradient)
  }

  private func run(_ work: Work, _ pass: Pass) {
    self.work = work
    blocks = RowBlocks(rows: pass.rows * positions, columns: channels)
    pool.run(self, blocks: blocks.count)
    self.work = nil
  }

  func perform(block: Int) {
    let rows = blocks.range(of: block)
    let (first, width) = (rows.lowerBound, nodes * channels)
    switch work {
    case .join:
      for node in 0..<nodes {
        Scalar.copyColumns(
          sums[node].scalars + first * channels, stride: channels,
          into: output.scalars + first * width + node * channels, stride: width,
          rows: rows.count, columns: channels)
      }
    case .split(let gradient):
      for node in 0..<nodes {
        guard let part = gradients[node + 1] else { continue }
        Scalar.copyColumns(
          gradient.scalars + first * width + node * channels, stride: width,
          into: part.scalars + first * channels, stride: channels, rows: rows.count,
          columns: channels)
      }
    case .merge(let gradient, let sum):
      Scalar.add(
        gradient.scalars + first * channels, to: sum.scalars + first * channels,
        count: rows.count * channels, rectifies: false)
    case nil: return
    }
  }
}
