import RunModel
import TerminalUI

/// Which metrics share a chart, and in which order the charts come.
struct ChartPlan: Equatable, FilterableRow {
  struct Curve: Equatable {
    let tag: String
    let name: String
  }

  let title: String
  let curves: [Curve]
  /// What the tags begin with: charts of one group can be shown alone.
  let group: String
  /// What it shows; the title but for the parts of a family that is too large for one chart.
  private let family: String

  init(title: String, curves: [Curve], group: String) {
    (self.title, family, self.curves, self.group) = (title, title, curves, group)
  }

  /// Some of the curves of a family.
  private init(_ family: String, _ part: Range<Int>, of curves: [Curve], group: String) {
    title = "\(family) \(part.lowerBound + 1)-\(part.upperBound)"
    self.curves = Array(curves[part])
    (self.family, self.group) = (family, group)
  }

  /// Parts of a data set that a metric is measured on; they share its chart.
  private static let parts = ["train", "val", "valid", "validation", "test", "eval"]
  /// Families of tags, a member for each layer or part, that share a chart.
  private static let families = [
    "sparsity", "gradient_norm", "weight_norm", "update_ratio", "dead_units",
    "activation_sparsity", "time",
  ]
  /// What people look at first.
  private static let order = [
    "loss", "accuracy", "top5", "learning_rate", "gradient_norm", "sparsity", "weight_norm",
    "update_ratio", "dead_units", "activation_sparsity",
    "gradient_norm by layer", "samples_per_second", "time",
  ]
  /// More curves cannot be told apart, and take long to draw.
  static let curvesMax = 32
  /// What the ends of names say about their units.
  private static let units = [
    ("_ms", "ms"), ("_mb", "MB"), ("_percent", "%"), ("_per_second", "1/s"), ("_seconds", "s"),
  ]

  /// The bounds of what is a fraction by nature; nil: fitted to the curves.
  var yRange: ClosedRange<Double>? {
    ["sparsity", "activation_sparsity"].contains(family) ? 0...1 : nil
  }

  var isOfAccuracy: Bool { family == "accuracy" }

  /// What the y axis counts; empty when the name does not tell.
  var unit: String {
    let tag = curves.first?.tag ?? ""
    return Self.units.first { tag.hasSuffix($0.0) }?.1 ?? ""
  }

  var filterText: String { title + " " + curves.map(\.tag).joined(separator: " ") }
  func filterNumber(_ column: String) -> Double? { nil }
  func filterWord(_ column: String) -> String? { nil }

  static func charts(of run: Run) -> [ChartPlan] { charts(ofTags: run.series.keys) }

  /// The charts for some metrics, each of which may stand there more than once.
  static func charts(ofTags tags: [String]) -> [ChartPlan] {
    var families: [String: [(rank: String, curve: Curve)]] = [:]
    for tag in Set(tags) {
      let (title, name) = place(of: tag)
      families[title, default: []].append((rank(name), Curve(tag: tag, name: name)))
    }
    return families.map { (position: position($0), title: $0, members: $1) }.sorted { one, two in
      one.position == two.position
        ? NaturalOrder.comes(one.title, before: two.title) : one.position < two.position
    }.flatMap { charts($0.title, $0.members) }
  }

  /// The chart of a family, or as many as it takes.
  private static func charts(
    _ title: String, _ members: [(rank: String, curve: Curve)]
  ) -> [ChartPlan] {
    // Beside a "val_loss" a bare "loss" is that of the training.
    let names = Set(members.map(\.curve.name))
    let hasParts = !names.isDisjoint(with: parts) && !names.contains(parts[0])
    let curves = members.map { rank, curve in
      hasParts && curve.name.isEmpty
        ? (rank: Self.rank(parts[0]), curve: Curve(tag: curve.tag, name: parts[0])) : (rank, curve)
    }.sorted { one, two in
      one.rank == two.rank
        ? one.curve.tag < two.curve.tag : NaturalOrder.comes(one.rank, before: two.rank)
    }.map(\.curve)
    let group = group(of: curves[0].tag)
    guard curves.count > curvesMax else {
      return [ChartPlan(title: title, curves: curves, group: group)]
    }
    return stride(from: 0, to: curves.count, by: curvesMax).map { first in
      ChartPlan(
        title, first..<min(first + curvesMax, curves.count), of: curves, group: group)
    }
  }

  private static func place(of tag: String) -> (title: String, name: String) {
    guard let slash = tag.firstIndex(of: "/") else { return placeByWords(of: tag) }
    let prefix = String(tag[..<slash])
    let rest = String(tag[tag.index(after: slash)...])
    if parts.contains(prefix) { return (rest, prefix) }
    if parts.contains(rest) { return (prefix, rest) }
    if families.contains(prefix) {
      return (prefix == "gradient_norm" ? "gradient_norm by layer" : prefix, rest)
    }
    if prefix == "optimizer" || prefix == "throughput" || prefix == "system" { return (rest, "") }
    return (tag, "")
  }

  /// "train_loss" and "loss-train" beside "val_loss": many logs have no slashes.
  private static func placeByWords(of tag: String) -> (title: String, name: String) {
    guard let first = tag.firstIndex(where: isBetweenWords),
      let last = tag.lastIndex(where: isBetweenWords)
    else { return (tag, "") }
    let (head, tail) = (tag[..<first].lowercased(), tag[tag.index(after: last)...].lowercased())
    if parts.contains(head) { return (String(tag[tag.index(after: first)...]), head) }
    if parts.contains(tail) { return (String(tag[..<last]), tail) }
    return (tag, "")
  }

  private static func isBetweenWords(_ character: Character) -> Bool {
    character == "_" || character == "-" || character == "." || character == " "
  }

  private static func group(of tag: String) -> String {
    guard let slash = tag.firstIndex(of: "/") else { return "other" }
    let prefix = String(tag[..<slash])
    let rest = tag[tag.index(after: slash)...]
    return parts.contains(prefix) || parts.contains(String(rest)) ? "train/val" : prefix
  }

  private static func position(_ title: String) -> Int {
    order.firstIndex(of: title) ?? order.count + Headline.rank(title)
  }

  /// Training before validation, the total before the layers, the rest by name.
  private static func rank(_ name: String) -> String {
    if name == "total" { return "" }
    return parts.firstIndex(of: name).map { "\($0)" } ?? name
  }
}

/// The charts of the shown runs, made once and kept while their metrics are the same.
struct ChartPlans: Sendable {
  let key: Key
  /// Those that the filter and the chosen group leave.
  let charts: [ChartPlan]
  /// The groups with the number of their charts, in the order of the charts.
  let groups: [(name: String, count: Int)]
  /// Those of all metrics.
  private let all: [ChartPlan]

  struct Key: Equatable, Sendable {
    /// Of each run; arrays that have not changed are compared at once.
    var tags: [[String]]
    var filter: String
    var group: String?
  }

  /// - Parameter earlier: whose charts are taken over while there are the same metrics.
  init(_ state: DashboardState, earlier: ChartPlans? = nil) {
    key = Self.key(state)
    if let earlier, earlier.key.tags == key.tags {
      all = earlier.all
    } else {
      all = ChartPlan.charts(ofTags: Array(key.tags.joined()))
    }
    var matching = all
    do throws(RowFilterError) {
      let filter = try RowFilter(key.filter, columns: [])
      matching = filter.matching(all)
    } catch {}  // told beside the line in which it is typed; nothing is hidden meanwhile
    var groups: [(name: String, count: Int)] = []
    var places: [String: Int] = [:]
    for chart in matching {
      let place = places[chart.group, default: groups.count]
      if place == groups.count {
        places[chart.group] = place
        groups.append((chart.group, 0))
      }
      groups[place].count += 1
    }
    self.groups = groups
    let group = key.group.flatMap { name in groups.first { $0.name == name }?.name }
    charts = group.map { name in matching.filter { $0.group == name } } ?? matching
  }

  static func key(_ state: DashboardState) -> Key {
    Key(
      tags: CurvesView.shownRuns(state).map(\.run.series.keys),
      filter: state.list(CurvesView().name).filterText, group: state.curves.group)
  }
}

extension DashboardState {
  /// The charts of the Curves view: those that were made before, while nothing has changed.
  var chartPlans: ChartPlans {
    if let cachedCharts, cachedCharts.key == ChartPlans.key(self) { return cachedCharts }
    return ChartPlans(self, earlier: cachedCharts)
  }
}
