import Tensors

/// Layers in a row, with the loss at their end.
public final class Network<Scalar: TensorScalar> {
  /// What a network is made of.
  public struct Plan: Sendable {
    public var layers: [any LayerDescription]
    /// The shape of one sample.
    public var inputShape: [Int]
    public var classCount: Int

    public init(layers: [any LayerDescription], inputShape: [Int], classCount: Int) {
      self.layers = layers
      self.inputShape = inputShape
      self.classCount = classCount
    }
  }

  public let layers: [any Layer<Scalar>]
  public let parameters: [Parameter<Scalar>]
  public let loss: SoftmaxCrossEntropy<Scalar>
  /// Multiplications and additions of one sample's forward pass.
  public let flopsPerSample: Int

  /// - Throws: `NetworkError` when a layer does not fit behind the one before it.
  public init(
    _ plan: Plan, batchSizeMax: Int, pool: WorkerPool, seed: UInt64
  ) throws(NetworkError) {
    let shapes = try Self.shapes(plan)
    let names = Self.layerNames(plan.layers)
    layers = plan.layers.indices.map { index in
      plan.layers[index].makeLayer(
        Scalar.self,
        LayerConstruction(
          name: names[index], inputShape: shapes[index], batchSizeMax: batchSizeMax, pool: pool,
          random: RandomSource(
            seed: seed, purpose: .initialization, index: UInt32(index))))
    }
    parameters = layers.flatMap { $0.parameters }
    flopsPerSample = layers.reduce(0) { $0 + $1.flopsPerSample }
    loss = SoftmaxCrossEntropy(batchSizeMax: batchSizeMax, classCount: plan.classCount)
  }

  /// The shape of a sample before each layer and behind the last, when all fit.
  public static func shapes(_ plan: Plan) throws(NetworkError) -> [[Int]] {
    var shapes = [plan.inputShape]
    for (index, layer) in plan.layers.enumerated() {
      do throws(ShapeMismatch) {
        shapes.append(try layer.outputShape(for: shapes[index]))
      } catch {
        throw NetworkError(layer: index, kind: type(of: layer).kind, reason: error.reason)
      }
    }
    guard shapes[plan.layers.count] == [plan.classCount] else {
      let last = plan.layers.count - 1
      let kind = last >= 0 ? type(of: plan.layers[last]).kind : "none"
      throw NetworkError(
        layer: max(0, last), kind: kind,
        reason: "the last layer gives \(shapes[plan.layers.count]), but the data has "
          + "\(plan.classCount) classes and needs [\(plan.classCount)]")
    }
    return shapes
  }

  /// "linear1", "relu1", "linear2", …: kind and number within the kind.
  public static func layerNames(_ layers: [any LayerDescription]) -> [String] {
    var counts: [String: Int] = [:]
    return layers.map { layer in
      let kind = type(of: layer).kind
      counts[kind, default: 0] += 1
      return "\(kind)\(counts[kind, default: 0])"
    }
  }

  /// The logits, [batch, classes], of a batch [batch, …].
  public func forward(_ input: Tensor<Scalar>, rows: Int) -> Tensor<Scalar> {
    // A loop, because `reduce` allocates memory for every layer.
    var output = input
    for index in layers.indices { output = layers[index].forward(output, rows: rows) }
    return output
  }

  /// Fills all gradients from the loss of the last evaluation.
  public func backward(rows: Int) {
    var gradient = loss.gradient
    for index in layers.indices.reversed() {
      gradient = layers[index].backward(gradient, rows: rows, needsInputGradient: index > 0)
    }
  }

  /// The layers that have weights, by name, in order: what sparsity is counted over.
  public var prunableParameters: [Parameter<Scalar>] {
    parameters.filter(\.isPrunable)
  }
}

/// A layer that does not fit where it stands.
public struct NetworkError: Error, Sendable, CustomStringConvertible {
  /// Position in the list of layers, from 0.
  public let layer: Int
  public let kind: String
  public let reason: String

  public var description: String { "layer \(layer + 1) (\(kind)): \(reason)" }
}
