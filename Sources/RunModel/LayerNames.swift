import RunLog

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

  /// Those that were seen, in the order in which the run's manifest names them; those that it does
  /// not name come behind them.
  func ordered(by manifest: RunManifest?) -> [String] {
    let named = (manifest?.layers ?? []).map(\.name).filter(known.contains)
    let first = Set(named)
    return named + seen.filter { !first.contains($0) }
  }
}
