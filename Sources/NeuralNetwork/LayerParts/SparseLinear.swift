import Tensors

/// The products of a linear layer whose weights are mostly masked: only those that live are
/// multiplied, forward and backward (as in Gale et al., "Sparse GPU kernels for deep learning",
/// 2020, with runs of the batch in the place of warps).
///
/// The weights, their gradients and the mask stay dense. What is known of the mask is worked out
/// once, for as long as it stays on; the values are gathered anew in each forward pass. Work is cut
/// by the mask and the batch alone, so the bits of the result do not depend on the number of
/// threads.
final class SparseLinear<Scalar: TensorScalar>: ParallelWork {
  private enum Work {
    case pack(UnsafePointer<Scalar>, into: UnsafeMutablePointer<Scalar>, columns: Int)
    case multiply(Forward)
    case differentiate(Backward)
  }

  private struct Forward {
    let weights: UnsafePointer<Scalar>
    let output: UnsafeMutablePointer<Scalar>
    let bias: UnsafePointer<Scalar>?
    let rectifies: Bool
  }

  private struct Backward {
    let slopes: UnsafePointer<Scalar>
    let weightGradient: UnsafeMutablePointer<Scalar>
    let inputGradient: UnsafeMutablePointer<Scalar>?
  }

  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private let kernels: any SparseKernels<Scalar>
  /// [outputs, inputs], and [inputs, outputs].
  private let pattern, transposed: SparsePattern
  private let pieces, transposedPieces: [Int]
  private let values, transposedValues: Tensor<Scalar>
  /// The input of the last forward pass, in panels.
  private let packedInput: Tensor<Scalar>
  private var panels: RowPanels
  private var work: Work?
  private var isCut = false
  private var columnsPerBlock = 0

  /// Whether a layer is faster this way, both passes together. Measured on batches of 1 to 500 with
  /// AVX-512, AVX2 and SSE2: from 1.1 to 3 times as fast at this density, about the same at 0.35
  /// with AVX-512; tiny products gain nothing.
  static func pays(kept: Int, of count: Int) -> Bool {
    let densityMax = 0.25
    let countMin = 4096
    return count >= countMin && Double(kept) <= densityMax * Double(count)
  }

  /// nil where the dense products are faster.
  /// - Parameters:
  ///   - mask: 1 where a weight lives, else 0; [outputs, inputs].
  ///   - rowsMax: of the largest batch.
  init?(
    _ mask: Tensor<Scalar>, rowsMax: Int, pool: WorkerPool, workspace: Workspace<Scalar>
  ) {
    let kernels = Scalar.sparseKernels
    let kept = kernels.findNonzeros(mask.scalars, count: mask.count, into: nil)
    guard Self.pays(kept: kept, of: mask.count) else { return nil }
    self.pool = pool
    self.workspace = workspace
    self.kernels = kernels
    pattern = SparsePattern(
      ofNonzerosIn: mask.scalars, rows: mask.shape[0], columns: mask.shape[1], kernels)
    transposed = SparsePattern(transposing: pattern)
    let piecesMax = 16
    pieces = pattern.pieces(countMax: piecesMax)
    transposedPieces = transposed.pieces(countMax: piecesMax)
    values = Tensor(shape: [kept])
    transposedValues = Tensor(shape: [kept])
    panels = RowPanels(rows: rowsMax, kernels)
    packedInput = Tensor(shape: [panels.paddedRows * pattern.columns])
  }

  /// output = max(input · weightᵀ + bias, 0), or without the maximum.
  /// - Parameters:
  ///   - input: [rows, inputs].
  ///   - output: [rows, outputs].
  func forward(
    _ input: Tensor<Scalar>, rows: Int, weight: Tensor<Scalar>, bias: Tensor<Scalar>?,
    rectifies: Bool, into output: Tensor<Scalar>
  ) {
    panels = RowPanels(rows: rows, kernels)
    pack(input, columns: pattern.columns, into: packedInput)
    run(
      .multiply(
        Forward(
          weights: weight.scalars, output: output.scalars, bias: bias?.scalars,
          rectifies: rectifies)), blocks: pieces.count - 1)
  }

  /// The gradients of a pass whose `forward` was the last one. Those of masked weights stay what
  /// they are.
  /// - Parameters:
  ///   - outputGradient: [rows, outputs].
  ///   - inputGradient: [rows, inputs]; nil: not needed.
  func backward(
    _ outputGradient: Tensor<Scalar>, weightGradient: Tensor<Scalar>,
    inputGradient: Tensor<Scalar>?
  ) {
    guard panels.rows > 0 else { return weightGradient.fill(0) }
    let packed = workspace.take(panels.paddedRows * pattern.rows)
    pack(outputGradient, columns: pattern.rows, into: packed)
    let blocks = pieces.count - 1 + (inputGradient == nil ? 0 : transposedPieces.count - 1)
    run(
      .differentiate(
        Backward(
          slopes: packed.scalars, weightGradient: weightGradient.scalars,
          inputGradient: inputGradient?.scalars)), blocks: blocks)
    workspace.give(packed)
  }

  private func pack(_ matrix: Tensor<Scalar>, columns: Int, into packed: Tensor<Scalar>) {
    // Less is done before another thread is awake; whole vectors but for the last block.
    let scalarsPerBlockMin = 1 << 18
    let granularity = 16
    let columnsMin = scalarsPerBlockMin / max(1, panels.rows)
    columnsPerBlock = max(columnsMin, granularity) / granularity * granularity
    work = .pack(matrix.scalars, into: packed.scalars, columns: columns)
    pool.run(self, blocks: (columns + columnsPerBlock - 1) / columnsPerBlock)
    work = nil
  }

  private func run(_ newWork: Work, blocks: Int) {
    let productsForThreadsMin = 1 << 20
    isCut = pattern.count * panels.rows >= productsForThreadsMin
    work = newWork
    pool.run(self, blocks: isCut ? blocks : 1)
    work = nil
  }

  func perform(block: Int) {
    switch work {
    case .pack(let matrix, let packed, let columns):
      let first = block * columnsPerBlock
      let range = first..<min(columns, first + columnsPerBlock)
      for panel in 0..<panels.count {
        let rows = panels.range(of: panel)
        kernels.pack(
          matrix + rows.lowerBound * columns, stride: columns, rows: rows.count, columns: range,
          into: packed + rows.lowerBound * columns)
      }
    case .multiply(let forward):
      multiply(forward, rows: isCut ? pieces[block]..<pieces[block + 1] : 0..<pattern.rows)
    case .differentiate(let backward):
      let weightBlocks = pieces.count - 1
      if !isCut {
        differentiate(backward, rows: 0..<pattern.rows)
        propagate(backward, rows: 0..<transposed.rows)
      } else if block < weightBlocks {
        differentiate(backward, rows: pieces[block]..<pieces[block + 1])
      } else {
        let piece = block - weightBlocks
        propagate(backward, rows: transposedPieces[piece]..<transposedPieces[piece + 1])
      }
    case nil: return
    }
  }

  /// Some columns of the output.
  private func multiply(_ forward: Forward, rows: Range<Int>) {
    let first = pattern.starts[rows.lowerBound]
    kernels.gather(
      forward.weights, at: pattern.places + first,
      count: pattern.starts[rows.upperBound] - first, into: values.scalars + first)
    var product = SparseProduct(
      pattern, values: UnsafePointer(values.scalars), sparseRows: rows, into: forward.output,
      outputStride: pattern.rows, bias: forward.bias, rectifies: forward.rectifies)
    for panel in 0..<panels.count {
      let range = panels.range(of: panel)
      product.output = forward.output + range.lowerBound * pattern.rows
      kernels.multiply(
        product, panel: packedInput.scalars + range.lowerBound * pattern.columns,
        rows: range.count)
    }
  }

  /// Some rows of the weights' gradient.
  private func differentiate(_ backward: Backward, rows: Range<Int>) {
    for panel in 0..<panels.count {
      let range = panels.range(of: panel)
      kernels.multiply(
        SparseGradient(
          at: pattern, sparseRows: rows,
          slopes: backward.slopes + range.lowerBound * pattern.rows,
          inputs: UnsafePointer(packedInput.scalars) + range.lowerBound * pattern.columns,
          into: backward.weightGradient, adds: panel > 0), panelRows: range.count)
    }
  }

  /// Some columns of the input's gradient.
  private func propagate(_ backward: Backward, rows: Range<Int>) {
    guard let inputGradient = backward.inputGradient else { return }
    let first = transposed.starts[rows.lowerBound]
    kernels.gather(
      values.scalars, at: transposed.places + first,
      count: transposed.starts[rows.upperBound] - first, into: transposedValues.scalars + first)
    var product = SparseProduct(
      transposed, values: UnsafePointer(transposedValues.scalars), sparseRows: rows,
      into: inputGradient, outputStride: transposed.rows)
    for panel in 0..<panels.count {
      let range = panels.range(of: panel)
      product.output = inputGradient + range.lowerBound * transposed.rows
      kernels.multiply(
        product, panel: backward.slopes + range.lowerBound * pattern.rows, rows: range.count)
    }
  }
}
