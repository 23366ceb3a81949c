import NeuralNetwork

/// What decides how long a layer takes on this machine: its kind and sizes, and the neighbours that
/// it shares work and memory with.
struct LayerTrait {
  let layer: ObjectIdentifier
  /// The same for all layers that take equally long, in any network, such as
  /// "linear 784 > 300, 300x784 300, 470400 flops, relu next".
  let text: String

  /// Of all layers of a network, those that hold others included.
  static func all(of network: Network<Float>) -> [LayerTrait] { traits(of: network.body) }

  private static func traits(of sequence: LayerSequence<Float>) -> [LayerTrait] {
    sequence.children.indices.flatMap { index -> [LayerTrait] in
      let layer = sequence.children[index]
      let own = LayerTrait(
        layer: ObjectIdentifier(layer), text: text(of: layer, at: index, in: sequence))
      return [own]
        + layer.children.compactMap { $0 as? LayerSequence<Float> }.flatMap { traits(of: $0) }
    }
  }

  private static func text(
    of layer: any Layer<Float>, at index: Int, in sequence: LayerSequence<Float>
  ) -> String {
    let inputShape = index == 0 ? sequence.inputShape : sequence.childShapes[index - 1]
    let within = layer.children.reduce(0) { $0 + $1.flopsPerSample }
    var parts = ["\(kind(layer)) \(shown(inputShape)) > \(shown(sequence.childShapes[index]))"]
    if layer.children.isEmpty {
      let shapes = layer.parameters.map { shown($0.value.shape) }
      if !shapes.isEmpty { parts.append(shapes.joined(separator: " ")) }
    } else {
      parts.append("\(layer.children.count) within")
    }
    parts.append("\(layer.flopsPerSample - within) flops")
    // Rectifiers are computed by the layer before them, and layers may work in its output.
    if index > 0 { parts.append("\(kind(sequence.children[index - 1])) before") }
    if index + 1 < sequence.children.count, kind(sequence.children[index + 1]) == ReLU.kind {
      parts.append("\(ReLU.kind) next")
    }
    return parts.joined(separator: ", ")
  }

  /// Layers are named by their kind and a number.
  private static func kind(_ layer: any Layer<Float>) -> String {
    let name = layer.name
    let digits = name.reversed().prefix { $0.isNumber }.count
    return String(name.dropLast(digits))
  }

  private static func shown(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "x")
  }
}
