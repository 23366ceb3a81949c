import Tensors

@testable import NeuralNetwork

/// A recurrent layer alone, with random weights, and passes over random batches.
final class RecurrentFixture<Scalar: TensorScalar> {
  let layer: any Layer<Scalar>
  let rows: Int
  let inputShape, outputShape: [Int]
  var lengths: [Int32]?
  private let builder: NetworkBuilder<Scalar>

  init(
    _ description: any LayerDescription, steps: Int, features: Int, rows: Int,
    lengths: [Int32]? = nil, batchSizeMax: Int? = nil, threadCount: Int = 1
  ) throws {
    self.rows = rows
    self.lengths = lengths
    inputShape = [steps, features]
    outputShape = try description.outputShape(for: inputShape)
    builder = NetworkBuilder(
      batchSizeMax: batchSizeMax ?? rows, pool: WorkerPool(threadCount: threadCount), seed: 3)
    let sequence = builder.sequence(
      [description], name: "network", place: "", inputShape: inputShape)
    layer = sequence.children[0]
  }

  var outputCount: Int { rows * outputShape.reduce(1, *) }

  func input(_ index: UInt32 = 1) -> Tensor<Scalar> {
    RecurrentFixture.random([rows] + inputShape, index)
  }

  /// Numbers between -1 and 1 that are the same for every kind of scalar.
  static func random(_ shape: [Int], _ index: UInt32) -> Tensor<Scalar> {
    var source = RandomSource(seed: 11, purpose: .noise, index: index)
    let tensor = Tensor<Scalar>(shape: shape)
    for place in 0..<tensor.count {
      tensor[place] = Scalar(Double(Float(source.uniform(in: -1...1))))
    }
    return tensor
  }

  func forward(_ input: Tensor<Scalar>) -> [Scalar] {
    withPass { Array(layer.forward(input, $0).array.prefix(outputCount)) }
  }

  /// The gradient of the input, after a forward pass over it; the output's gradient is random.
  func backward(_ input: Tensor<Scalar>, outputGradient: [Scalar]? = nil) -> [Scalar] {
    withPass { pass in
      _ = layer.forward(input, pass)
      let slope = outputGradient ?? self.outputGradient
      let gradient = builder.workspace.take(slope.count)
      for (index, value) in slope.enumerated() { gradient[index] = value }
      let result = layer.backward(gradient, pass, needsInputGradient: true)
      defer { if let result { builder.workspace.give(result) } }
      return Array((result?.array ?? []).prefix(input.count))
    }
  }

  var outputGradient: [Scalar] { RecurrentFixture.random([outputCount], 2).array }

  /// The sum of the outputs, each with a weight of its own: its gradient is `outputGradient`.
  func weightedSum(_ input: Tensor<Scalar>) -> Scalar {
    zip(forward(input), outputGradient).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// All gradients of parameters, one behind the other.
  var parameterGradients: [Scalar] { layer.parameters.flatMap { $0.gradient.array } }

  private func withPass<Result>(_ body: (Pass) -> Result) -> Result {
    guard let lengths else { return body(.training(rows: rows, step: 0)) }
    return lengths.withUnsafeBufferPointer { lengths in
      var pass = Pass.training(rows: rows, step: 0)
      pass.lengths = lengths.baseAddress
      return body(pass)
    }
  }
}
