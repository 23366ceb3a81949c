import RunModel

/// Which metrics share a chart, and in which order the charts come.
struct ChartPlan: Equatable {
  struct Curve: Equatable {
    let tag: String
    let name: String
  }

  let title: String
  let curves: [Curve]

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

  /// The bounds of what is a fraction by nature; nil: fitted to the curves.
  var yRange: ClosedRange<Double>? { title == "sparsity" ? 0...1 : nil }

  static func charts(of run: Run) -> [ChartPlan] {
    var curves: [String: [Curve]] = [:]
    for tag in run.series.keys {
      let (title, name) = place(of: tag)
      curves[title, default: []].append(Curve(tag: tag, name: name))
    }
    return curves.map { title, members in
      ChartPlan(title: title, curves: members.sorted { rank($0.name) < rank($1.name) })
    }.sorted { first, second in
      (position(first.title), first.title) < (position(second.title), second.title)
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

  private static func position(_ title: String) -> Int {
    order.firstIndex(of: title) ?? order.count
  }

  /// Training before validation, the total before the layers, the rest by name.
  private static func rank(_ name: String) -> String {
    if name == "total" { return "" }
    return parts.firstIndex(of: name).map { "\($0)" } ?? name
  }
}
