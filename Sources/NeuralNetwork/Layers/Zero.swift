import Tensors

/// Zeros, whatever comes in: the absence of a connection, as a choice among operations.
public struct Zero: LayerDescription {
  public static let kind = "zero"
  public static let summary = "zeros of the shape of the inputs"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    ZeroLayer(construction)
  }
}

final class ZeroLayer<Scalar: TensorScalar>: Layer {
  let name: String
  let flopsPerSample = 0

  private let output: Tensor<Scalar>
  private let size: Int

  init(_ construction: LayerConstruction<Scalar>) {
    name = construction.name
    output = construction.makeOutput()
    size = construction.outputSize
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    // A product, so that what is not a number shows.
    output.scalars.update(from: input.scalars, count: pass.rows * size)
    Scalar.scale(output.scalars, by: 0, count: pass.rows * size)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    if needsInputGradient { Scalar.scale(outputGradient.scalars, by: 0, count: pass.rows * size) }
    return outputGradient
  }
}
