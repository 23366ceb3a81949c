import Tensors

/// Layers in a row, with the loss at their end.
public final class Network<Scalar: TensorScalar> {
  /// The layers in a row; those within layers are their children.
  public let body: LayerSequence<Scalar>
  public let parameters: [Parameter<Scalar>]
  /// What the layers remember of the data.
  public let statistics: [Statistic<Scalar>]
  public let loss: any Loss<Scalar>
  /// Who looks into the layers at work.
  public let observers: LayerObservers<Scalar>
  public let plan: NetworkPlan
  public let batchSizeMax: Int
  /// Multiplications and additions of one sample's forward pass.
  public var flopsPerSample: Int { body.flopsPerSample }
  /// Scalars that the layers keep of each sample, from pass to pass: outputs and states.
  public let keptPerSample: Int
  /// Passes backward so far: what methods are compared by.
  public var gradientEvaluations = 0

  let workspace: Workspace<Scalar>
  public let pool: WorkerPool
  let seed: UInt64
  private let outputSize: Int

  /// - Parameter initializes: false: the weights are about to be overwritten, and stay zero.
  /// - Throws: `NetworkError` when a layer does not fit behind the one before it.
  public init(
    _ plan: NetworkPlan, batchSizeMax: Int, pool: WorkerPool, seed: UInt64,
    initializes: Bool = true
  ) throws(NetworkError) {
    try plan.check()
    self.plan = plan
    self.batchSizeMax = batchSizeMax
    self.pool = pool
    self.seed = seed
    let builder = NetworkBuilder<Scalar>(
      batchSizeMax: batchSizeMax, pool: pool, seed: seed, initializes: initializes)
    body = builder.sequence(plan.layers, name: "network", place: "", inputShape: plan.inputShape)
    keptPerSample = builder.keptPerSample
    workspace = builder.workspace
    observers = builder.observers
    parameters = body.parameters
    statistics = body.statistics
    loss = plan.loss.makeLoss(plan.targets)
    outputSize = plan.targets.outputShape.reduce(1, *)
  }

  /// The output, [rows, …], of a batch [rows, …]; valid until the next pass.
  public func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    body.forward(input, pass)
  }

  /// One pass in both directions: fills all gradients.
  public func learn(
    _ input: Tensor<Scalar>, _ targets: Targets<Scalar>, _ pass: Pass
  ) -> LossResult {
    let output = forward(input, pass)
    let (result, gradient) = evaluate(output, targets, pass)
    backward(gradient, pass)
    return result
  }

  /// The loss of an output, and its gradient, which belongs to `backward`.
  public func evaluate(
    _ output: Tensor<Scalar>, _ targets: Targets<Scalar>, _ pass: Pass
  ) -> (result: LossResult, gradient: Tensor<Scalar>) {
    let gradient = workspace.take(pass.rows * outputSize)
    return (loss.evaluate(output, targets, rows: pass.rows, gradient: gradient), gradient)
  }

  /// Fills all gradients from the gradient of the output, which `evaluate` gave.
  public func backward(_ outputGradient: Tensor<Scalar>, _ pass: Pass) {
    gradientEvaluations += 1
    _ = body.backward(outputGradient, pass, needsInputGradient: false)
  }

  /// The loss of a batch, without gradients.
  public func measure(
    _ input: Tensor<Scalar>, _ targets: Targets<Scalar>, _ pass: Pass
  ) -> LossResult {
    loss.evaluate(forward(input, pass), targets, rows: pass.rows, gradient: nil)
  }

  /// The parameters that can be pruned, in order, each by the name of its layer, or by its own
  /// where a layer has several: what sparsity is counted over.
  public var weights: [(name: String, parameter: Parameter<Scalar>)] {
    leaves.flatMap { Self.weights(of: $0) }
  }

  static func weights(
    of leaf: any Layer<Scalar>
  ) -> [(name: String, parameter: Parameter<Scalar>)] {
    let weights = leaf.parameters.filter(\.isPrunable)
    return weights.map { (weights.count == 1 ? leaf.name : $0.name, $0) }
  }

  /// The parameters that can be pruned, in order.
  public var prunableParameters: [Parameter<Scalar>] { parameters.filter(\.isPrunable) }

  /// Every layer that has none within, in the order of the computation.
  public var leaves: [any Layer<Scalar>] { Self.leaves(of: body) }

  /// Every layer that has none within, with the shape of a sample behind it.
  public var shapedLeaves: [(layer: any Layer<Scalar>, outputShape: [Int])] {
    Self.shapedLeaves(of: body)
  }

  private static func shapedLeaves(
    of sequence: LayerSequence<Scalar>
  ) -> [(layer: any Layer<Scalar>, outputShape: [Int])] {
    zip(sequence.children, sequence.childShapes).flatMap { layer, shape in
      layer.children.isEmpty
        ? [(layer: layer, outputShape: shape)]
        : layer.children.compactMap { $0 as? LayerSequence<Scalar> }
          .flatMap { shapedLeaves(of: $0) }
    }
  }

  private static func leaves(of layer: any Layer<Scalar>) -> [any Layer<Scalar>] {
    layer.children.isEmpty ? [layer] : layer.children.flatMap { leaves(of: $0) }
  }
}
