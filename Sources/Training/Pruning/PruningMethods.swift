import JSONText
import NeuralNetwork
import RunLog

/// Finds the method that a prune asks for, with its settings.
enum PruningMethods {
  /// - Throws: `Refusal` that names what is wrong.
  static func method(
    _ request: ControlCommand.PruneRequest
  ) throws(ControlCommand.Request.Refusal) -> any PruningMethod {
    let kinds = PruningCatalogue.all.map { $0.kind }
    guard let kind = PruningCatalogue.all.first(where: { $0.kind == request.method }) else {
      let near = NearestName.of(request.method, among: kinds).map { "; did you mean \($0)?" }
      throw .init(
        "there is no method \"\(request.method)\""
          + (near ?? "; known are \(kinds.joined(separator: ", "))"))
    }
    do {
      let text = try ExperimentText.recorded(request.settings, source: "the prune")
      let object = try ExperimentObject(root: text)
      let method = try kind.init(object)
      try object.finish()
      return method
    } catch let error as ExperimentError {
      throw .init("\(error.field): \(error.problem)")
    } catch {
      throw .init("\(error)")
    }
  }

  /// Makes sure that a method can do something with the layers that are named, or with any.
  static func checkLayers(
    _ request: ControlCommand.PruneRequest, _ method: any PruningMethod,
    _ network: Network<Float>, _ graph: ChannelGraph
  ) throws(ControlCommand.Request.Refusal) {
    let names =
      method.unit == .weights ? network.weights.map(\.name) : graph.groups.flatMap(\.layers)
    let kind = method.unit == .weights ? "prunable" : "layers with removable channels"
    let known = "\(kind) are \(names.isEmpty ? "none" : names.joined(separator: ", "))"
    guard let layers = request.layers else {
      if names.isEmpty { throw .init("\(request.method) finds nothing to remove: \(known)") }
      return
    }
    guard let unknown = layers.first(where: { !names.contains($0) }) else { return }
    let exists = network.leaves.contains { $0.name == unknown }
    throw .init(
      (exists ? "\(unknown) cannot be pruned so" : "there is no layer \"\(unknown)\"")
        + "; \(known)")
  }

  /// What a run declares of a method.
  static func declaration(_ kind: any PruningMethod.Type) -> JSON {
    let list = SettingsList()
    do { _ = try kind.init(list) } catch { return .null }
    let settings = list.settings.map { setting -> JSON in
      var one: JSON = ["name": .string(setting.name), "allowed": .string(setting.allowed)]
      one["default"] = setting.fallback.map { .string($0) }
      return one
    }
    return [
      "name": .string(kind.kind), "summary": .string(kind.summary),
      "unit": .string(kind.unit.rawValue), "acts": .string(kind.pace.rawValue),
      "settings": .array(settings),
    ]
  }
}
