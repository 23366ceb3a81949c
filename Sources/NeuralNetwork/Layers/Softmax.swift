import Tensors

/// yᵢ = exp(xᵢ) / Σ exp(xⱼ) over the last axis. The loss crossEntropy does this by itself.
public struct Softmax: LayerDescription {
  public static let kind = "softmax"
  public static let summary = "shares of 1: exp(inputs) / their sum over the last axis"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    SoftmaxLayer(construction)
  }
}

final class SoftmaxLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let flopsPerSample: Int

  private let classes, positions: Int
  private let pool: WorkerPool
  /// nil: computes in place.
  private let ownOutput: Tensor<Scalar>?
  private var input, output, gradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ construction: LayerConstruction<Scalar>) {
    name = construction.name
    classes = construction.inputShape.last ?? 1
    positions = construction.inputSize / max(1, classes)
    flopsPerSample = 4 * construction.inputSize
    pool = construction.pool
    ownOutput = construction.mayOverwriteInput ? nil : construction.makeOutput()
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    let output = ownOutput ?? input
    (self.input, self.output, gradient) = (input, output, nil)
    run(pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    gradient = outputGradient
    run(pass)
    gradient = nil
    return outputGradient
  }

  private func run(_ pass: Pass) {
    blocks = RowBlocks(rows: pass.rows * positions, columns: classes)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    guard let input, let output else { preconditionFailure("backward follows a forward") }
    let range = blocks.range(of: block)
    let first = range.lowerBound * classes
    if let gradient {
      Scalar.softmaxGradient(
        output: output.scalars + first, gradient: gradient.scalars + first, rows: range.count,
        columns: classes)
    } else {
      Scalar.softmax(
        input.scalars + first, into: output.scalars + first, rows: range.count,
        columns: classes)
    }
  }
}
