import Tensors

/// y = max(x, 0), whatever the shape.
public struct ReLU: LayerDescription {
  public static let kind = "relu"
  public static let summary = "rectifier: outputs = max(inputs, 0)"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    inputShape
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ type: Scalar.Type, _ construction: LayerConstruction
  ) -> any Layer<Scalar> {
    ReLULayer(construction)
  }
}

final class ReLULayer<Scalar: TensorScalar>: Layer, ActivityObserving {
  let parameters: [Parameter<Scalar>] = []
  let flopsPerSample: Int
  let name: String
  private(set) var unitWasActive: [Bool]
  var observesActivity = false

  private let size: Int
  private let output, inputGradient: Tensor<Scalar>

  init(_ construction: LayerConstruction) {
    name = construction.name
    size = construction.inputSize
    flopsPerSample = size
    output = Tensor(shape: [construction.batchSizeMax] + construction.inputShape)
    inputGradient = Tensor(shape: [construction.batchSizeMax] + construction.inputShape)
    unitWasActive = Array(repeating: false, count: size)
  }

  func forward(_ input: Tensor<Scalar>, rows: Int) -> Tensor<Scalar> {
    Scalar.rectify(input.scalars, into: output.scalars, count: rows * size)
    if observesActivity { observe(rows: rows) }
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, rows: Int, needsInputGradient: Bool
  ) -> Tensor<Scalar> {
    Scalar.rectifyGradient(
      output: output.scalars, outputGradient: outputGradient.scalars,
      into: inputGradient.scalars, count: rows * size)
    return inputGradient
  }

  func forgetActivity() {
    for unit in 0..<size { unitWasActive[unit] = false }
  }

  private func observe(rows: Int) {
    for row in 0..<rows {
      let values = output.scalars + row * size
      for unit in 0..<size where values[unit] > 0 { unitWasActive[unit] = true }
    }
  }
}
