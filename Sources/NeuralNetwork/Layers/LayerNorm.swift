import Tensors

/// y = (x - mean) / √(variance + epsilon) · weight + bias, with the moments of the last axis.
public struct LayerNorm: LayerDescription {
  public static let kind = "layerNorm"
  public static let summary = "normalises the last axis of each sample, with gain and shift"
  public static let paper: String? = "Ba, Kiros, Hinton, Layer normalization, 2016"

  public let epsilon: Double

  public init(epsilon: Double = 1e-5) {
    self.epsilon = epsilon
  }

  public init(_ settings: some Settings) throws {
    epsilon = try settings.number("epsilon", in: 1e-12...1, default: 1e-5)
  }

  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    LayerNormLayer(self, construction)
  }
}

final class LayerNormLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let parameters: [Parameter<Scalar>]
  let flopsPerSample: Int

  private let features, positions: Int
  private let epsilon: Scalar
  private let gain, shift: Parameter<Scalar>
  /// Mean and scale of each position, [rows · positions, 2].
  private let moments: Tensor<Scalar>
  /// Gradients of gain and shift of each block, [blocks, 2, features], and their sums.
  private let partialSums, sums: Tensor<Scalar>
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private var input, gradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ description: LayerNorm, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    features = construction.inputShape.last ?? 1
    positions = construction.inputSize / max(1, features)
    flopsPerSample = 5 * construction.inputSize
    epsilon = Scalar(description.epsilon)
    gain = construction.parameter("weight", .normalization, shape: [features])
    gain.value.fill(1)
    shift = construction.parameter("bias", .normalization, shape: [features])
    parameters = [gain, shift]
    let rows = construction.batchSizeMax * positions
    moments = Tensor(shape: [rows, 2])
    partialSums = Tensor(
      shape: [RowBlocks.countMax(rows: rows, columns: features), 2, features])
    sums = Tensor(shape: [2, features])
    output = construction.makeOutput()
    pool = construction.pool
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    (self.input, gradient) = (input, nil)
    run(pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    gradient = outputGradient
    partialSums.fill(0)
    run(pass)
    gradient = nil
    Scalar.sumRows(
      partialSums.scalars, rows: blocks.count, columns: 2 * features, into: sums.scalars)
    gain.gradient.scalars.update(from: sums.scalars, count: features)
    shift.gradient.scalars.update(from: sums.scalars + features, count: features)
    return outputGradient
  }

  private func run(_ pass: Pass) {
    blocks = RowBlocks(rows: pass.rows * positions, columns: features)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    guard let input else { preconditionFailure("backward follows a forward") }
    let range = blocks.range(of: block)
    let first = range.lowerBound * features
    if let gradient {
      let partial = partialSums.scalars + block * 2 * features
      Scalar.normalizeRowsGradient(
        input.scalars + first, rows: range.count, columns: features, gain: gain.value.scalars,
        moments: moments.scalars + 2 * range.lowerBound, gradient: gradient.scalars + first,
        gainGradient: partial, shiftGradient: partial + features)
    } else {
      Scalar.normalizeRows(
        input.scalars + first, rows: range.count, columns: features, gain: gain.value.scalars,
        shift: shift.value.scalars, epsilon: epsilon, into: output.scalars + first,
        moments: moments.scalars + 2 * range.lowerBound)
    }
  }
}
