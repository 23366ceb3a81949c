import Glibc
import NeuralNetwork
import Tensors

/// What flows through all paths of a network at once, without looking at data: every weight is
/// replaced by its magnitude, ones are put in, and the score is log Σ |θ · ∂R/∂θ| over all
/// weights θ, where R is the sum of the outputs (Tanaka et al. 2020, section 6).
///
/// R is the product of the layers' weights alone, so biases and shifts are zero, and batch
/// normalisation goes by the statistics that it begins with, which change nothing. What
/// normalises single samples still does.
public struct SynapticFlow: ZeroCostScore {
  public static let kind = "synflow"
  public static let summary = "flow of ones through the magnitudes of all weights, without data"
  public static let paper: String? =
    "Tanaka et al., Pruning neural networks without any data, 2020, arXiv 2006.05467"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func score(
    of network: Network<Float>, _ input: Tensor<Float>, _ targets: Targets<Float>, rows: Int
  ) -> Double {
    guard rows > 0, network.batchSizeMax > 0 else { return ZeroCostCatalogue.worst }
    for parameter in network.parameters { takeMagnitudes(of: parameter) }
    let ones = Tensor<Float>(shape: [1] + network.plan.inputShape)
    // Symbols are no amounts: any of them will do, and 0 is always one.
    ones.fill(network.plan.layers.first?.wholeInputs == nil ? 1 : 0)

    let scaling = FlowScaling(network.body)
    let usual = network.observers.interceptor
    network.observers.interceptor = scaling
    defer { network.observers.interceptor = usual }
    let pass = Pass.evaluation(rows: 1)
    let output = network.forward(ones, pass)
    // The loss's gradient is not needed, but the memory that the network gives for one.
    let (_, gradient) = network.evaluate(output, targets, pass)
    let outputCount = network.plan.targets.outputShape.reduce(1, *)
    gradient.scalars.update(repeating: 1, count: outputCount)
    network.backward(gradient, pass)

    let flow = network.prunableParameters.reduce(0.0) { $0 + Self.flow(through: $1) }
    return ZeroCostCatalogue.finite(log(flow) + scaling.logarithm)
  }

  private func takeMagnitudes(of parameter: Parameter<Float>) {
    let isShift = parameter.role == .bias || parameter.name.hasSuffix(".bias")
    for number in parameter.value.buffer.indices {
      parameter.value.scalars[number] = isShift ? 0 : parameter.value.scalars[number].magnitude
    }
  }

  private static func flow(through parameter: Parameter<Float>) -> Double {
    let (weights, gradients) = (parameter.value.scalars, parameter.gradient.scalars)
    var sum = 0.0
    for number in 0..<parameter.value.count {
      sum += Double(weights[number]).magnitude * Double(gradients[number]).magnitude
    }
    return sum
  }
}

/// Keeps what flows within the range of the numbers: where a layer's outputs become large, they are
/// divided, which changes R and all its gradients by that factor alone. Outputs that saturate never
/// become large.
private final class FlowScaling: LayerInterceptor {
  /// Of all divisors' product.
  private(set) var logarithm = 0.0

  /// The layers of the network itself: behind those within layers there are branches.
  private let sizes: [ObjectIdentifier: Int]
  private var factors: [ObjectIdentifier: Float] = [:]

  private static let outputMax: Float = 1e6

  init(_ body: LayerSequence<Float>) {
    sizes = Dictionary(
      zip(body.children, body.childShapes).map { (ObjectIdentifier($0), $1.reduce(1, *)) },
      uniquingKeysWith: { one, _ in one })
  }

  func didCompute(_ layer: any Layer<Float>, _ output: Tensor<Float>, _ pass: Pass) {
    let identifier = ObjectIdentifier(layer)
    guard let size = sizes[identifier] else { return }
    var largest: Float = 0
    for number in 0..<size { largest = max(largest, output.scalars[number].magnitude) }
    guard largest > Self.outputMax, largest.isFinite else { return }
    factors[identifier] = 1 / largest
    logarithm += log(Double(largest))
    scale(output, size, by: 1 / largest)
  }

  func willDerive(_ layer: any Layer<Float>, _ gradient: Tensor<Float>, _ pass: Pass) {
    let identifier = ObjectIdentifier(layer)
    guard let size = sizes[identifier], let factor = factors[identifier] else { return }
    scale(gradient, size, by: factor)
  }

  private func scale(_ tensor: Tensor<Float>, _ count: Int, by factor: Float) {
    for number in 0..<count { tensor.scalars[number] *= factor }
  }
}
