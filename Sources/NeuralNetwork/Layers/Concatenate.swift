import Tensors

/// The outputs of several branches side by side along the last axis.
public struct Concatenate: LayerDescription {
  public static let kind = "concatenate"
  public static let summary = "the outputs of several branches side by side"
  public static let paper: String? = "Szegedy et al., Going deeper with convolutions, 2014"

  /// An empty branch gives the input as it is.
  public let branches: [[any LayerDescription]]

  public init(branches: [[any LayerDescription]]) {
    self.branches = branches
  }

  public init(_ settings: some Settings) throws {
    branches = try settings.branches("branches")
  }

  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    let shapes = try branchShapes(for: inputShape)
    guard let first = shapes.first, !first.isEmpty else {
      throw ShapeMismatch("needs a branch, and samples with an axis to join along")
    }
    for (index, shape) in shapes.enumerated() where shape.dropLast() != first.dropLast() {
      throw ShapeMismatch(
        "branch 1 gives samples of \(first), branch \(index + 1) samples of \(shape); all axes but "
          + "the last need the same extent")
    }
    return first.dropLast() + [shapes.reduce(0) { $0 + ($1.last ?? 0) }]
  }

  private func branchShapes(for inputShape: [Int]) throws(ShapeMismatch) -> [[Int]] {
    var shapes: [[Int]] = []
    for (index, branch) in branches.enumerated() {
      shapes.append(try branch.outputShape(for: inputShape, role: "branch \(index + 1),"))
    }
    return shapes
  }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    let start = trace.channels
    var joined: [Int] = []
    for branch in branches { joined += trace.trace(branch, from: inputShape, channels: start) }
    trace.become(joined)
  }

  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription {
    var narrowed: [[any LayerDescription]] = []
    for branch in branches { narrowed.append(narrowing.narrowed(branch)) }
    return Concatenate(branches: narrowed)
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    do throws(ShapeMismatch) {
      let widths = try branchShapes(for: construction.inputShape).map { $0.last ?? 0 }
      return ConcatenateLayer(self, widths, construction)
    } catch {
      preconditionFailure("shapes are checked before layers are made")
    }
  }
}

final class ConcatenateLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let flopsPerSample: Int
  let children: [any Layer<Scalar>]

  private let branches: [LayerSequence<Scalar>]
  /// Where each branch's columns begin, and where the last's end.
  private let edges: [Int]
  private let inputSize, positions: Int
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private var work: Work?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  private enum Work {
    /// A branch's columns of the output.
    case join(Tensor<Scalar>, branch: Int)
    /// A branch's columns of the output's gradient.
    case split(Tensor<Scalar>, branch: Int, into: Tensor<Scalar>)
    /// Adds a gradient to another.
    case merge(Tensor<Scalar>, into: Tensor<Scalar>)
  }

  init(
    _ description: Concatenate, _ widths: [Int], _ construction: LayerConstruction<Scalar>
  ) {
    name = construction.name
    branches = description.branches.enumerated().map { index, branch in
      construction.sequence(branch, role: "branches.\(index)")
    }
    children = branches.filter { !$0.children.isEmpty }
    flopsPerSample = children.reduce(0) { $0 + $1.flopsPerSample }
    edges = widths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    inputSize = construction.inputSize
    positions = construction.outputSize / max(1, construction.outputShape.last ?? 1)
    output = construction.makeOutput()
    pool = construction.pool
    workspace = construction.workspace
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    for index in branches.indices {
      let part = branches[index].forward(input, pass)
      run(.join(part, branch: index), rows: pass.rows * positions, columns: width(index))
    }
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    var sum: Tensor<Scalar>?
    for index in branches.indices {
      let part = workspace.take(pass.rows * positions * width(index))
      run(
        .split(outputGradient, branch: index, into: part), rows: pass.rows * positions,
        columns: width(index))
      let gradient = branches[index].backward(
        part, pass, needsInputGradient: needsInputGradient)
      guard let gradient else { continue }
      if let sum {
        run(.merge(gradient, into: sum), rows: pass.rows, columns: inputSize)
        workspace.give(gradient)
      } else {
        sum = gradient
      }
    }
    workspace.give(outputGradient)
    return sum
  }

  private func width(_ branch: Int) -> Int { edges[branch + 1] - edges[branch] }

  private func run(_ work: Work, rows: Int, columns: Int) {
    self.work = work
    blocks = RowBlocks(rows: rows, columns: columns)
    pool.run(self, blocks: blocks.count)
    self.work = nil
  }

  func perform(block: Int) {
    let range = blocks.range(of: block)
    let stride = edges[branches.count]
    switch work {
    case .join(let part, let branch):
      let columns = width(branch)
      Scalar.copyColumns(
        part.scalars + range.lowerBound * columns, stride: columns,
        into: output.scalars + range.lowerBound * stride + edges[branch], stride: stride,
        rows: range.count, columns: columns)
    case .split(let gradient, let branch, let part):
      let columns = width(branch)
      Scalar.copyColumns(
        gradient.scalars + range.lowerBound * stride + edges[branch], stride: stride,
        into: part.scalars + range.lowerBound * columns, stride: columns, rows: range.count,
        columns: columns)
    case .merge(let gradient, let sum):
      let first = range.lowerBound * inputSize
      Scalar.add(
        gradient.scalars + first, to: sum.scalars + first, count: range.count * inputSize,
        rectifies: false)
    case nil: return
    }
  }
}
