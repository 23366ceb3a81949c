import JSONText
import NeuralNetwork

/// Networks of convolutions and hidden layers one behind the other: how many there are, how wide,
/// with which kernels and activation, each chosen from a list.
public struct LayerSpace: SearchSpace {
  public static let kind = "layers"
  public static let summary =
    "convolutions and hidden layers in a row: depths, widths, kernels, activation from lists"

  public let variables: [SearchVariable]
  private let convolutions, channels, kernels, hidden, widths: [Int]
  private let activations, normalizations: [String]
  private let pools: Bool

  private static let none = "none"
  private static let depthMax = 12

  public init(_ settings: some Settings) throws {
    convolutions = try settings.integers(
      "convolutions", in: 0...Self.depthMax, count: 1...100, default: [0])
    channels = try settings.integers(
      "channels", in: 1...4096, count: 1...100, default: [8, 16, 32])
    kernels = try settings.integers("kernels", in: 1...31, count: 1...16, default: [3, 5])
    pools = try settings.flag("pooling", default: true)
    normalizations = try settings.words(
      "normalizations", of: [Self.none, "batchNorm"], count: 1...2, default: [Self.none])
    hidden = try settings.integers(
      "hidden", in: 0...Self.depthMax, count: 1...100, default: [1, 2])
    widths = try settings.integers(
      "widths", in: 1...1_000_000, count: 1...1000, default: [16, 32, 64, 128])
    activations = try settings.words(
      "activations", of: ["relu", "leakyReLU", "gelu", "silu", "tanh", "sigmoid"], count: 1...6,
      default: ["relu"])
    variables = Self.variables(
      convolutions: convolutions, channels: channels, kernels: kernels, hidden: hidden,
      widths: widths, activations: activations, normalizations: normalizations)
  }

  private static func variables(
    convolutions: [Int], channels: [Int], kernels: [Int], hidden: [Int], widths: [Int],
    activations: [String], normalizations: [String]
  ) -> [SearchVariable] {
    func sizes(_ name: String, _ values: [Int]) -> SearchVariable {
      SearchVariable(name, choices: values.map(String.init), isOrdered: values == values.sorted())
    }
    var result = [sizes("convolutions", convolutions)]
    for number in 0..<(convolutions.max() ?? 0) {
      result.append(sizes("channels \(number + 1)", channels))
      result.append(sizes("kernel \(number + 1)", kernels))
    }
    result.append(
      SearchVariable("normalization", choices: normalizations, isOrdered: false))
    result.append(sizes("hidden", hidden))
    for number in 0..<(hidden.max() ?? 0) { result.append(sizes("width \(number + 1)", widths)) }
    result.append(SearchVariable("activation", choices: activations, isOrdered: false))
    return result
  }

  /// What the choices say, those without effect left out.
  private struct Shape {
    var convolutions: [(channels: Int, kernel: Int)] = []
    var widths: [Int] = []
    var normalization, activation: String
  }

  /// - Returns: nil when the choices are not those of this space.
  private func shape(_ choices: [Int]) -> (shape: Shape, canonical: [Int])? {
    guard choices.count == variables.count,
      zip(choices, variables).allSatisfy({ $1.choices.indices.contains($0) })
    else { return nil }
    var rest = choices[...]
    var canonical: [Int] = []
    func take(_ isUsed: Bool = true) -> Int {
      let choice = rest.removeFirst()
      canonical.append(isUsed ? choice : 0)
      return choice
    }
    var shape = Shape(normalization: "", activation: "")
    let depth = convolutions[take()]
    for number in 0..<(convolutions.max() ?? 0) {
      let isUsed = number < depth
      let (channel, kernel) = (channels[take(isUsed)], kernels[take(isUsed)])
      if isUsed { shape.convolutions.append((channel, kernel)) }
    }
    shape.normalization = normalizations[take()]
    let hiddenDepth = hidden[take()]
    for number in 0..<(hidden.max() ?? 0) {
      let width = widths[take(number < hiddenDepth)]
      if number < hiddenDepth { shape.widths.append(width) }
    }
    shape.activation = activations[take(depth + hiddenDepth > 0)]
    if depth + hiddenDepth == 0 { shape.activation = activations[0] }
    return (shape, canonical)
  }

  public func architecture(_ choices: [Int]) -> Architecture? {
    guard let (shape, canonical) = shape(choices) else { return nil }
    var parts = shape.convolutions.map { "conv \($0.channels)×\($0.kernel)" }
    parts += shape.widths.map(String.init)
    var text = parts.isEmpty ? "linear" : parts.joined(separator: " → ")
    if activations.count > 1, !parts.isEmpty { text += ", \(shape.activation)" }
    if normalizations.count > 1 { text += ", \(shape.normalization)" }
    return Architecture(choices: canonical, identity: text, text: text)
  }

  public func model(of architecture: Architecture, for targets: TargetShape) -> JSON {
    guard let (shape, _) = shape(architecture.choices) else {
      preconditionFailure("an architecture is of the space that made it")
    }
    var layers: [JSON] = []
    func finishLayer() {
      if shape.normalization != Self.none { layers.append(.string(shape.normalization)) }
      layers.append(.string(shape.activation))
    }
    for convolution in shape.convolutions {
      layers.append([
        "kind": "convolution", "channels": .integer(Int64(convolution.channels)),
        "kernel": .integer(Int64(convolution.kernel)),
        "padding": .integer(Int64(convolution.kernel / 2)),
        "bias": .boolean(shape.normalization == Self.none),
      ])
      finishLayer()
      if pools { layers.append("maxPool") }
    }
    if !shape.convolutions.isEmpty { layers.append("flatten") }
    for width in shape.widths {
      layers.append([
        "kind": "linear", "outputs": .integer(Int64(width)),
        "bias": .boolean(shape.normalization == Self.none),
      ])
      finishLayer()
    }
    layers.append(["kind": "linear", "outputs": .integer(Int64(targets.outputs))])
    return ["layers": .array(layers)]
  }
}
