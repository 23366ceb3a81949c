import Tensors

/// Σ softmax(α)ₒ · branchₒ(x) over some branches (Liu, Simonyan, Yang, "DARTS: differentiable
/// architecture search", ICLR 2019, eq. 2), where α is a row of a parameter.
final class Mixture<Scalar: TensorScalar>: ParallelWork {
  let branches: [LayerSequence<Scalar>]
  let flopsPerSample: Int

  private let strengths: Parameter<Scalar>
  /// Where the row of α begins.
  private let offset: Int
  private let inputSize, size: Int
  /// softmax(α).
  private let shares: Tensor<Scalar>
  /// For each block of the work a product of gradient and output.
  private let partialSums: Tensor<Scalar>
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  /// What each branch gave.
  private var outputs: [Tensor<Scalar>]
  private var work: Work?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  private enum Work {
    /// sum = share · output, or sum += share · output
    case mix(Tensor<Scalar>, share: Scalar, into: Tensor<Scalar>, scratch: Tensor<Scalar>?)
    /// part = share · gradient, and the product of gradient and output
    case split(Tensor<Scalar>, output: Tensor<Scalar>, share: Scalar, into: Tensor<Scalar>)
    case merge(Tensor<Scalar>, into: Tensor<Scalar>)
  }

  /// - Parameters:
  ///   - role: names the branches in the places of their layers.
  ///   - strengths: α, [edges, branches].
  ///   - edge: the row of α.
  ///   - inputShape: of one sample, before the branches; `outputShape`: behind them.
  init(
    _ branches: [[any LayerDescription]], role: String, _ strengths: Parameter<Scalar>, edge: Int,
    inputShape: [Int], outputShape: [Int], _ construction: LayerConstruction<Scalar>
  ) {
    self.branches = branches.enumerated().map { index, branch in
      construction.sequence(branch, role: "\(role).\(index)", inputShape: inputShape)
    }
    self.strengths = strengths
    offset = edge * branches.count
    inputSize = inputShape.reduce(1, *)
    size = outputShape.reduce(1, *)
    flopsPerSample =
      self.branches.reduce(0) { $0 + $1.flopsPerSample } + (2 * branches.count - 1) * size
    shares = Tensor(shape: [branches.count])
    partialSums = Tensor(
      shape: [RowBlocks.countMax(rows: construction.batchSizeMax, columns: size)])
    pool = construction.pool
    workspace = construction.workspace
    outputs = []
    outputs.reserveCapacity(branches.count)
  }

  /// - Parameter isFirst: false: the mixture is added to what is in `sum` already.
  func forward(_ input: Tensor<Scalar>, _ pass: Pass, into sum: Tensor<Scalar>, isFirst: Bool) {
    Scalar.softmax(
      strengths.value.scalars + offset, into: shares.scalars, rows: 1, columns: branches.count)
    outputs.removeAll(keepingCapacity: true)
    for index in branches.indices {
      let output = branches[index].forward(input, pass)
      outputs.append(output)
      let scratch = isFirst && index == 0 ? nil : workspace.take(pass.rows * size)
      run(.mix(output, share: shares[index], into: sum, scratch: scratch), pass)
      if let scratch { workspace.give(scratch) }
    }
  }

  /// Fills the row's gradient and those of the branches.
  /// - Parameter gradient: with respect to the mixture; stays as it is.
  /// - Returns: the gradient with respect to the input, from the workspace; nil when it is not
  ///   needed.
  func backward(
    _ gradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    var inputGradient: Tensor<Scalar>?
    let slopes = strengths.gradient.scalars + offset
    for index in branches.indices {
      let part = workspace.take(pass.rows * size)
      run(.split(gradient, output: outputs[index], share: shares[index], into: part), pass)
      var product: Scalar = 0
      for block in 0..<blocks.count { product += partialSums[block] }
      slopes[index] = product
      let given = branches[index].backward(part, pass, needsInputGradient: needsInputGradient)
      guard let given else { continue }
      if let sum = inputGradient {
        run(.merge(given, into: sum), pass)
        workspace.give(given)
      } else {
        inputGradient = given
      }
    }
    Scalar.softmaxGradient(
      output: shares.scalars, gradient: slopes, rows: 1, columns: branches.count)
    return inputGradient
  }

  private func run(_ work: Work, _ pass: Pass) {
    self.work = work
    var columns = size
    if case .merge = work { columns = inputSize }
    blocks = RowBlocks(rows: pass.rows, columns: columns)
    pool.run(self, blocks: blocks.count)
    self.work = nil
  }

  func perform(block: Int) {
    let rows = blocks.range(of: block)
    let (first, count) = (rows.lowerBound * size, rows.count * size)
    switch work {
    case .mix(let output, let share, let sum, let scratch):
      let scaled = (scratch ?? sum).scalars + first
      scaled.update(from: output.scalars + first, count: count)
      Scalar.scale(scaled, by: share, count: count)
      guard scratch != nil else { return }
      Scalar.add(scaled, to: sum.scalars + first, count: count, rectifies: false)
    case .split(let gradient, let output, let share, let part):
      partialSums[block] = Scalar.dotProduct(
        gradient.scalars + first, output.scalars + first, count: count)
      (part.scalars + first).update(from: gradient.scalars + first, count: count)
      Scalar.scale(part.scalars + first, by: share, count: count)
    case .merge(let gradient, let sum):
      let first = rows.lowerBound * inputSize
      Scalar.add(
        gradient.scalars + first, to: sum.scalars + first, count: rows.count * inputSize,
        rectifies: false)
    case nil: return
    }
  }
}
