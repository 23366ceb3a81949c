import Tensors

/// A learned vector for each of a vocabulary's words: [steps] or [steps, 1] → [steps, dimension].
///
/// Inputs are the words' numbers, 0..<vocabulary. What is no such number gives a vector of NaN, so
/// that the loss tells of it, and learns nothing. Vectors begin normal with variance 1.
public struct Embedding: LayerDescription {
  public static let kind = "embedding"
  public static let summary = "a learned vector for each word, by its number"

  public let vocabulary, dimension: Int

  public init(vocabulary: Int, dimension: Int) {
    self.vocabulary = vocabulary
    self.dimension = dimension
  }

  public init(_ settings: some Settings) throws {
    // Larger numbers are not all to be told apart in a Float.
    let vocabularyMax = 1 << 24
    vocabulary = try settings.integer("vocabulary", in: 1...vocabularyMax, default: nil)
    dimension = try settings.integer("dimension", in: 1...65_536, default: nil)
  }

  public var readsOutput: Bool { false }
  public var wholeInputs: Range<Int>? { 0..<vocabulary }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    guard inputShape.count == 1 || inputShape.count == 2 && inputShape[1] == 1 else {
      throw ShapeMismatch(got: inputShape, needs: "words' numbers, [steps] or [steps, 1]")
    }
    let weightsMax = 1 << 31
    guard vocabulary <= weightsMax / dimension else {
      throw ShapeMismatch(
        "\(vocabulary) words × \(dimension) numbers are more weights than the \(weightsMax) that "
          + "fit")
    }
    return [inputShape[0], dimension]
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    EmbeddingLayer(self, construction)
  }
}

final class EmbeddingLayer<Scalar: TensorScalar>: Layer {
  let name: String
  let parameters: [Parameter<Scalar>]
  let flopsPerSample = 0

  private let vocabulary, dimension, steps: Int
  private let weight: Parameter<Scalar>
  private let output: Tensor<Scalar>
  private let workspace: Workspace<Scalar>
  private var input: Tensor<Scalar>?

  init(_ description: Embedding, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    vocabulary = description.vocabulary
    dimension = description.dimension
    steps = construction.inputSize
    weight = construction.parameter("weight", .weight, shape: [vocabulary, dimension])
    parameters = [weight]
    output = construction.makeOutput()
    workspace = construction.workspace
    var random = construction.random
    // He's variance, 2 / fanIn, is 1 for 2.
    Initializer.normal(deviation: 1).fill(weight.value, &random)
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    self.input = input
    for position in 0..<pass.rows * steps {
      let target = output.scalars + position * dimension
      if let word = word(input.scalars[position]) {
        target.update(from: weight.value.scalars + word * dimension, count: dimension)
      } else {
        target.update(repeating: Scalar(Double.nan), count: dimension)
      }
    }
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    guard let input else { preconditionFailure("backward follows a forward") }
    weight.gradient.fill(0)
    for position in 0..<pass.rows * steps {
      guard let word = word(input.scalars[position]) else { continue }
      Scalar.add(
        outputGradient.scalars + position * dimension,
        to: weight.gradient.scalars + word * dimension, count: dimension, rectifies: false)
    }
    workspace.give(outputGradient)
    guard needsInputGradient else { return nil }
    let inputGradient = workspace.take(pass.rows * steps)
    Scalar.clear(inputGradient.scalars, count: pass.rows * steps)
    return inputGradient
  }

  /// nil: no word has that number.
  private func word(_ number: Scalar) -> Int? {
    guard let word = Int(exactly: number.double), word >= 0, word < vocabulary else { return nil }
    return word
  }
}
