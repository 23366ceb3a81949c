import JSONText

/// The layers of a network, as the tags of its metrics name them.
struct LayerNames: Sendable {
  /// In the order of their first appearance.
  private(set) var seen: [String] = []
  private var known: Set<String> = []

  private static let layersMax = 4096
  private static let families: Set<String> = [
    "sparsity", "gradient_norm", "weight_norm", "dead_units", "density",
  ]
  /// Stands for all layers together.
  private static let total = "total"

  /// Takes note of a metric's or a grid's name, such as "weight_norm/linear1".
  mutating func note(_ tag: String) {
    guard let slash = tag.firstIndex(of: "/"), Self.families.contains(String(tag[..<slash])) else {
      return
    }
    let name = String(tag[tag.index(after: slash)...])
    guard !name.isEmpty, name != Self.total, seen.count < Self.layersMax,
      known.insert(name).inserted
    else { return }
    seen.append(name)
  }

  /// Those that were seen, in the order of an experiment's layers; those that it does not name come
  /// behind them.
  func ordered(by experiment: JSON?) -> [String] {
    let named = Self.names(experiment).filter(known.contains)
    let first = Set(named)
    return named + seen.filter { !first.contains($0) }
  }

  /// Kind and number within the kind, as the engine names layers. A preset's are not known here.
  private static func names(_ experiment: JSON?) -> [String] {
    var counts: [String: Int] = [:]
    let layers = experiment?["model"]?["layers"]?.array ?? []
    return layers.prefix(layersMax).compactMap { layer in
      guard let kind = layer["kind"]?.string else { return nil }
      counts[kind, default: 0] += 1
      return "\(kind)\(counts[kind, default: 0])"
    }
  }
}
