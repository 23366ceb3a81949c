import RunLog
import RunModel

/// The layers of a run as far as its log feeds them: which metric, grid and histogram is about
/// which layer.
struct LayersFacts {
  struct Layer: Equatable {
    let name: String
    /// The metric of each quantity.
    var tags: [LayersQuantity: String] = [:]
    /// The grid of the density of its weights.
    var density: String?
    /// The grid of what counts on its edges, where its architecture is learned.
    var mixture: String?
    /// The histogram of its weights.
    var histogram: String?
    /// Metrics that name it, but not what they measure.
    var others: [String] = []
  }

  let run: Run
  /// In the order in which the run names them; those that only other logs' ways name come behind.
  let layers: [Layer]

  private static let layersMax = 4096
  private static let weightFamilies: Set<String> = [
    "weights", "weight", "parameters", "params", "param", "model", "histograms",
  ]
  private static let gradientFamilies: Set<String> = ["gradients", "gradient", "grads", "grad"]
  /// What stands for all layers together.
  private static let totals: Set<String> = ["total", "all", "global", "overall"]
  private static let suffix = ".weight"

  /// - Parameter layers: what is known of them; nil: not looked for yet.
  init(_ run: Run, layers: [Layer]? = nil) {
    self.run = run
    self.layers = layers ?? Self.layers(of: run)
  }

  private static func layers(of run: Run) -> [Layer] {
    var found: [String: Layer] = [:]
    func note(_ name: String, _ change: (inout Layer) -> Void) {
      guard found[name] != nil || found.count < layersMax else { return }
      change(&found[name, default: Layer(name: name)])
    }
    for tag in run.series.keys {
      if let (name, quantity) = measured(tag) {
        note(name) { $0.tags[quantity] = min($0.tags[quantity] ?? tag, tag) }
      } else if let name = weightOwner(tag) {
        note(name) { $0.others = ($0.others + [tag]).sorted() }
      }
    }
    for tag in run.grids.keys {
      if let name = LayersMixture.layer(ofTag: tag) { note(name) { $0.mixture = tag } }
      guard let (family, rest) = split(tag), family == "density" else { continue }
      note(layerName(rest)) { $0.density = min($0.density ?? tag, tag) }
    }
    for tag in run.histograms.keys {
      guard let name = weightOwner(tag) ?? familyMember(tag) else { continue }
      note(name) { $0.histogram = min($0.histogram ?? tag, tag) }
    }
    let named = run.layerNames.map(layerName)
    var seen: Set<String> = []
    let first = named.filter { found[$0] != nil && seen.insert($0).inserted }
    let rest = found.keys.filter { !seen.contains($0) }.sorted(by: LayersNameOrder.comesBefore)
    let all = (first + rest).compactMap { found[$0] }
    // What a search learns stands above the many layers that it is made of.
    return all.filter { $0.mixture != nil } + all.filter { $0.mixture == nil }
  }

  /// The quantities that any layer has.
  var quantities: [LayersQuantity] {
    LayersQuantity.allCases.filter { quantity in layers.contains { $0.tags[quantity] != nil } }
  }

  func layer(_ name: String) -> Layer? { layers.first { $0.name == name } }

  /// The newest value of a quantity; nil where the log has none.
  func latest(_ quantity: LayersQuantity, of layer: Layer) -> Float? {
    layer.tags[quantity].flatMap { run.series.last(of: $0)?.value }
  }

  // MARK: Size

  /// How many weights each layer has, as histograms or the answers to prunes tell.
  var weightCounts: [String: Double] {
    var counts: [String: Double] = [:]
    for layer in run.manifest?.layers ?? [] where !layer.shape.isEmpty {
      counts[layer.name] = layer.shape.reduce(1) { $0 * Double($1) }
    }
    for command in run.commands {
      for change in command.answer?.layers ?? [] where change.after >= 0 && change.after < 1 {
        let count = (Double(change.parameters) / (1 - change.after)).rounded()
        if count > 0 { counts[change.name] = count }
      }
    }
    for layer in layers {
      guard let bins = layer.histogram.flatMap({ run.histograms[$0]?.histogram.bins }) else {
        continue
      }
      let count = bins.reduce(0) { $0 + $1.count }.rounded()
      if count.isFinite, count > 0, counts[layer.name] == nil { counts[layer.name] = count }
    }
    return counts
  }

  /// The shape of each layer's weight, [outputs, inputs, …], as far as the log tells it for
  /// certain.
  func shapes(_ counts: [String: Double]) -> [String: [Int]] {
    let known = Dictionary(
      (run.manifest?.layers ?? []).filter { !$0.shape.isEmpty }.map { ($0.name, $0.shape) },
      uniquingKeysWith: { $1 })
    var result: [String: [Int]] = [:]
    for layer in layers {
      let grid = layer.density.flatMap { run.grids[$0]?.grid }
      let rows = grid.flatMap { $0.rows < Self.gridRowsMax ? $0.rows : nil }
      let columns = grid.flatMap { $0.columns < Self.gridColumnsMax ? $0.columns : nil }
      let count = counts[layer.name].flatMap { Int(exactly: $0) }
      if let shape = known[layer.name] {
        result[layer.name] = shape
      } else if let rows, let columns {
        result[layer.name] = [rows, columns]
      } else if let rows, rows > 0, let count, count % rows == 0 {
        result[layer.name] = [rows, count / rows]
      } else if let columns, columns > 0, let count, count % columns == 0 {
        result[layer.name] = [count / columns, columns]
      }
    }
    return result
  }

  /// A grid of fewer rows or columns has one for each of the matrix.
  private static let gridRowsMax = 32
  private static let gridColumnsMax = 64

  // MARK: Names

  private static func split(_ tag: String) -> (family: String, rest: String)? {
    guard let slash = tag.firstIndex(of: "/") else { return nil }
    let rest = tag[tag.index(after: slash)...]
    return rest.isEmpty ? nil : (tag[..<slash].lowercased(), String(rest))
  }

  private static func measured(_ tag: String) -> (name: String, quantity: LayersQuantity)? {
    guard let (family, rest) = split(tag), let quantity = LayersQuantity.families[family],
      !totals.contains(rest.lowercased())
    else { return nil }
    return (layerName(rest), quantity)
  }

  /// `conv1` of `conv1.weight` and of `params/conv1.weight`; nil for gradients and other names.
  private static func weightOwner(_ tag: String) -> String? {
    guard tag.hasSuffix(suffix), tag.count > suffix.count else { return nil }
    guard let (family, rest) = split(tag) else { return layerName(tag) }
    if gradientFamilies.contains(family) { return nil }
    return layerName(weightFamilies.contains(family) ? rest : tag)
  }

  /// `conv1` of `weights/conv1`.
  private static func familyMember(_ tag: String) -> String? {
    guard let (family, rest) = split(tag), weightFamilies.contains(family) else { return nil }
    return layerName(rest)
  }

  /// What PyTorch calls a layer's weights is the layer's here.
  private static func layerName(_ name: String) -> String {
    name.hasSuffix(suffix) && name.count > suffix.count
      ? String(name.dropLast(suffix.count)) : name
  }
}

/// The layers that a log tells of, found once and kept while it has the same metrics.
struct KnownLayers: Sendable {
  let key: Key
  let layers: [LayersFacts.Layer]

  struct Key: Equatable, Sendable {
    var path: String
    /// An array that has not changed is compared at once.
    var tags: [String]
    /// None of them ever goes.
    var grids, histograms: Int
    var hasManifest: Bool

    init(_ run: Run) {
      path = run.path
      tags = run.series.keys
      (grids, histograms) = (run.grids.count, run.histograms.count)
      hasManifest = run.manifest != nil
    }
  }

  init(_ run: Run) {
    key = Key(run)
    layers = LayersFacts(run).layers
  }
}

extension DashboardState {
  /// The layers of a run: those that were found before, while its log names no others.
  func layersFacts(of run: Run) -> LayersFacts {
    let isKnown = cachedLayers?.key == KnownLayers.Key(run)
    return LayersFacts(run, layers: isKnown ? cachedLayers?.layers : nil)
  }
}
