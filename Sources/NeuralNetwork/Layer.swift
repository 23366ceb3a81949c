import Tensors

/// A layer at work on batches. It owns its output, made once for the largest batch; gradients of
/// activations pass through a workspace. So a step allocates nothing.
///
/// Axes: a batch is [rows, …]; images have their channels last, [rows, height, width, channels];
/// sequences are [rows, steps, features].
public protocol Layer<Scalar>: AnyObject {
  associatedtype Scalar: TensorScalar

  /// Unique within the network, such as "linear1".
  var name: String { get }
  /// In the order in which they are saved; those of the layers within come with them.
  var parameters: [Parameter<Scalar>] { get }
  /// What the layer remembers of the data; those of the layers within come with them.
  var statistics: [Statistic<Scalar>] { get }
  /// The layers within this one, in the order in which they compute.
  var children: [any Layer<Scalar>] { get }
  /// Multiplications and additions of one sample's forward pass.
  var flopsPerSample: Int { get }
  /// True for activations whose output can be exactly 0: their units may fall silent.
  var hasExactZeros: Bool { get }

  /// - Parameter input: [rows, …]; belongs to the layer before and stays as it is until `backward`,
  ///   unless the layer was made to overwrite it.
  /// - Returns: [rows, …], valid until the next call.
  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar>

  /// Fills the parameters' gradients, after a `forward` of the same pass.
  /// - Parameters:
  ///   - outputGradient: the loss's gradient with respect to the output, from the workspace. It
  ///     belongs to the layer now: it is overwritten and returned, or given back.
  ///   - needsInputGradient: false for the first layer, which spares a product.
  /// - Returns: the gradient with respect to the input, from the workspace; nil when it is not
  ///   needed.
  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>?
}

extension Layer {
  public var parameters: [Parameter<Scalar>] { children.flatMap { $0.parameters } }
  public var statistics: [Statistic<Scalar>] { children.flatMap { $0.statistics } }
  public var children: [any Layer<Scalar>] { [] }
  public var hasExactZeros: Bool { false }
}

/// One pass over a batch: what a layer has to know besides its input.
public struct Pass: @unchecked Sendable {
  /// The samples of the batch; the rest of each tensor means nothing.
  public var rows: Int
  /// True: dropout drops, normalisation takes the batch's moments.
  public var isTraining: Bool
  /// Whether running statistics follow the batch; only while training.
  public var updatesStatistics: Bool
  /// How far running statistics follow, in the place of the layers' own momentum.
  public var statisticsMomentum: Double?
  /// The update that this pass belongs to: noise is a function of it.
  public var step: Int
  /// The valid steps of each row's sequence; nil: all.
  public var lengths: UnsafePointer<Int32>?

  public static func training(
    rows: Int, step: Int, lengths: UnsafePointer<Int32>? = nil
  ) -> Pass {
    Pass(rows: rows, isTraining: true, updatesStatistics: true, step: step, lengths: lengths)
  }

  public static func evaluation(rows: Int, lengths: UnsafePointer<Int32>? = nil) -> Pass {
    Pass(rows: rows, isTraining: false, updatesStatistics: false, step: 0, lengths: lengths)
  }

  public init(
    rows: Int, isTraining: Bool, updatesStatistics: Bool, step: Int,
    lengths: UnsafePointer<Int32>? = nil
  ) {
    self.rows = rows
    self.isTraining = isTraining
    self.updatesStatistics = updatesStatistics
    self.step = step
    self.lengths = lengths
  }
}

/// A layer as an experiment describes it: settings and shapes, without weights.
public protocol LayerDescription: Settable, Sendable {
  /// The shape of one sample behind the layer, or why the layer cannot take such samples.
  func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int]

  /// Whether the layer, when a rectifier follows it, can rectify its own output on the way.
  var canRectify: Bool { get }

  /// Whether `backward` reads the output again, so that no layer behind may overwrite it.
  var readsOutput: Bool { get }

  /// What the outputs are to the channels of the inputs; of layers with channels of their own,
  /// `trace` tells.
  var channelFlow: ChannelTrace.Flow { get }

  /// Tells which channels lie in the layer's tensors, and hands on those of its outputs.
  func trace(_ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int])

  /// The layer with the outputs that it has after a cut.
  func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription

  /// The whole numbers that the layer takes, when it takes no others; nil: any numbers.
  var wholeInputs: Range<Int>? { get }

  func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar>
}

extension LayerDescription {
  public var canRectify: Bool { false }
  public var readsOutput: Bool { true }
  public var wholeInputs: Range<Int>? { nil }
}

/// A layer was given samples of a shape that it cannot take.
public struct ShapeMismatch: Error, Sendable {
  /// What it got and what it needs.
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }

  public init(got: [Int], needs: String) {
    reason = "got samples of \(got), needs \(needs)"
  }
}

/// All layers, by the kind under which experiments name them.
public enum LayerCatalogue {
  public static let all: [any LayerDescription.Type] = [
    Linear.self, Convolution.self,
    MaxPool.self,
    AveragePool.self,
    GlobalAveragePool.self,
    BatchNorm.self,
    LayerNorm.self,
    GroupNorm.self,
    Dropout.self,
    Flatten.self,
    Residual.self,
    Concatenate.self,
    Cell.self,
    Zero.self,
    Mixed.self,
    DifferentiableCell.self,
    Embedding.self,
    ReLU.self,
    LeakyReLU.self,
    PReLU.self,
    GELU.self,
    SiLU.self,
    Tanh.self,
    Sigmoid.self,
    Softmax.self,
    ClippedReLU.self,
    SoftThreshold.self,
    RNN.self,
    LSTM.self,
    GRU.self,
  ]
}
