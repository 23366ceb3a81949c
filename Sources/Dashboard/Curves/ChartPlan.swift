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

  /// Parts of a data set that a metric is measured on; they share its chart.
  private static let parts = ["train", "val", "valid", "validation", "test", "eval"]
  /// Families of tags, a member for each layer or part, that share a chart.
  private static let families = [
    "sparsity", "gradient_norm", "weight_norm", "dead_units", "time",
  ]
  /// What people look at first.
  private static let order = [
    "loss", "accuracy", "learning_rate", "gradient_norm", "sparsity", "weight_norm", "dead_units",
    "gradient_norm by layer", "samples_per_second", "time",
  ]
  /// What the ends of names say about their units.
  private static let units = [
    ("_ms", "ms"), ("_mb", "MB"), ("_percent", "%"), ("_per_second", "1/s"), ("_seconds", "s"),
  ]

  /// The bounds of what is a fraction by nature; nil: fitted to the curves.
  var yRange: ClosedRange<Double>? { title == "sparsity" ? 0...1 : nil }

  /// What the y axis counts; empty when the name does not tell.
  var unit: String {
    let tag = curves.first?.tag ?? ""
    return Self.units.first { tag.hasSuffix($0.0) }?.1 ?? ""
  }

  var filterText: String { title + " " + curves.map(\.tag).joined(separator: " ") }
  func filterNumber(_ column: String) -> Double? { nil }
  func filterWord(_ column: String) -> String? { nil }

  static func charts(of run: Run) -> [ChartPlan] { charts(of: [run]) }

  /// The charts for all metrics that any of the runs has.
  static func charts(of runs: [Run]) -> [ChartPlan] {
    var curves: [String: [Curve]] = [:]
    for tag in Set(runs.flatMap { $0.series.keys }) {
      let (title, name) = place(of: tag)
      curves[title, default: []].append(Curve(tag: tag, name: name))
    }
    return curves.map { title, members in
      let sorted = members.sorted { one, two in
        let (first, second) = (rank(one.name), rank(two.name))
        return first == second
          ? one.tag < two.tag : NaturalOrder.comes(first, before: second)
      }
      return ChartPlan(title: title, curves: sorted, group: group(of: sorted[0].tag))
    }.sorted { first, second in
      let (one, two) = (position(first.title), position(second.title))
      return one == two ? NaturalOrder.comes(first.title, before: second.title) : one < two
    }
  }

  private static func place(of tag: String) -> (title: String, name: String) {
    guard let slash = tag.firstIndex(of: "/") else { return (tag, "") }
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

  /// What people look at first, whatever it is called in somebody else's log.
  static func rank(ofForeign tag: String) -> Int {
    let words = tag.lowercased()
    let wanted = ["loss", "acc", "lr", "learning_rate", "perplexity", "f1"]
    return wanted.firstIndex { words.contains($0) } ?? wanted.count
  }

  private static func group(of tag: String) -> String {
    guard let slash = tag.firstIndex(of: "/") else { return "other" }
    let prefix = String(tag[..<slash])
    let rest = tag[tag.index(after: slash)...]
    return parts.contains(prefix) || parts.contains(String(rest)) ? "train/val" : prefix
  }

  private static func position(_ title: String) -> Int {
    order.firstIndex(of: title) ?? order.count
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

  struct Key: Hashable, Sendable {
    var tagCounts: [String: Int]
    var filter: String
    var group: String?
  }

  init(_ state: DashboardState) {
    key = Self.key(state)
    var all = ChartPlan.charts(of: CurvesView.shownRuns(state).map(\.run))
    do throws(RowFilterError) {
      let filter = try RowFilter(key.filter, columns: [])
      if !filter.isEmpty { all = all.filter { filter.matches($0) } }
    } catch {}  // told beside the line in which it is typed; nothing is hidden meanwhile
    var groups: [(name: String, count: Int)] = []
    for chart in all {
      if let index = groups.firstIndex(where: { $0.name == chart.group }) {
        groups[index].count += 1
      } else {
        groups.append((chart.group, 1))
      }
    }
    self.groups = groups
    let group = key.group.flatMap { name in groups.first { $0.name == name }?.name }
    charts = group.map { name in all.filter { $0.group == name } } ?? all
  }

  static func key(_ state: DashboardState) -> Key {
    var counts: [String: Int] = [:]
    for shown in CurvesView.shownRuns(state) { counts[shown.run.path] = shown.run.series.count }
    return Key(
      tagCounts: counts, filter: state.list(CurvesView().name).filterText,
      group: state.curves.group)
  }
}

extension DashboardState {
  /// The charts of the Curves view: those that were made before, while nothing has changed.
  var chartPlans: ChartPlans {
    if let cachedCharts, cachedCharts.key == ChartPlans.key(self) { return cachedCharts }
    return ChartPlans(self)
  }
}
