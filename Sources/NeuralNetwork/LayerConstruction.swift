import Tensors

/// What a layer is made with.
public struct LayerConstruction<Scalar: TensorScalar> {
  /// Unique within the network, such as "linear1".
  public let name: String
  /// The place in the network as PyTorch's nested modules number it: "0", "3.branch.0".
  public let place: String
  /// The shape of one sample.
  public let inputShape: [Int]
  public let outputShape: [Int]
  /// True when nobody else reads the input, so that the layer may compute in place.
  public var mayOverwriteInput = false
  /// True when the layer is to rectify its output; see `LayerDescription.canRectify`.
  public var rectifiesOutput = false
  /// True for a rectifier whose work the layer before it does.
  public var isDoneBefore = false
  /// For the initial weights.
  public let random: RandomSource
  let builder: NetworkBuilder<Scalar>
  /// The layer's number among all of the network, from 0.
  let index: Int

  /// Gives weights the numbers that they begin with, unless others are about to take their place.
  public func initialize(_ fill: (inout RandomSource) -> Void) {
    guard builder.initializes else { return }
    var random = random
    fill(&random)
  }

  public var batchSizeMax: Int { builder.batchSizeMax }
  public var pool: WorkerPool { builder.pool }
  public var workspace: Workspace<Scalar> { builder.workspace }
  public var inputSize: Int { inputShape.reduce(1, *) }
  public var outputSize: Int { outputShape.reduce(1, *) }

  /// An output of the layer's shape for the largest batch.
  public func makeOutput() -> Tensor<Scalar> { makeMemory(outputShape) }

  /// What the layer keeps of each sample of the largest batch, from pass to pass.
  public func makeMemory(_ sampleShape: [Int]) -> Tensor<Scalar> {
    builder.keptPerSample += sampleShape.reduce(1, *)
    return Tensor(shape: [batchSizeMax] + sampleShape)
  }

  public func parameter(
    _ roleName: String, _ role: Parameter<Scalar>.Role, shape: [Int]
  ) -> Parameter<Scalar> {
    Parameter(
      name: "\(name).\(roleName)", moduleName: "\(place).\(roleName)", role: role, shape: shape)
  }

  public func statistic(_ roleName: String, shape: [Int]) -> Statistic<Scalar> {
    Statistic(
      name: "\(name).\(roleName)", moduleName: "\(place).\(roleName)", value: Tensor(shape: shape))
  }

  /// Random numbers for the noise of one update: the same whenever it is made again.
  public func noise(step: Int) -> RandomSource {
    RandomSource(
      seed: builder.seed &+ UInt64(step) &* 0x9E37_79B9_7F4A_7C15, purpose: .noise,
      index: UInt32(truncatingIfNeeded: index))
  }

  /// The layers of a branch within this one.
  /// - Parameters:
  ///   - role: names the branch in the places of its layers: "branch", "shortcut".
  ///   - branchShape: the shape of a sample before the branch; nil: it takes this layer's input.
  public func sequence(
    _ descriptions: [any LayerDescription], role: String, inputShape branchShape: [Int]? = nil
  ) -> LayerSequence<Scalar> {
    builder.sequence(
      descriptions, name: "\(name).\(role)", place: "\(place).\(role).",
      inputShape: branchShape ?? inputShape)
  }
}

/// Makes the layers of one network: numbers and names them, and lets neighbours share work.
final class NetworkBuilder<Scalar: TensorScalar> {
  let batchSizeMax: Int
  let pool: WorkerPool
  let workspace = Workspace<Scalar>()
  let seed: UInt64
  let initializes: Bool
  let observers = LayerObservers<Scalar>()
  /// Scalars that the layers keep of each sample.
  var keptPerSample = 0
  private var names = LayerNames()

  init(batchSizeMax: Int, pool: WorkerPool, seed: UInt64, initializes: Bool = true) {
    self.batchSizeMax = batchSizeMax
    self.pool = pool
    self.seed = seed
    self.initializes = initializes
  }

  /// - Parameter place: what the place of each layer begins with.
  func sequence(
    _ descriptions: [any LayerDescription], name: String, place: String, inputShape: [Int]
  ) -> LayerSequence<Scalar> {
    var shape = inputShape
    var shapes = [inputShape]
    var layers: [any Layer<Scalar>] = []
    var isOutputFree = false
    var isRectified = false
    for (position, description) in descriptions.enumerated() {
      let kind = type(of: description).kind
      guard let outputShape = Self.outputShape(description, shape) else {
        preconditionFailure("shapes are checked before layers are made")
      }
      let index = names.count
      var construction = LayerConstruction<Scalar>(
        name: names.next(kind), place: "\(place)\(position)", inputShape: shape,
        outputShape: outputShape,
        random: RandomSource(
          seed: seed, purpose: .initialization, index: UInt32(truncatingIfNeeded: index)),
        builder: self, index: index)
      construction.mayOverwriteInput = isOutputFree
      construction.isDoneBefore = isRectified
      let isBeforeReLU =
        position + 1 < descriptions.count && descriptions[position + 1] is ReLU
      construction.rectifiesOutput = isBeforeReLU && description.canRectify
      layers.append(description.makeLayer(construction))
      isOutputFree = !description.readsOutput && !construction.rectifiesOutput
      isRectified = construction.rectifiesOutput
      shape = outputShape
      shapes.append(shape)
    }
    return LayerSequence(
      name: name, layers, shapes: shapes, observers: observers, workspace: workspace,
      isOutputFree: isOutputFree)
  }

  private static func outputShape(_ layer: any LayerDescription, _ shape: [Int]) -> [Int]? {
    do throws(ShapeMismatch) { return try layer.outputShape(for: shape) } catch { return nil }
  }
}

/// "linear1", "relu1", "linear2", …: kind and number within the kind, over a whole network.
struct LayerNames {
  /// Names given so far.
  private(set) var count = 0
  private var counts: [String: Int] = [:]

  mutating func next(_ kind: String) -> String {
    count += 1
    counts[kind, default: 0] += 1
    return "\(kind)\(counts[kind, default: 0])"
  }
}
