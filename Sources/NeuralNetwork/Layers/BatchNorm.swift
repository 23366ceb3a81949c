import Tensors

/// y = (x - mean) / √(variance + epsilon) · weight + bias for each channel (the last axis), with
/// the moments of the batch while training, else with the running ones.
///
/// Running moments follow the batch's by `momentum`; as in PyTorch the running variance is the
/// unbiased one. A rectifier behind the layer is computed with it.
public struct BatchNorm: LayerDescription {
  public static let kind = "batchNorm"
  public static let summary = "normalises each channel over the batch, with gain and shift"
  public static let paper: String? = "Ioffe, Szegedy, Batch normalization, 2015"

  public let momentum, epsilon: Double
  /// False: without weight and bias, which are then 1 and 0.
  public let isAffine: Bool

  public init(momentum: Double = 0.1, epsilon: Double = 1e-5, isAffine: Bool = true) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.isAffine = isAffine
  }

  public init(_ settings: some Settings) throws {
    momentum = try settings.number("momentum", in: 0...1, default: 0.1)
    epsilon = try settings.number("epsilon", in: 1e-12...1, default: 1e-5)
    isAffine = try settings.flag("affine", default: true)
  }

  public var canRectify: Bool { true }
  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: false) }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    for role in ["weight", "bias", "running_mean", "running_var"] {
      trace.note("\(name).\(role)", axes: [trace.channels])
    }
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    BatchNormLayer(self, construction)
  }
}

/// Each direction goes over the data twice: for sums, and for the result. What the normalised input
/// was is computed again from the input, which costs less than to write it down.
final class BatchNormLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let parameters: [Parameter<Scalar>]
  let statistics: [Statistic<Scalar>]
  let flopsPerSample: Int

  private let description: BatchNorm
  private let channels, positions: Int
  /// 1 and 0 without `isAffine`.
  let gain, shift: Parameter<Scalar>
  private let runningMean, runningVariance: Tensor<Scalar>
  private let mapScalars: Tensor<Scalar>
  private let map: ColumnMap<Scalar>
  /// Two numbers for each block and channel, [blocks, 2, channels]: moments, or gradient sums.
  private let partialSums: Tensor<Scalar>
  /// [2, channels]
  private let sums: Tensor<Scalar>
  /// [3, channels]
  private let coefficients: Tensor<Scalar>
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private var input, gradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)
  private var work = Work.moments

  private enum Work {
    case moments, apply, gradientSums, applyGradient
  }

  init(_ description: BatchNorm, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    self.description = description
    channels = construction.inputShape.last ?? 1
    positions = construction.inputSize / max(1, channels)
    flopsPerSample = 2 * construction.inputSize
    gain = construction.parameter("weight", .normalization, shape: [channels])
    gain.value.fill(1)
    shift = construction.parameter("bias", .normalization, shape: [channels])
    parameters = description.isAffine ? [gain, shift] : []
    let mean = construction.statistic("running_mean", shape: [channels])
    let variance = construction.statistic("running_var", shape: [channels])
    (runningMean, runningVariance) = (mean.value, variance.value)
    runningVariance.fill(1)
    statistics = [mean, variance]
    mapScalars = Tensor(shape: [4, channels])
    map = ColumnMap(
      mapScalars.scalars, columns: channels, rectifies: construction.rectifiesOutput)
    let rows = construction.batchSizeMax * positions
    partialSums = Tensor(
      shape: [RowBlocks.countMax(rows: rows, columns: channels), 2, channels])
    sums = Tensor(shape: [2, channels])
    coefficients = Tensor(shape: [3, channels])
    output = construction.makeOutput()
    pool = construction.pool
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    self.input = input
    blocks = RowBlocks(rows: pass.rows * positions, columns: channels)
    guard blocks.count > 0 else { return output }
    if pass.isTraining {
      run(.moments)
      takeMoments(pass)
    } else {
      map.mean.update(from: runningMean.scalars, count: channels)
      prepareMap(variance: runningVariance.scalars, scale: 1)
    }
    run(.apply)
    return output
  }

  private func takeMoments(_ pass: Pass) {
    let rows = blocks.rows
    Scalar.mergeMoments(
      partialSums.scalars, rows: rows, rowsPerBlock: blocks.rowsPerBlock, columns: channels)
    let (mean, squares) = (partialSums.scalars, partialSums.scalars + channels)
    map.mean.update(from: mean, count: channels)
    prepareMap(variance: squares, scale: 1 / Scalar(rows))
    guard pass.updatesStatistics else { return }
    let momentum = Scalar(pass.statisticsMomentum ?? description.momentum)
    Scalar.follow(
      mean, running: runningMean.scalars, scale: 1, momentum: momentum, count: channels)
    Scalar.follow(
      squares, running: runningVariance.scalars, scale: 1 / Scalar(max(1, rows - 1)),
      momentum: momentum, count: channels)
  }

  private func prepareMap(variance: UnsafePointer<Scalar>, scale: Scalar) {
    Scalar.prepare(
      map, variance: variance, varianceScale: scale, gain: gain.value.scalars,
      shift: shift.value.scalars, epsilon: Scalar(description.epsilon), columns: channels)
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    gradient = outputGradient
    blocks = RowBlocks(rows: pass.rows * positions, columns: channels)
    run(.gradientSums)
    Scalar.sumRows(
      partialSums.scalars, rows: blocks.count, columns: 2 * channels, into: sums.scalars)
    let products = sums.scalars + channels
    shift.gradient.scalars.update(from: sums.scalars, count: channels)
    gain.gradient.scalars.update(from: products, count: channels)
    Scalar.multiply(gain.gradient.scalars, by: map.scale, count: channels)
    guard needsInputGradient, blocks.count > 0 else { return outputGradient }
    if pass.isTraining {
      Scalar.gradientCoefficients(
        map, gain: gain.value.scalars, sums: sums.scalars, products: products,
        rows: blocks.rows, columns: channels, columnsPerGroup: 1, into: coefficients.scalars)
    } else {
      coefficients.fill(0)
      coefficients.scalars.update(from: map.factor, count: channels)
    }
    run(.applyGradient)
    return outputGradient
  }

  private func run(_ work: Work) {
    self.work = work
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    guard let input else { preconditionFailure("backward follows a forward") }
    let range = blocks.range(of: block)
    let first = range.lowerBound * channels
    let partial = partialSums.scalars + block * 2 * channels
    switch work {
    case .moments:
      Scalar.moments(
        input.scalars + first, rows: range.count, columns: channels, mean: partial,
        squares: partial + channels)
    case .apply:
      Scalar.apply(
        map, to: input.scalars + first, into: output.scalars + first, rows: range.count,
        columns: channels)
    case .gradientSums:
      guard let gradient else { return }
      Scalar.gradientSums(
        map, input: input.scalars + first, gradient: gradient.scalars + first,
        rows: range.count, columns: channels, sums: partial, products: partial + channels)
    case .applyGradient:
      guard let gradient else { return }
      Scalar.applyGradient(
        map, coefficients: coefficients.scalars, input: input.scalars + first,
        gradient: gradient.scalars + first, rows: range.count, columns: channels)
    }
  }
}
