import Tensors

/// y = x·Wᵀ + b, with W [outputs, inputs] and b [outputs]. A sample of several axes is taken as one
/// row, and gives [outputs]; with `perStep` it is a row for each index of its first axis, and
/// [steps, …] gives [steps, outputs]. A rectifier behind the layer is computed with it.
public struct Linear: LayerDescription {
  public static let kind = "linear"
  public static let summary = "fully connected: outputs = inputs · weightᵀ + bias"

  /// Of each row.
  public let outputs: Int
  public let hasBias: Bool
  public let isPerStep: Bool
  /// How the weights begin.
  public let initializer: Initializer

  public init(
    outputs: Int, bias: Bool = true, perStep: Bool = false, initializer: Initializer = .heNormal
  ) {
    self.outputs = outputs
    hasBias = bias
    isPerStep = perStep
    self.initializer = initializer
  }

  public init(_ settings: some Settings) throws {
    outputs = try settings.integer("outputs", in: 1...1_000_000, default: nil)
    hasBias = try settings.flag("bias", default: true)
    isPerStep = try settings.flag("perStep", default: false)
    initializer = try Initializer(settings)
  }

  public var canRectify: Bool { true }
  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    if isPerStep && inputShape.count < 2 {
      throw ShapeMismatch(got: inputShape, needs: "sequences [steps, features] to go step by step")
    }
    let inputs = inputShape.dropFirst(isPerStep ? 1 : 0).reduce(1, *)
    let weightsMax = 1 << 31
    guard inputs <= weightsMax / outputs else {
      throw ShapeMismatch(
        "got samples of \(inputShape): \(inputs) inputs × \(outputs) outputs are more weights "
          + "than the \(weightsMax) that fit")
    }
    return isPerStep ? [inputShape[0], outputs] : [outputs]
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    LinearLayer(self, construction)
  }
}

final class LinearLayer<Scalar: TensorScalar>: Layer, SampleGradientMeasuring {
  let name: String
  let parameters: [Parameter<Scalar>]
  let flopsPerSample: Int
  var canMeasureSamples: Bool { rowsPerSample == 1 }
  var sampleSquares: UnsafeMutablePointer<Double>?

  /// Rows of the product that each sample has.
  private let rowsPerSample: Int
  private let inputs, outputs: Int
  private let weight: Parameter<Scalar>
  private let bias: Parameter<Scalar>?
  private let rectifies: Bool
  private let output: Tensor<Scalar>
  private let workspace: Workspace<Scalar>
  private let product: MatrixProduct<Scalar>
  private var input: Tensor<Scalar>?

  init(_ description: Linear, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    rowsPerSample = description.isPerStep ? construction.inputShape[0] : 1
    inputs = construction.inputSize / rowsPerSample
    outputs = description.outputs
    weight = construction.parameter("weight", .weight, shape: [outputs, inputs])
    bias =
      description.hasBias ? construction.parameter("bias", .bias, shape: [outputs]) : nil
    parameters = [weight] + (bias.map { [$0] } ?? [])
    flopsPerSample = 2 * rowsPerSample * inputs * outputs
    rectifies = construction.rectifiesOutput
    output = construction.makeOutput()
    workspace = construction.workspace
    product = MatrixProduct(pool: construction.pool)
    var random = construction.random
    description.initializer.fill(weight.value, &random)
    if let bias { description.initializer.fillBias(bias.value, inputs: inputs, &random) }
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    self.input = input
    let rows = pass.rows * rowsPerSample
    product.run(
      m: rows, n: outputs, k: inputs, .plain(input.scalars),
      times: .transposed(weight.value.scalars), into: output.scalars,
      finish: .init(bias: bias?.value.scalars, rectifies: rectifies))
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    guard let input else { preconditionFailure("backward follows a forward") }
    let gradient = outputGradient.scalars
    let rows = pass.rows * rowsPerSample
    if rectifies {
      Scalar.rectifyGradient(
        output: output.scalars, outputGradient: gradient, into: gradient,
        count: rows * outputs)
    }
    if let sampleSquares { addSampleSquares(gradient, input.scalars, pass, to: sampleSquares) }
    product.run(
      m: outputs, n: inputs, k: rows, .transposed(gradient), times: .plain(input.scalars),
      into: weight.gradient.scalars)
    if let bias {
      Scalar.sumRows(gradient, rows: rows, columns: outputs, into: bias.gradient.scalars)
    }
    defer { workspace.give(outputGradient) }
    guard needsInputGradient else { return nil }
    let inputGradient = workspace.take(rows * inputs)
    product.run(
      m: rows, n: inputs, k: outputs, .plain(gradient), times: .plain(weight.value.scalars),
      into: inputGradient.scalars)
    return inputGradient
  }

  /// The gradient of one row is δ·xᵀ, and δ for the bias.
  private func addSampleSquares(
    _ gradient: UnsafePointer<Scalar>, _ input: UnsafePointer<Scalar>, _ pass: Pass,
    to squares: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<pass.rows {
      let slope = Scalar.sumOfSquares(gradient + row * outputs, count: outputs)
      let size = Scalar.sumOfSquares(input + row * inputs, count: inputs)
      squares[row] += slope * (size + (bias == nil ? 0 : 1))
    }
  }
}
