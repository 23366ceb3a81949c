import Tensors

/// While training, each number is 0 with probability `rate` and else divided by 1 - rate; behind
/// training the identity.
///
/// What is dropped is a function of the run's seed, the layer and the update alone.
public struct Dropout: LayerDescription {
  public static let kind = "dropout"
  public static let summary = "drops numbers at random while training"
  public static let paper: String? =
    "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout, 2014"

  public let rate: Double

  public init(rate: Double) {
    self.rate = rate
  }

  public init(_ settings: some Settings) throws {
    let rateMax = 0.99
    rate = try settings.number("rate", in: 0...rateMax, default: 0.5)
  }

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: true) }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    DropoutLayer(self, construction)
  }
}

final class DropoutLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let flopsPerSample: Int

  private let construction: LayerConstruction<Scalar>
  private let size: Int
  private let rate: Double
  private let scale: Scalar
  /// 1 for each number that stays.
  private let kept: ByteStore
  /// nil: computes in place.
  private let ownOutput: Tensor<Scalar>?
  private var source, target: Tensor<Scalar>?
  /// nil: as before.
  private var choice: DropChoice?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ description: Dropout, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    self.construction = construction
    size = construction.inputSize
    flopsPerSample = size
    rate = description.rate
    scale = Scalar(1 / (1 - rate))
    kept = ByteStore(count: rate > 0 ? construction.batchSizeMax * size : 0)
    ownOutput =
      rate == 0 || construction.mayOverwriteInput ? nil : construction.makeOutput()
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    guard drops(pass) else { return input }
    let output = ownOutput ?? input
    choice = DropChoice(construction.noise(step: pass.step), rate: rate)
    run(from: input, to: output, pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    guard drops(pass), needsInputGradient else { return outputGradient }
    choice = nil
    run(from: outputGradient, to: outputGradient, pass)
    return outputGradient
  }

  private func drops(_ pass: Pass) -> Bool { pass.isTraining && rate > 0 }

  private func run(from source: Tensor<Scalar>, to target: Tensor<Scalar>, _ pass: Pass) {
    (self.source, self.target) = (source, target)
    blocks = RowBlocks(rows: pass.rows, columns: size)
    construction.pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    guard let source, let target else { return }
    let range = blocks.range(of: block)
    let first = range.lowerBound * size
    choice?.store(kept.bytes + first, from: first, count: range.count * size)
    Scalar.drop(
      source.scalars + first, kept: kept.bytes + first, scale: scale,
      into: target.scalars + first, count: range.count * size)
  }
}
