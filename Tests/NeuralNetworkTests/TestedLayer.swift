import Tensors

@testable import NeuralNetwork

/// A layer made as a network makes it, in a world where whatever means nothing is NaN: rows behind
/// the batch, and memory from the workspace.
struct TestedLayer<Scalar: TensorScalar> {
  let layer: any Layer<Scalar>
  let shape, outputShape: [Int]

  private let builder: NetworkBuilder<Scalar>
  private let input: Tensor<Scalar>

  struct Making {
    var batchSizeMax = 3
    var threadCount = 1
    var seed: UInt64 = 1
    var isInPlace = false
    var rectifies = false
  }

  init(_ description: any LayerDescription, _ shape: [Int], _ making: Making = Making()) throws {
    builder = NetworkBuilder(
      batchSizeMax: making.batchSizeMax, pool: WorkerPool(threadCount: making.threadCount),
      seed: making.seed)
    self.shape = shape
    outputShape = try description.outputShape(for: shape)
    var construction = LayerConstruction<Scalar>(
      name: "layer", place: "0", inputShape: shape, outputShape: outputShape,
      random: RandomSource(seed: making.seed, purpose: .initialization), builder: builder,
      index: 0)
    construction.mayOverwriteInput = making.isInPlace
    construction.rectifiesOutput = making.rectifies
    layer = description.makeLayer(construction)
    input = Tensor(shape: [making.batchSizeMax] + shape)
  }

  /// The output's rows of the pass.
  func forward(_ values: [Double], _ pass: Pass) -> [Double] {
    fill(input, values)
    let output = layer.forward(input, pass)
    let count = pass.rows * outputShape.reduce(1, *)
    return withExtendedLifetime(output) { output.buffer.prefix(count).map(\.double) }
  }

  /// The input's gradient, if it is needed.
  @discardableResult
  func backward(
    _ values: [Double], _ pass: Pass, needsInputGradient: Bool = true
  ) -> [Double] {
    inputGradient(values, pass, needsInputGradient: needsInputGradient).map(\.double)
  }

  func inputGradient(
    _ values: [Double], _ pass: Pass, needsInputGradient: Bool = true
  ) -> [Scalar] {
    soil()
    let gradient = builder.workspace.take(max(1, pass.rows) * outputShape.reduce(1, *))
    fill(gradient, values)
    let result = layer.backward(gradient, pass, needsInputGradient: needsInputGradient)
    guard let result else { return [] }
    let count = needsInputGradient ? pass.rows * shape.reduce(1, *) : 0
    let numbers = withExtendedLifetime(result) { Array(result.buffer.prefix(count)) }
    builder.workspace.give(result)
    return numbers
  }

  /// Random parameters and statistics, the same for the same index.
  func randomize(_ index: UInt32) {
    var source = RandomSource.forTest(index)
    for parameter in layer.parameters {
      fill(parameter.value, (source.tensor(parameter.value.shape) as Tensor<Double>).doubles)
    }
    for statistic in layer.statistics {
      let values: Tensor<Double> = source.tensor(statistic.value.shape)
      fill(statistic.value, values.doubles.map { 0.5 + abs($0) })
    }
  }

  var gradients: [[Double]] { layer.parameters.map(\.gradient.doubles) }

  private func fill(_ tensor: Tensor<Scalar>, _ values: [Double]) {
    for index in 0..<tensor.count {
      tensor[index] = index < values.count ? Scalar(values[index]) : Scalar(Double.nan)
    }
  }

  private func soil() {
    let size = input.count + builder.batchSizeMax * outputShape.reduce(1, *)
    let tensors = (0..<4).map { _ in builder.workspace.take(size) }
    for tensor in tensors {
      tensor.fill(Scalar(Double.nan))
      builder.workspace.give(tensor)
    }
  }
}
