import Tensors

/// The mean over all pixels, [height, width, channels] → [channels], or over all steps,
/// [steps, features] → [features]: of a sequence that has a length, over its valid steps.
public struct GlobalAveragePool: LayerDescription {
  public static let kind = "globalAveragePool"
  public static let summary = "the mean over all pixels, or over all steps"
  public static let paper: String? = "Lin, Chen, Yan, Network in network, 2013"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public var readsOutput: Bool { false }

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: true) }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    guard 2...3 ~= inputShape.count, let channels = inputShape.last,
      inputShape.allSatisfy({ $0 > 0 })
    else {
      throw ShapeMismatch(
        got: inputShape, needs: "[height, width, channels] or [steps, features]")
    }
    return [channels]
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    GlobalAveragePoolLayer(construction)
  }
}

final class GlobalAveragePoolLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let flopsPerSample: Int

  private let channels, positions: Int
  private let isSequence: Bool
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private var input, gradient, inputGradient: Tensor<Scalar>?
  private var lengths: UnsafePointer<Int32>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ construction: LayerConstruction<Scalar>) {
    name = construction.name
    channels = construction.outputSize
    positions = construction.inputSize / max(1, channels)
    isSequence = construction.inputShape.count == 2
    flopsPerSample = construction.inputSize
    output = construction.makeOutput()
    pool = construction.pool
    workspace = construction.workspace
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    (self.input, gradient, inputGradient) = (input, nil, nil)
    run(pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    guard needsInputGradient else { return outputGradient }
    let result = workspace.take(pass.rows * positions * channels)
    (gradient, inputGradient) = (outputGradient, result)
    run(pass)
    (gradient, inputGradient) = (nil, nil)
    workspace.give(outputGradient)
    return result
  }

  private func run(_ pass: Pass) {
    lengths = isSequence ? pass.lengths : nil
    blocks = RowBlocks(rows: pass.rows, columns: positions * channels)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    for row in blocks.range(of: block) {
      let first = row * positions * channels
      let valid = lengths.map { min(max(0, Int($0[row])), positions) } ?? positions
      let share = 1 / Scalar(max(1, valid))
      if let gradient, let inputGradient {
        let target = inputGradient.scalars + first
        Scalar.spread(
          gradient.scalars + row * channels, factor: share, over: target, rows: valid,
          columns: channels)
        Scalar.clear(target + valid * channels, count: (positions - valid) * channels)
      } else if let input {
        let target = output.scalars + row * channels
        Scalar.sumRows(input.scalars + first, rows: valid, columns: channels, into: target)
        Scalar.scale(target, by: share, count: channels)
      }
    }
  }
}
