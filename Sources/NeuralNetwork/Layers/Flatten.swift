import Tensors

/// A sample as one row of numbers, in PyTorch's order: images [height, width, channels] channel by
/// channel, everything else as it is stored.
public struct Flatten: LayerDescription {
  public static let kind = "flatten"
  public static let summary = "a sample as one row of numbers; images channel by channel"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    [inputShape.reduce(1, *)]
  }

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: true) }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    let channels = trace.channels
    let positions = inputShape.dropLast().reduce(1, *)
    let isImage = inputShape.count == 3
    trace.become(
      isImage
        ? channels.flatMap { Array(repeating: $0, count: positions) }
        : (0..<positions).flatMap { _ in channels })
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    FlattenLayer(construction)
  }
}

final class FlattenLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let flopsPerSample = 0

  private let channels, pixels: Int
  /// nil: the order stays as it is.
  private let output: Tensor<Scalar>?
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private var input, gradient, inputGradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ construction: LayerConstruction<Scalar>) {
    name = construction.name
    let shape = construction.inputShape
    channels = shape.count == 3 ? shape[2] : 1
    pixels = construction.inputSize / max(1, channels)
    output = channels > 1 && pixels > 1 ? construction.makeOutput() : nil
    pool = construction.pool
    workspace = construction.workspace
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    guard let output else { return input }
    (self.input, gradient, inputGradient) = (input, nil, nil)
    run(pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    guard needsInputGradient, output != nil else { return outputGradient }
    let result = workspace.take(pass.rows * pixels * channels)
    (gradient, inputGradient) = (outputGradient, result)
    run(pass)
    (gradient, inputGradient) = (nil, nil)
    workspace.give(outputGradient)
    return result
  }

  private func run(_ pass: Pass) {
    blocks = RowBlocks(rows: pass.rows, columns: pixels * channels)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    for row in blocks.range(of: block) {
      let first = row * pixels * channels
      if let gradient, let inputGradient {
        Scalar.transpose(
          gradient.scalars + first, rows: channels, columns: pixels,
          into: inputGradient.scalars + first)
      } else if let input, let output {
        Scalar.transpose(
          input.scalars + first, rows: pixels, columns: channels, into: output.scalars + first)
      }
    }
  }
}
