import Tensors

/// y = branch(x) + shortcut(x), where the shortcut is usually x itself. A rectifier behind the
/// layer is computed with the addition.
public struct Residual: LayerDescription {
  public static let kind = "residual"
  public static let summary = "branch(inputs) + shortcut(inputs)"
  public static let paper: String? =
    "He, Zhang, Ren, Sun, Deep residual learning for image recognition, 2015"

  public let branch: [any LayerDescription]
  /// Empty: the input as it is.
  public let shortcut: [any LayerDescription]

  public init(branch: [any LayerDescription], shortcut: [any LayerDescription] = []) {
    self.branch = branch
    self.shortcut = shortcut
  }

  public init(_ settings: some Settings) throws {
    branch = try settings.layers("branch", default: nil)
    shortcut = try settings.layers("shortcut", default: [])
  }

  public var canRectify: Bool { true }
  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    let branchShape = try branch.outputShape(for: inputShape, role: "branch")
    let shortcutShape = try shortcut.outputShape(for: inputShape, role: "shortcut")
    guard branchShape == shortcutShape else {
      throw ShapeMismatch(
        "the branch gives samples of \(branchShape), the shortcut samples of \(shortcutShape); "
          + "they are added and need the same shape")
    }
    return branchShape
  }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    let start = trace.channels
    let one = trace.trace(branch, from: inputShape, channels: start)
    let other = trace.trace(shortcut, from: inputShape, channels: start)
    trace.unite(one, other)
    trace.become(one)
  }

  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription {
    let branch = narrowing.narrowed(branch)
    return Residual(branch: branch, shortcut: narrowing.narrowed(shortcut))
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    ResidualLayer(self, construction)
  }
}

final class ResidualLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let flopsPerSample: Int
  let children: [any Layer<Scalar>]

  private let inputSize, outputSize: Int
  private let rectifies: Bool
  private let branch, shortcut: LayerSequence<Scalar>
  /// nil: the sum is computed in the output of the branch or of the shortcut.
  private let ownOutput: Tensor<Scalar>?
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private var output: Tensor<Scalar>?
  private var work: Work?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  private enum Work {
    /// The sum of two outputs, rectified where the layer is to do that; the target may be one of
    /// them.
    case add(Tensor<Scalar>, Tensor<Scalar>, into: Tensor<Scalar>)
    /// Zeroes a gradient where the rectifier did, and copies it.
    case split(Tensor<Scalar>, copy: Tensor<Scalar>)
    /// Adds a gradient to another.
    case merge(Tensor<Scalar>, into: Tensor<Scalar>)
  }

  init(_ description: Residual, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    inputSize = construction.inputSize
    outputSize = construction.outputSize
    rectifies = construction.rectifiesOutput
    branch = construction.sequence(description.branch, role: "branch")
    shortcut = construction.sequence(description.shortcut, role: "shortcut")
    children = [branch, shortcut].filter { !$0.children.isEmpty }
    flopsPerSample = branch.flopsPerSample + shortcut.flopsPerSample + outputSize
    ownOutput =
      branch.isOutputFree || shortcut.isOutputFree ? nil : construction.makeOutput()
    pool = construction.pool
    workspace = construction.workspace
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    let one = branch.forward(input, pass)
    let other = shortcut.forward(input, pass)
    let sum = ownOutput ?? (branch.isOutputFree ? one : other)
    run(.add(one, other, into: sum), pass.rows, size: outputSize)
    output = sum
    return sum
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    let copy = workspace.take(pass.rows * outputSize)
    run(.split(outputGradient, copy: copy), pass.rows, size: outputSize)
    let one = branch.backward(copy, pass, needsInputGradient: needsInputGradient)
    let other = shortcut.backward(
      outputGradient, pass, needsInputGradient: needsInputGradient)
    guard let one, let other else { return nil }
    run(.merge(other, into: one), pass.rows, size: inputSize)
    workspace.give(other)
    return one
  }

  private func run(_ work: Work, _ rows: Int, size: Int) {
    self.work = work
    blocks = RowBlocks(rows: rows, columns: size)
    pool.run(self, blocks: blocks.count)
    self.work = nil
  }

  func perform(block: Int) {
    let range = blocks.range(of: block)
    switch work {
    case .add(let one, let other, let sum):
      let (first, count) = (range.lowerBound * outputSize, range.count * outputSize)
      let target = sum.scalars + first
      if sum !== one && sum !== other { target.update(from: one.scalars + first, count: count) }
      let addend = sum === other ? one : other
      Scalar.add(addend.scalars + first, to: target, count: count, rectifies: rectifies)
    case .split(let gradient, let copy):
      let (first, count) = (range.lowerBound * outputSize, range.count * outputSize)
      let slopes = gradient.scalars + first
      if rectifies, let output {
        Scalar.rectifyGradient(
          output: output.scalars + first, outputGradient: slopes, into: slopes, count: count)
      }
      (copy.scalars + first).update(from: slopes, count: count)
    case .merge(let gradient, let sum):
      let (first, count) = (range.lowerBound * inputSize, range.count * inputSize)
      Scalar.add(
        gradient.scalars + first, to: sum.scalars + first, count: count, rectifies: false)
    case nil: return
    }
  }
}
