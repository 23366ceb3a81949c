import Tensors

/// y = (x - mean) / √(variance + epsilon) · weight + bias, with the moments of a group of channels
/// (of the last axis) of one sample. A rectifier behind the layer is computed with it.
public struct GroupNorm: LayerDescription {
  public static let kind = "groupNorm"
  public static let summary = "normalises groups of channels of each sample, with gain and shift"
  public static let paper: String? = "Wu, He, Group normalization, 2018"

  public let groups: Int
  public let epsilon: Double

  public init(groups: Int, epsilon: Double = 1e-5) {
    self.groups = groups
    self.epsilon = epsilon
  }

  public init(_ settings: some Settings) throws {
    groups = try settings.integer("groups", in: 1...1_000_000, default: nil)
    epsilon = try settings.number("epsilon", in: 1e-12...1, default: 1e-5)
  }

  public var canRectify: Bool { true }
  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    let channels = inputShape.last ?? 1
    guard channels % groups == 0 else {
      throw ShapeMismatch(
        got: inputShape, needs: "channels, \(channels), that \(groups) groups divide")
    }
    return inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    GroupNormLayer(self, construction)
  }
}

/// Takes the moments of the channels and merges those of a group; then each channel of a sample is
/// mapped as by batch normalisation.
final class GroupNormLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let parameters: [Parameter<Scalar>]
  let flopsPerSample: Int

  private let channels, channelsPerGroup, positions: Int
  private let epsilon: Scalar
  private let rectifies: Bool
  private let gain, shift: Parameter<Scalar>
  /// The map of each sample, [rows, 4, channels].
  private let maps: Tensor<Scalar>
  /// Of each block, [blocks, 7, channels]: gradients of shift and gain, then scratch of a sample.
  private let partials: Tensor<Scalar>
  /// [7, channels]
  private let sums: Tensor<Scalar>
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private var input, gradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ description: GroupNorm, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    channels = construction.inputShape.last ?? 1
    channelsPerGroup = max(1, channels / description.groups)
    positions = construction.inputSize / max(1, channels)
    flopsPerSample = 5 * construction.inputSize
    epsilon = Scalar(description.epsilon)
    rectifies = construction.rectifiesOutput
    gain = construction.parameter("weight", .normalization, shape: [channels])
    gain.value.fill(1)
    shift = construction.parameter("bias", .normalization, shape: [channels])
    parameters = [gain, shift]
    let rows = construction.batchSizeMax
    maps = Tensor(shape: [rows, 4, channels])
    partials = Tensor(
      shape: [RowBlocks.countMax(rows: rows, columns: construction.inputSize), 7, channels])
    sums = Tensor(shape: [7, channels])
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
    partials.fill(0)
    run(pass)
    gradient = nil
    Scalar.sumRows(
      partials.scalars, rows: blocks.count, columns: 7 * channels, into: sums.scalars)
    shift.gradient.scalars.update(from: sums.scalars, count: channels)
    gain.gradient.scalars.update(from: sums.scalars + channels, count: channels)
    return outputGradient
  }

  private func run(_ pass: Pass) {
    blocks = RowBlocks(rows: pass.rows, columns: positions * channels)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    guard let input else { preconditionFailure("backward follows a forward") }
    let partial = partials.scalars + block * 7 * channels
    for row in blocks.range(of: block) {
      let first = row * positions * channels
      let map = ColumnMap(
        maps.scalars + row * 4 * channels, columns: channels, rectifies: rectifies)
      if let gradient {
        goBack(input.scalars + first, gradient.scalars + first, map, partial)
      } else {
        normalize(input.scalars + first, into: output.scalars + first, map, partial)
      }
    }
  }

  private func normalize(
    _ input: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>,
    _ map: ColumnMap<Scalar>, _ squares: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.moments(input, rows: positions, columns: channels, mean: map.mean, squares: squares)
    Scalar.mergeGroups(
      mean: map.mean, squares: squares, rows: positions, columns: channels,
      columnsPerGroup: channelsPerGroup)
    Scalar.prepare(
      map, variance: squares, varianceScale: 1 / Scalar(positions * channelsPerGroup),
      gain: gain.value.scalars, shift: shift.value.scalars, epsilon: epsilon, columns: channels)
    Scalar.apply(map, to: input, into: output, rows: positions, columns: channels)
  }

  private func goBack(
    _ input: UnsafePointer<Scalar>, _ gradient: UnsafeMutablePointer<Scalar>,
    _ map: ColumnMap<Scalar>, _ partial: UnsafeMutablePointer<Scalar>
  ) {
    let sums = partial + 2 * channels
    let products = sums + channels
    let coefficients = products + channels
    Scalar.gradientSums(
      map, input: input, gradient: gradient, rows: positions, columns: channels, sums: sums,
      products: products)
    Scalar.gradientCoefficients(
      map, gain: gain.value.scalars, sums: sums, products: products, rows: positions,
      columns: channels, columnsPerGroup: channelsPerGroup, into: coefficients)
    Scalar.multiply(products, by: map.scale, count: channels)
    // The gradients of shift and gain are neighbours, as the sums are.
    Scalar.add(sums, to: partial, count: 2 * channels, rectifies: false)
    Scalar.applyGradient(
      map, coefficients: coefficients, input: input, gradient: gradient, rows: positions,
      columns: channels)
  }
}
