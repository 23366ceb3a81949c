import JSONText
import NeuralNetwork
import RunLog

extension Experiment.ScheduledPrune {
  /// Reads `{"epoch", "method", "sparsity", "layers", settings of the method}`.
  init(_ object: ExperimentObject, epochs: Int) throws {
    let kinds = PruningCatalogue.all
    let name = try object.choice(
      "method", of: kinds.map { $0.kind }, default: MagnitudePruning.kind)
    guard let kind = kinds.first(where: { $0.kind == name }) else {
      preconditionFailure("a method that was offered is in the list")
    }
    // What takes time begins at once unless something else is said.
    epoch = try object.integer("epoch", in: 0...epochs, default: kind.pace == .once ? nil : 0)
    let sparsity = try object.number("sparsity", in: 0.0001...0.9999, default: nil)
    let layers = try object.names("layers")
    let general = object.resolved
    _ = try kind.init(object)
    try object.finish()
    let settings = (object.resolved.members ?? []).filter { general[$0.name] == nil }
    request = ControlCommand.PruneRequest(
      method: name, sparsity: sparsity, layers: layers, settings: .object(settings),
      isPreview: false)
  }
}

extension ExperimentObject {
  /// A list of names; nil when it is not given, or null.
  fileprivate func names(_ name: String) throws -> [String]? {
    guard let node = field(name), !node.isNull else { return nil }
    let names = (node.array ?? []).compactMap(\.string)
    guard !names.isEmpty, names.count == node.array?.count else {
      throw error(name, "expected a list of layers, such as [\"linear1\"]")
    }
    record(name, .array(names.map { .string($0) }))
    return names
  }
}
