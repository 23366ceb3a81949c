import Tensors

/// y = x·Wᵀ + b, with W [outputs, inputs] and b [outputs]; a sample of several axes is taken as one
/// row. Weights begin normal with variance 2 / inputs (He, Zhang, Ren, Sun, "Delving deep into
/// rectifiers", 2015), biases at 0.
public struct Linear: LayerDescription {
  public static let kind = "linear"
  public static let summary = "fully connected: outputs = inputs · weightᵀ + bias"

  public let outputs: Int

  public init(outputs: Int) {
    self.outputs = outputs
  }

  public init(_ settings: some Settings) throws {
    outputs = try settings.integer("outputs", in: 1...1_000_000, default: nil)
  }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    let inputs = inputShape.reduce(1, *)
    guard inputs * outputs <= 1 << 31 else {
      throw ShapeMismatch("\(inputs) inputs × \(outputs) outputs are more weights than fit")
    }
    return [outputs]
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ type: Scalar.Type, _ construction: LayerConstruction
  ) -> any Layer<Scalar> {
    LinearLayer(outputs: outputs, construction)
  }
}

final class LinearLayer<Scalar: TensorScalar>: Layer {
  let parameters: [Parameter<Scalar>]
  let flopsPerSample: Int

  private let inputs, outputs: Int
  private let weight, bias: Parameter<Scalar>
  private let output, inputGradient: Tensor<Scalar>
  private let product: MatrixProduct<Scalar>
  private var input: Tensor<Scalar>?

  init(outputs: Int, _ construction: LayerConstruction) {
    inputs = construction.inputSize
    self.outputs = outputs
    weight = Parameter(
      name: construction.name + ".weight", shape: [outputs, inputs], isPrunable: true)
    bias = Parameter(name: construction.name + ".bias", shape: [outputs], isPrunable: false)
    parameters = [weight, bias]
    flopsPerSample = 2 * inputs * outputs
    output = Tensor(shape: [construction.batchSizeMax, outputs])
    inputGradient = Tensor(shape: [construction.batchSizeMax, inputs])
    product = MatrixProduct(pool: construction.pool)
    var random = construction.random
    Initializers.heNormal(weight.value, fanIn: inputs, &random)
  }

  func forward(_ input: Tensor<Scalar>, rows: Int) -> Tensor<Scalar> {
    self.input = input
    for row in 0..<rows {
      (output.scalars + row * outputs).update(from: bias.value.scalars, count: outputs)
    }
    product.run(
      m: rows, n: outputs, k: inputs, .plain(input.scalars),
      times: .transposed(weight.value.scalars), into: output.scalars, keeping: 1)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, rows: Int, needsInputGradient: Bool
  ) -> Tensor<Scalar> {
    guard let input else { preconditionFailure("backward follows a forward") }
    product.run(
      m: outputs, n: inputs, k: rows, .transposed(outputGradient.scalars),
      times: .plain(input.scalars), into: weight.gradient.scalars)
    Scalar.sumRows(
      outputGradient.scalars, rows: rows, columns: outputs, into: bias.gradient.scalars)
    if needsInputGradient {
      product.run(
        m: rows, n: inputs, k: outputs, .plain(outputGradient.scalars),
        times: .plain(weight.value.scalars), into: inputGradient.scalars)
    }
    return inputGradient
  }
}
