import JSONText
import NeuralNetwork

/// Reads `model`: a preset's name, or `{"layers": […]}`.
enum ModelReader {
  static func layers(_ root: ExperimentObject) throws -> [any LayerDescription] {
    let presets = ModelPreset.all.map(\.name)
    guard let node = root.field("model") else {
      root.record("model", .string(ModelPreset.all[0].name))
      return ModelPreset.all[0].layers
    }
    if let name = node.string {
      guard let preset = ModelPreset.all.first(where: { $0.name == name }) else {
        throw root.error(
          "model",
          "found \"\(name)\", expected \(presets.map { "\"\($0)\"" }.joined(separator: ", ")) or "
            + "{\"layers\": […]}")
      }
      root.record("model", .string(name))
      return preset.layers
    }
    let model = try root.object("model")
    guard let list = model.field("layers") else {
      throw model.error("layers", "is missing; expected a list of layers")
    }
    guard let elements = list.array, !elements.isEmpty else {
      throw model.error("layers", "expected a list […] of at least one layer")
    }
    var layers: [any LayerDescription] = []
    var resolved: [JSON] = []
    for (index, element) in elements.enumerated() {
      let object = try ExperimentObject(
        root.text, path: "model.layers.\(index)", node: element, position: list.position)
      layers.append(try layer(object))
      resolved.append(object.resolved)
    }
    try model.finish()
    root.record("model", ["layers": .array(resolved)])
    return layers
  }

  private static func layer(_ object: ExperimentObject) throws -> any LayerDescription {
    let all = LayerCatalogue.all
    let kind = try object.choice("kind", of: all.map { $0.kind }, default: nil)
    guard let type = all.first(where: { $0.kind == kind }) else {
      preconditionFailure("a kind that was offered is in the list")
    }
    let layer = try type.init(object)
    try object.finish()
    return layer
  }
}

/// A model that experiments name instead of listing its layers.
public struct ModelPreset: Sendable {
  public let name: String
  public let summary: String
  public let layers: [any LayerDescription]

  /// The first is what an experiment gets that names none.
  public static let all: [ModelPreset] = [
    ModelPreset(
      name: "lenet-300-100",
      summary: "multilayer perceptron of 300 and 100 units (LeCun et al. 1998)",
      layers: [
        Linear(outputs: 300), ReLU(), Linear(outputs: 100), ReLU(), Linear(outputs: 10),
      ])
  ]
}
