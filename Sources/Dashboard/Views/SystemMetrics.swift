import RunModel
import TerminalUI

/// The metrics that are about time, throughput and the machine, and the charts for them.
struct SystemMetrics {
  /// Parts of a step that the log times, in their order.
  let stepParts: [StepPart]
  let charts: [ChartPlan]
  /// What would be shown if the log told it.
  let missing: [String]

  struct StepPart: Equatable {
    let name: String
    let tag: String
  }

  private static let timeFamily = "time/"
  private static let unitSuffix = "_ms"
  private static let partOrder = ["data", "forward", "backward", "update"]
  private static let machineFamilies: Set<String> = [
    "system", "sys", "gpu", "cuda", "hardware", "machine",
  ]
  private static let chartsMax = 24
  private static let stepPartsMax = 12

  /// The metrics of the shown runs.
  init(_ runs: [Run]) {
    var times: [String] = []
    var rates: [String] = []
    var machine: [String] = []
    for tag in Set(runs.flatMap { $0.series.keys }).sorted() {
      if tag.hasPrefix(Self.timeFamily) {
        times.append(tag)
      } else if Self.isThroughput(tag) {
        rates.append(tag)
      } else if Self.isOfMachine(tag) {
        machine.append(tag)
      }
    }
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

  private static func isThroughput(_ tag: String) -> Bool {
    let name = tag.lowercased()
    return name.hasPrefix("throughput/") || name.hasSuffix("_per_second")
      || name.hasSuffix("_per_sec")
  }

  private static func isOfMachine(_ tag: String) -> Bool {
    let name = tag.lowercased()
    if let slash = name.firstIndex(of: "/"), machineFamilies.contains(String(name[..<slash])) {
      return true
    }
    return name.contains("gpu") || name.contains("cuda")
  }

  private static func title(_ tag: String) -> String {
    for family in ["system/", "throughput/"] where tag.hasPrefix(family) && tag != family {
      return String(tag.dropFirst(family.count))
    }
    return tag
  }
}
