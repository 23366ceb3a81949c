import Tensors

/// A cell of NAS-Bench-101 on images; see `CellGraph`. An operation computes from the sum of what
/// leads to its vertex; the output is what the last operations give, side by side. The input comes
/// to each vertex through a 1 × 1 convolution of its own, and is added to the output where an edge
/// leads there. Convolutions are without bias, with normalisation and a rectifier behind them.
/// Between operations the first channels pass where the reader has fewer.
public struct Cell: LayerDescription {
  public static let kind = "cell"
  public static let summary = "a cell of NAS-Bench-101: a graph of at most 7 vertices and 9 edges"
  public static let paper: String? = "Ying et al. 2019, arXiv 1902.09635"

  public enum Operation: String, CaseIterable, Sendable {
    case conv3x3, conv1x1, maxPool3x3
  }

  /// A digit for each pair of vertices, row by row: 1 where an edge leads from the row's vertex to
  /// the column's. Vertex 0 is the input, the last the output.
  public let adjacency: String
  /// Of the vertices between input and output.
  public let operations: [Operation]
  /// Of the output.
  public let channels: Int
  /// How far the running moments of the normalisations follow a batch's.
  public let momentum: Double

  public init(
    adjacency: String, operations: [Operation], channels: Int, momentum: Double = 0.1
  ) {
    self.adjacency = adjacency
    self.operations = operations
    self.channels = channels
    self.momentum = momentum
  }

  public init(_ settings: some Settings) throws {
    adjacency = try settings.text("adjacency", default: nil)
    operations = try settings.words(
      "operations", of: Operation.allCases.map(\.rawValue), count: 0...CellGraph.verticesMax - 2,
      default: []
    ).compactMap { Operation(rawValue: $0) }
    channels = try settings.integer("channels", in: 1...65_536, default: nil)
    momentum = try settings.number("momentum", in: 0...1, default: 0.1)
  }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    _ = try graph(for: inputShape)
    return [inputShape[0], inputShape[1], channels]
  }

  func graph(for inputShape: [Int]) throws(ShapeMismatch) -> CellGraph {
    guard 2...3 ~= inputShape.count else {
      throw ShapeMismatch(got: inputShape, needs: "images [height, width, channels]")
    }
    return try CellGraph(
      adjacency: adjacency, operationCount: operations.count,
      inputChannels: inputShape.count == 3 ? inputShape[2] : 1, channels: channels)
  }

  private func convolution(kernel: Extent2D, channels: Int) -> [any LayerDescription] {
    [
      Convolution(
        channels: channels, kernel: kernel,
        padding: Extent2D(height: kernel.height / 2, width: kernel.width / 2), bias: false),
      BatchNorm(momentum: momentum), ReLU(),
    ]
  }

  /// What brings the input to a vertex.
  func projection(_ graph: CellGraph, _ vertex: Int) -> [any LayerDescription] {
    graph.isProjected(vertex) ? convolution(kernel: 1, channels: graph.channels[vertex]) : []
  }

  /// What a vertex computes; nothing at both ends.
  func operation(_ graph: CellGraph, _ vertex: Int) -> [any LayerDescription] {
    guard graph.interior.contains(vertex) else { return [] }
    switch operations[vertex - 1] {
    case .conv3x3: return convolution(kernel: 3, channels: graph.channels[vertex])
    case .conv1x1: return convolution(kernel: 1, channels: graph.channels[vertex])
    case .maxPool3x3: return [MaxPool(kernel: 3, stride: 1, padding: 1)]
    }
  }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    // Sums, halves and leftovers tie all channels together: they stay as they are.
    let graph = traced(inputShape)
    let inputs = trace.channels
    for vertex in 1..<graph.vertexCount {
      _ = trace.trace(projection(graph, vertex), from: inputShape, channels: inputs)
      trace.pin()
      let width = graph.channels[vertex]
      trace.become(trace.makeChannels(width))
      trace.pin()
      let shape = Array(inputShape.prefix(2)) + [width]
      _ = trace.trace(operation(graph, vertex), from: shape, channels: trace.channels)
      trace.pin()
    }
    trace.become(inputs)
    trace.pinAll(outputShape)
  }

  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription {
    // Nothing narrows, but the layers within are counted on the way to the names of those behind.
    let graph = traced([1, 1, 1])
    for vertex in 1..<graph.vertexCount {
      _ = narrowing.narrowed(projection(graph, vertex) + operation(graph, vertex))
    }
    return self
  }

  private func traced(_ inputShape: [Int]) -> CellGraph {
    do throws(ShapeMismatch) {
      return try graph(for: inputShape)
    } catch {
      preconditionFailure("shapes are checked before layers are made")
    }
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    CellLayer(self, traced(construction.inputShape), construction)
  }
}

final class CellLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let flopsPerSample: Int
  let children: [any Layer<Scalar>]

  private let graph: CellGraph
  private let inputSize, positions: Int
  /// For each vertex what brings the input there; empty where no edge does.
  private let projections: [LayerSequence<Scalar>]
  /// For each vertex what it computes; empty at both ends.
  private let operations: [LayerSequence<Scalar>]
  /// For each vertex where all that leads there comes together; nil where one thing alone does.
  private let sums: [Tensor<Scalar>?]
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  /// What each vertex gave.
  private var values: [Tensor<Scalar>?]
  /// The loss's gradient with respect to what each vertex gave.
  private var gradients: [Tensor<Scalar>?]
  private var work: Work?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  /// The columns of a matrix from one on; its rows are the positions of all samples.
  private struct Columns {
    let tensor: Tensor<Scalar>
    /// Columns in all.
    let stride: Int
    var first = 0
  }

  private enum Work {
    /// Copies as many columns as both have; the target's others become 0 where `clearsRest`.
    case copy(Columns, into: Columns, clearsRest: Bool)
    /// Adds all columns that both have; `scratch` when one of them has others.
    case add(Columns, to: Columns, scratch: Tensor<Scalar>?)
    case merge(Tensor<Scalar>, into: Tensor<Scalar>)
  }

  init(_ description: Cell, _ graph: CellGraph, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    self.graph = graph
    inputSize = construction.inputSize
    let image = Array(construction.inputShape.prefix(2))
    positions = image[0] * image[1]
    var projections: [LayerSequence<Scalar>] = []
    var operations: [LayerSequence<Scalar>] = []
    var sums: [Tensor<Scalar>?] = []
    for vertex in 0..<graph.vertexCount {
      let shape = image + [graph.channels[vertex]]
      projections.append(
        construction.sequence(
          description.projection(graph, vertex), role: "projections.\(vertex)"))
      operations.append(
        construction.sequence(
          description.operation(graph, vertex), role: "operations.\(vertex)", inputShape: shape))
      sums.append(
        graph.needsSum(vertex) ? construction.makeMemory(shape) : nil)
    }
    (self.projections, self.operations, self.sums) = (projections, operations, sums)
    children = zip(projections, operations).flatMap { [$0, $1] }.filter { !$0.children.isEmpty }
    flopsPerSample = children.reduce(graph.additions * positions) { $0 + $1.flopsPerSample }
    values = Array(repeating: nil, count: graph.vertexCount)
    gradients = values
    pool = construction.pool
    workspace = construction.workspace
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    var output = input
    for vertex in 1..<graph.vertexCount {
      output = operations[vertex].forward(join(vertex, input, pass), pass)
      values[vertex] = output
    }
    return output
  }

  /// All that leads to a vertex.
  private func join(_ vertex: Int, _ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    let projected = graph.isProjected(vertex) ? projections[vertex].forward(input, pass) : nil
    guard let sum = sums[vertex] else {
      guard let one = projected ?? values[graph.sources[vertex][0]] else {
        preconditionFailure("something leads to every vertex")
      }
      return one
    }
    var isEmpty = true
    for (source, first) in graph.operands(of: vertex) {
      guard let value = values[source] else { continue }
      let columns = Columns(tensor: value, stride: graph.channels[source])
      if isEmpty || vertex == graph.output {
        let target = Columns(tensor: sum, stride: graph.channels[vertex], first: first)
        run(.copy(columns, into: target, clearsRest: false), pass)
      } else {
        add(columns, to: sum, width: graph.channels[vertex], pass)
      }
      isEmpty = false
    }
    if let projected {
      let width = graph.channels[vertex]
      add(Columns(tensor: projected, stride: width), to: sum, width: width, pass)
    }
    return sum
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    gradients[graph.output] = outputGradient
    var inputGradient: Tensor<Scalar>?
    for vertex in (1..<graph.vertexCount).reversed() {
      guard let given = gradients[vertex] else { continue }
      gradients[vertex] = nil
      guard let gradient = operations[vertex].backward(given, pass, needsInputGradient: true)
      else { continue }
      split(gradient, vertex, pass)
      guard graph.isProjected(vertex) else { continue }
      let part = projections[vertex].backward(
        gradient, pass, needsInputGradient: needsInputGradient)
      guard let part else { continue }
      if let sum = inputGradient {
        run(.merge(part, into: sum), pass)
        workspace.give(part)
      } else {
        inputGradient = part
      }
    }
    return inputGradient
  }

  /// Adds the gradient of all that leads to a vertex to those of what led there; it belongs to the
  /// projection afterwards, if there is one.
  private func split(_ gradient: Tensor<Scalar>, _ vertex: Int, _ pass: Pass) {
    let width = graph.channels[vertex]
    let operands = graph.operands(of: vertex)
    if sums[vertex] == nil, let (source, _) = operands.first, gradients[source] == nil {
      gradients[source] = gradient
      return
    }
    for (source, first) in operands {
      let columns = Columns(tensor: gradient, stride: width, first: first)
      let sourceWidth = graph.channels[source]
      if let sum = gradients[source] {
        add(columns, to: sum, width: sourceWidth, pass)
      } else {
        let part = workspace.take(pass.rows * positions * sourceWidth)
        gradients[source] = part
        let target = Columns(tensor: part, stride: sourceWidth)
        run(.copy(columns, into: target, clearsRest: true), pass)
      }
    }
    if !graph.isProjected(vertex) { workspace.give(gradient) }
  }

  private func add(
    _ columns: Columns, to sum: Tensor<Scalar>, width: Int, _ pass: Pass
  ) {
    let scratch =
      columns.stride == width ? nil : workspace.take(pass.rows * positions * width)
    run(.add(columns, to: Columns(tensor: sum, stride: width), scratch: scratch), pass)
    if let scratch { workspace.give(scratch) }
  }

  private func run(_ work: Work, _ pass: Pass) {
    self.work = work
    switch work {
    case .copy(_, let target, _), .add(_, let target, _):
      blocks = RowBlocks(rows: pass.rows * positions, columns: target.stride)
    case .merge: blocks = RowBlocks(rows: pass.rows, columns: inputSize)
    }
    pool.run(self, blocks: blocks.count)
    self.work = nil
  }

  func perform(block: Int) {
    let rows = blocks.range(of: block)
    switch work {
    case .copy(let source, let target, let clearsRest):
      copy(source, into: target, rows: rows, clearsRest: clearsRest)
    case .add(let source, let target, let scratch):
      let (first, count) = (rows.lowerBound * target.stride, rows.count * target.stride)
      if let scratch {
        let fitted = Columns(tensor: scratch, stride: target.stride)
        copy(source, into: fitted, rows: rows, clearsRest: true)
      }
      let addend = scratch ?? source.tensor
      Scalar.add(
        addend.scalars + first, to: target.tensor.scalars + first, count: count, rectifies: false)
    case .merge(let gradient, let sum):
      let first = rows.lowerBound * inputSize
      Scalar.add(
        gradient.scalars + first, to: sum.scalars + first, count: rows.count * inputSize,
        rectifies: false)
    case nil: return
    }
  }

  private func copy(
    _ source: Columns, into target: Columns, rows: Range<Int>, clearsRest: Bool
  ) {
    let count = min(source.stride - source.first, target.stride - target.first)
    let start = target.tensor.scalars + rows.lowerBound * target.stride
    if clearsRest, count < target.stride {
      Scalar.clear(start, count: rows.count * target.stride)
    }
    Scalar.copyColumns(
      source.tensor.scalars + rows.lowerBound * source.stride + source.first,
      stride: source.stride, into: start + target.first, stride: target.stride, rows: rows.count,
      columns: count)
  }
}
