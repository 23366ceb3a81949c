import Tensors

/// A layer at work on batches. It owns its output and input gradient, made once for the largest
/// batch, so that a step allocates nothing.
public protocol Layer<Scalar>: AnyObject {
  associatedtype Scalar: TensorScalar

  /// In the order in which they are saved.
  var parameters: [Parameter<Scalar>] { get }

  /// - Parameters:
  ///   - input: [batch, …]; its first `rows` rows are filled.
  /// - Returns: [batch, …], valid until the next call.
  func forward(_ input: Tensor<Scalar>, rows: Int) -> Tensor<Scalar>

  /// Fills the parameters' gradients, after a `forward` of the same rows.
  /// - Parameters:
  ///   - outputGradient: the loss's gradient with respect to the output.
  ///   - needsInputGradient: false for the first layer, which spares a product.
  /// - Returns: the gradient with respect to the input, valid until the next call; meaningless
  ///   when it is not needed.
  func backward(
    _ outputGradient: Tensor<Scalar>, rows: Int, needsInputGradient: Bool
  ) -> Tensor<Scalar>

  /// Multiplications and additions of one sample's forward pass.
  var flopsPerSample: Int { get }
}

/// A layer as an experiment describes it: settings and shapes, without weights.
public protocol LayerDescription: Described, Sendable {
  init(_ settings: some Settings) throws

  /// The shape of one sample behind the layer, or why the layer cannot take such samples.
  func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int]

  func makeLayer<Scalar: TensorScalar>(
    _ type: Scalar.Type, _ construction: LayerConstruction
  ) -> any Layer<Scalar>
}

/// What a layer is made with.
public struct LayerConstruction {
  /// Unique within the network, such as "linear1".
  public let name: String
  /// The shape of one sample.
  public let inputShape: [Int]
  public let batchSizeMax: Int
  public let pool: WorkerPool
  /// For the initial weights.
  public let random: RandomSource

  public init(
    name: String, inputShape: [Int], batchSizeMax: Int, pool: WorkerPool, random: RandomSource
  ) {
    self.name = name
    self.inputShape = inputShape
    self.batchSizeMax = batchSizeMax
    self.pool = pool
    self.random = random
  }

  var inputSize: Int { inputShape.reduce(1, *) }
}

/// A layer was given samples of a shape that it cannot take.
public struct ShapeMismatch: Error, Sendable {
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }
}

/// All layers, by the kind under which experiments name them.
public enum LayerCatalogue {
  public static let all: [any LayerDescription.Type] = [
    Linear.self,
    ReLU.self,
  ]
}
