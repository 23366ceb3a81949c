import Tensors

/// Layers one behind the other.
public final class LayerSequence<Scalar: TensorScalar>: Layer {
  public let name: String
  public let children: [any Layer<Scalar>]
  /// The shape of a sample before the first of the children.
  public let inputShape: [Int]
  /// The shape of a sample behind each of the children.
  public let childShapes: [[Int]]
  public let flopsPerSample: Int
  /// Whether the output may be overwritten by who asked for it.
  let isOutputFree: Bool

  private let observers: LayerObservers<Scalar>
  private let workspace: Workspace<Scalar>

  /// - Parameter shapes: of a sample before each of the children and behind the last.
  init(
    name: String, _ children: [any Layer<Scalar>], shapes: [[Int]],
    observers: LayerObservers<Scalar>, workspace: Workspace<Scalar>, isOutputFree: Bool
  ) {
    self.name = name
    self.children = children
    inputShape = shapes[0]
    childShapes = Array(shapes.dropFirst())
    self.observers = observers
    self.workspace = workspace
    self.isOutputFree = isOutputFree
    flopsPerSample = children.reduce(0) { $0 + $1.flopsPerSample }
  }

  public func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    // A loop, because `reduce` allocates memory for every layer.
    var output = input
    for index in children.indices {
      observers.interceptor?.willCompute(children[index], output, pass)
      output = children[index].forward(output, pass)
      observers.interceptor?.didCompute(children[index], output, pass)
      if let observe = observers.activation { observe(children[index], output, pass) }
    }
    return output
  }

  public func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    var gradient = outputGradient
    for index in children.indices.reversed() {
      observers.interceptor?.willDerive(children[index], gradient, pass)
      if let observe = observers.gradient { observe(children[index], gradient, pass) }
      let isNeeded = needsInputGradient || index > 0
      guard let next = children[index].backward(gradient, pass, needsInputGradient: isNeeded)
      else {
        precondition(!isNeeded, "a layer gives the gradient that it is asked for")
        return nil
      }
      gradient = next
    }
    if needsInputGradient { return gradient }
    workspace.give(gradient)
    return nil
  }
}

/// Who looks into a network at work. What is seen is valid during the call, and not to be changed.
public final class LayerObservers<Scalar: TensorScalar> {
  public typealias Observer = (any Layer<Scalar>, Tensor<Scalar>, Pass) -> Void

  /// Sees each layer's output, [rows, …], as it is computed, also those of layers within layers.
  public var activation: Observer?
  /// Sees the loss's gradient with respect to each layer's output. Where a rectifier's work is done
  /// by the layer before it, that layer's is the gradient behind the rectifier.
  public var gradient: Observer?
  /// Stands between the layers; comes before the observers.
  public var interceptor: (any LayerInterceptor<Scalar>)?
}
