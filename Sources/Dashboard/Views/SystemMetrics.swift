import RunModel
import TerminalUI

/// The metrics that are about time, throughput and the machine, and the charts for them.
struct SystemMetrics: Sendable {
  /// The tags of each of the runs.
  let key: [[String]]
  /// Parts of a step that the log times, in their order.
  let stepParts: [StepPart]
  let charts: [ChartPlan]
  /// What would be shown if the log told it.
  let missing: [String]

  struct StepPart: Equatable, Sendable {
    let name: String
    let tag: String
  }

  private static let timeFamily = "time/"
  private static let unitSuffix = "_ms"
  private static let partOrder = ["data", "forward", "backward", "update"]
  private static let machineFamilies: Set<String> = [
    "system", "sys", "gpu", "cuda", "hardware", "machine",
  ]
  private static let machineWords = ["gpu", "cuda"].map { Array($0.utf8) }
  private static let chartsMax = 24
  private static let stepPartsMax = 12

  /// - Parameter key: the tags of each of the shown runs.
  init(_ key: [[String]]) {
    self.key = key
    var times: [String] = []
    var rates: [String] = []
    var machine: [String] = []
    for tag in Set(key.joined()) {
      if tag.hasPrefix(Self.timeFamily) {
        times.append(tag)
        continue
      }
      let name = tag.lowercased()
      if Self.isThroughput(name) {
        rates.append(tag)
      } else if Self.isOfMachine(name) {
        machine.append(tag)
      }
    }
    rates.sort()
    machine.sort()
    stepParts = Self.parts(times)
    var charts: [ChartPlan] = []
    if !times.isEmpty {
      let curves = stepParts.map { ChartPlan.Curve(tag: $0.tag, name: $0.name) }
      charts.append(ChartPlan(title: "step time", curves: curves, group: "time"))
    }
    charts += (rates + machine).prefix(Self.chartsMax).map { tag in
      ChartPlan(title: Self.title(tag), curves: [.init(tag: tag, name: "")], group: "system")
    }
    self.charts = charts
    var missing: [String] = []
    if times.isEmpty { missing.append("step times (time/data_ms, time/forward_ms …)") }
    if rates.isEmpty { missing.append("throughput (throughput/samples_per_second)") }
    if machine.isEmpty { missing.append("CPU and memory (system/cpu_percent, system/memory_mb)") }
    self.missing = missing
  }

  private static func parts(_ tags: [String]) -> [StepPart] {
    tags.map { tag in
      var name = String(tag.dropFirst(timeFamily.count))
      if name.hasSuffix(unitSuffix), name.count > unitSuffix.count {
        name.removeLast(unitSuffix.count)
      }
      return StepPart(name: name, tag: tag)
    }.sorted { one, other in
      (place(one.name), one.name) < (place(other.name), other.name)
    }.prefix(stepPartsMax).map { $0 }
  }

  private static func place(_ name: String) -> Int {
    partOrder.firstIndex(of: name) ?? partOrder.count
  }

  /// - Parameter name: of a metric, in lower case.
  private static func isThroughput(_ name: String) -> Bool {
    name.hasPrefix("throughput/") || name.hasSuffix("_per_second")
      || name.hasSuffix("_per_sec")
  }

  /// - Parameter name: of a metric, in lower case.
  private static func isOfMachine(_ name: String) -> Bool {
    if let slash = name.firstIndex(of: "/"), machineFamilies.contains(String(name[..<slash])) {
      return true
    }
    let letters = Array(name.utf8)
    return machineWords.contains { ByteSearch.finds($0, in: letters) }
  }

  private static func title(_ tag: String) -> String {
    for family in ["system/", "throughput/"] where tag.hasPrefix(family) && tag != family {
      return String(tag.dropFirst(family.count))
    }
    return tag
  }
}

extension DashboardState {
  /// The metrics of the shown runs: those that were found before, while they have no others.
  var systemMetrics: SystemMetrics {
    let key = CurvesView.shownRuns(self).map(\.run.series.keys)
    if let cachedSystem, cachedSystem.key == key { return cachedSystem }
    return SystemMetrics(key)
  }
}
