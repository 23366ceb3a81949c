import JSONText
import RunLog

/// Settings out of a JSON object, nested names joined by "/".
struct HyperparameterList {
  private(set) var hyperparameters: [Hyperparameter] = []

  private static let countMax = 1000
  /// Longer values are no settings that runs are compared by, in bytes.
  private static let textSizeMax = 1024

  mutating func add(_ members: [JSONNode.Member], below prefix: String = "") {
    for member in members where hyperparameters.count < Self.countMax {
      let name = MetricRecords.cut(prefix + member.name)
      switch member.node.kind {
      case .object(let inner): add(inner, below: name + "/")
      case .array:
        let text = member.node.json.text(nonFinite: .token)
        if text.utf8.count <= Self.textSizeMax { add(name, .string(text)) }
      case .string(let text) where text.utf8.count > Self.textSizeMax: continue
      case .null: continue
      default: add(name, member.node.json)
      }
    }
  }

  private mutating func add(_ name: String, _ value: JSON) {
    hyperparameters.append(Hyperparameter(name: name, value: value))
  }
}
