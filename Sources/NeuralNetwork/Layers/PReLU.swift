import Tensors

/// y = x above 0, slope · x below, with a slope that is learned: one, or one for each channel (the
/// last axis).
public struct PReLU: LayerDescription {
  public static let kind = "prelu"
  public static let summary = "rectifier with a learned slope below 0"
  public static let paper: String? = "He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015"

  public let initial: Double
  public let isPerChannel: Bool

  public init(initial: Double = 0.25, perChannel: Bool = false) {
    self.initial = initial
    isPerChannel = perChannel
  }

  public init(_ settings: some Settings) throws {
    initial = try settings.number("initial", in: -10...10, default: 0.25)
    isPerChannel = try settings.flag("perChannel", default: false)
  }

  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: true) }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    if isPerChannel { trace.note("\(name).weight", axes: [trace.channels]) }
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    PReLULayer(self, construction)
  }
}

final class PReLULayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let parameters: [Parameter<Scalar>]
  let flopsPerSample: Int

  private let channels, positions: Int
  private let slope: Parameter<Scalar>
  /// The slope of each channel.
  private let slopes: Tensor<Scalar>
  /// The slopes' gradients of each block, [blocks, channels], and their sum.
  private let partialGradients, slopeGradients: Tensor<Scalar>
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private var input, gradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ description: PReLU, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    channels = construction.inputShape.last ?? 1
    positions = construction.inputSize / max(1, channels)
    flopsPerSample = construction.inputSize
    slope = construction.parameter(
      "weight", .normalization, shape: [description.isPerChannel ? channels : 1])
    slope.value.fill(Scalar(description.initial))
    parameters = [slope]
    slopes = Tensor(shape: [channels])
    slopeGradients = Tensor(shape: [channels])
    let rows = construction.batchSizeMax * positions
    partialGradients = Tensor(
      shape: [RowBlocks.countMax(rows: rows, columns: channels), channels])
    output = construction.makeOutput()
    pool = construction.pool
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    (self.input, gradient) = (input, nil)
    if slope.value.count == channels {
      slopes.copy(from: slope.value)
    } else {
      slopes.fill(slope.value.scalars[0])
    }
    run(pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    gradient = outputGradient
    run(pass)
    gradient = nil
    Scalar.sumRows(
      partialGradients.scalars, rows: blocks.count, columns: channels,
      into: slopeGradients.scalars)
    if slope.gradient.count == channels {
      slope.gradient.copy(from: slopeGradients)
    } else {
      Scalar.sumRows(
        slopeGradients.scalars, rows: channels, columns: 1, into: slope.gradient.scalars)
    }
    return outputGradient
  }

  private func run(_ pass: Pass) {
    blocks = RowBlocks(rows: pass.rows * positions, columns: channels)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    guard let input else { preconditionFailure("backward follows a forward") }
    let range = blocks.range(of: block)
    let first = range.lowerBound * channels
    if let gradient {
      Scalar.rectifyGradient(
        input: input.scalars + first, slopes: slopes.scalars, gradient: gradient.scalars + first,
        slopeGradient: partialGradients.scalars + block * channels, rows: range.count,
        columns: channels)
    } else {
      Scalar.rectify(
        input.scalars + first, slopes: slopes.scalars, into: output.scalars + first,
        rows: range.count, columns: channels)
    }
  }
}
