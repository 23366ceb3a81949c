import JSONText
import NeuralNetwork

/// The network that an experiment asks for.
public enum Model: Sendable {
  case preset(ModelPreset)
  case layers([any LayerDescription])

  /// The layers, for data with such targets.
  public func layers(for targets: TargetShape) -> [any LayerDescription] {
    switch self {
    case .preset(let preset): preset.layers(for: targets)
    case .layers(let layers): layers
    }
  }
}

/// Reads `model`: a preset's name, a list of layers, or `{"layers": […]}`.
enum ModelReader {
  static func model(_ root: ExperimentObject) throws -> Model {
    let presets = ModelCatalogue.all
    guard let node = root.field("model") else {
      root.record("model", .string(presets[0].name))
      return .preset(presets[0])
    }
    if let name = node.string {
      guard let preset = presets.first(where: { $0.name == name }) else {
        let names = presets.map { $0.name }
        let known = names.map { "\"\($0)\"" }.joined(separator: ", ")
        let near = NearestName.of(name, among: names).map { "; did you mean \"\($0)\"?" }
        throw root.error(
          "model",
          "found \"\(name)\", expected \(known) or {\"layers\": […]}" + (near ?? ""))
      }
      root.record("model", .string(name))
      return .preset(preset)
    }
    if node.array != nil {
      let layers = try root.layers("model", default: nil)
      root.record("model", ["layers": root.resolved["model"] ?? .array([])])
      return .layers(layers)
    }
    let model = try root.object("model")
    let layers = try model.layers("layers", default: nil)
    try model.finish()
    root.record("model", model.resolved)
    return .layers(layers)
  }
}

extension ExperimentObject {
  func layers(
    _ name: String, default fallback: [any LayerDescription]?
  ) throws -> [any LayerDescription] {
    guard let node = field(name) else {
      guard let fallback, fallback.isEmpty else {
        throw error(name, "is missing; expected a list of layers")
      }
      record(name, .array([]))
      return fallback
    }
    guard let elements = node.array, !elements.isEmpty || fallback != nil else {
      throw error(name, "expected a list […] of at least one layer")
    }
    let (layers, resolved) = try layers(elements, path: fieldPath(name), node.position)
    record(name, .array(resolved))
    return layers
  }

  func branches(_ name: String) throws -> [[any LayerDescription]] {
    guard let lists = field(name)?.array, !lists.isEmpty else {
      throw error(name, "expected a list [[…], …] of lists of layers")
    }
    var branches: [[any LayerDescription]] = []
    var resolved: [JSON] = []
    for (index, list) in lists.enumerated() {
      guard let elements = list.array else {
        throw error(name, "found \(list.kindName) in it, expected lists of layers")
      }
      let (layers, json) = try layers(
        elements, path: "\(fieldPath(name)).\(index)", list.position)
      branches.append(layers)
      resolved.append(.array(json))
    }
    record(name, .array(resolved))
    return branches
  }

  private func layers(
    _ elements: [JSONNode], path: String, _ position: JSONPosition
  ) throws -> ([any LayerDescription], [JSON]) {
    var layers: [any LayerDescription] = []
    var resolved: [JSON] = []
    for (index, element) in elements.enumerated() {
      let place = "\(path).\(index)"
      let object = try ExperimentObject(
        text, path: place, kindOrObject: element, position: position)
      let all = LayerCatalogue.all
      layers.append(
        try object.described(among: all, named: { $0.kind }) { try $0.init($1) })
      resolved.append(object.resolved)
    }
    return (layers, resolved)
  }
}
