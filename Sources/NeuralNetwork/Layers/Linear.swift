import Tensors

/// y = x·Wᵀ + b, with W [outputs, inputs] and b [outputs]. A sample of several axes is taken as one
/// row, and gives [outputs]; with `perStep` it is a row for each index of its first axis, and
/// [steps, …] gives [steps, outputs]. A rectifier behind the layer is computed with it. Where a
/// mask leaves few weights, only those are multiplied.
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

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    let positions = isPerStep ? 1 : inputShape.dropLast().reduce(1, *)
    let inputs = (0..<positions).flatMap { _ in trace.channels }
    let channels = trace.makeChannels(outputs)
    trace.note("\(name).weight", axes: [channels, inputs])
    trace.note("\(name).bias", axes: [channels])
    trace.produce(channels, by: name)
  }

  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription {
    Linear(
      outputs: narrowing.widths[name] ?? outputs, bias: hasBias, perStep: isPerStep,
      initializer: initializer)
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
  private let rowsMax: Int
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private let product: MatrixProduct<Scalar>
  private var input: Tensor<Scalar>?
  /// In the place of the dense products, while the mask makes that faster.
  private var sparse: SparseLinear<Scalar>?
  /// Which mask was last seen.
  private var maskVersion = 0

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
    rowsMax = construction.batchSizeMax * rowsPerSample
    pool = construction.pool
    workspace = construction.workspace
    product = MatrixProduct(pool: pool)
    let (weight, bias, inputs) = (weight, bias, inputs)
    construction.initialize { random in
      description.initializer.fill(weight.value, &random)
      if let bias { description.initializer.fillBias(bias.value, inputs: inputs, &random) }
    }
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    self.input = input
    let rows = pass.rows * rowsPerSample
    followMask()
    if let sparse {
      sparse.forward(
        input, rows: rows, weight: weight.value, bias: bias?.value, rectifies: rectifies,
        into: output)
      return output
    }
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
    if let bias {
      Scalar.sumRows(gradient, rows: rows, columns: outputs, into: bias.gradient.scalars)
    }
    let inputGradient = needsInputGradient ? workspace.take(rows * inputs) : nil
    if weight.needsFullGradient { multiplyDensely() }
    if let sparse {
      sparse.backward(
        outputGradient, weightGradient: weight.gradient, inputGradient: inputGradient)
    } else {
      product.run(
        m: outputs, n: inputs, k: rows, .transposed(gradient), times: .plain(input.scalars),
        into: weight.gradient.scalars)
      if let inputGradient {
        product.run(
          m: rows, n: inputs, k: outputs, .plain(gradient),
          times: .plain(weight.value.scalars), into: inputGradient.scalars)
      }
    }
    workspace.give(outputGradient)
    return inputGradient
  }

  /// Chooses the products that suit the mask: by the mask alone, so that a run that goes on from a
  /// checkpoint computes the same.
  private func followMask() {
    if weight.needsFullGradient {
      multiplyDensely()
    } else if weight.maskVersion != maskVersion {
      maskVersion = weight.maskVersion
      sparse = weight.mask.flatMap {
        SparseLinear($0, rowsMax: rowsMax, pool: pool, workspace: workspace)
      }
      // The sparse products leave the gradients of masked weights alone.
      if sparse != nil { weight.clearMaskedGradients() }
    }
  }

  /// Until the mask is looked at again.
  private func multiplyDensely() {
    sparse = nil
    maskVersion = 0
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
