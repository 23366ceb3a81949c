import Tensors

/// y = max(x, 0), whatever the shape.
public struct ReLU: LayerDescription {
  public static let kind = "relu"
  public static let summary = "rectifier: outputs = max(inputs, 0)"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: true) }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    ReLULayer(construction)
  }
}

final class ReLULayer<Scalar: TensorScalar>: Layer {
  let name: String
  let flopsPerSample: Int
  var hasExactZeros: Bool { true }

  private let size: Int
  private let isDoneBefore: Bool
  /// nil: computes in place.
  private let ownOutput: Tensor<Scalar>?
  private var output: Tensor<Scalar>?

  init(_ construction: LayerConstruction<Scalar>) {
    name = construction.name
    size = construction.inputSize
    flopsPerSample = size
    isDoneBefore = construction.isDoneBefore
    let isInPlace = isDoneBefore || construction.mayOverwriteInput
    ownOutput = isInPlace ? nil : construction.makeOutput()
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    if isDoneBefore { return input }
    let output = ownOutput ?? input
    self.output = output
    Scalar.rectify(input.scalars, into: output.scalars, count: pass.rows * size)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    if isDoneBefore { return outputGradient }
    guard let output else { preconditionFailure("backward follows a forward") }
    Scalar.rectifyGradient(
      output: output.scalars, outputGradient: outputGradient.scalars,
      into: outputGradient.scalars, count: pass.rows * size)
    return outputGradient
  }
}
