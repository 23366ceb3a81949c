import OperatingSystem
import RunModel
import TerminalUI

/// What is known of a run and of the machines, a line each.
enum SystemFacts {
  typealias Fact = (name: String, value: String)

  static func ofRun(_ run: Run, _ state: DashboardState) -> [Fact] {
    var facts: [Fact] = []
    func add(_ name: String, _ value: String?) {
      guard let value, !value.isEmpty else { return }
      facts.append((name, SafeText.cleaned(value, maxLength: 300)))
    }
    add("run", run.name)
    add("path", run.path)
    add("host", run.host ?? "not told by the log")
    if let manifest = run.manifest {
      add("threads", "\(manifest.threads)")
      add("seed", "\(manifest.seed)")
      add("version", manifest.version)
      add(
        "parent",
        manifest.parent.map { "\($0.run) at step \(NumberText.grouped(Int(clamping: $0.step)))" })
    }
    add(
      "started",
      run.startedWallTime.map {
        ClockText.full(secondsOfLocalTime: $0 + Double(state.settings.utcOffsetSeconds))
      })
    add("duration", NumberText.duration(run.durationSeconds))
    let points = NumberText.grouped(run.series.pointCount)
    var memory = "\(points) points in \(bytes(Double(run.byteCount), state))"
    if run.thinning > 1 { memory += ", thinned \(run.thinning)×" }
    add("in memory", memory)
    return facts
  }

  static func ofMachine(_ state: DashboardState) -> [Fact] {
    guard let machine = state.machine else { return [("CPU", "not looked at yet")] }
    var facts: [Fact] = []
    let share = machine.processorShare.map { NumberText.percent($0, decimals: 0) } ?? "measuring"
    let noun = machine.processors == 1 ? "processor" : "processors"
    facts.append(("CPU", "\(share) of \(machine.processors) \(noun)"))
    if let load = machine.load { facts.append(("load", NumberText.fixed(load, decimals: 2))) }
    if let used = machine.memoryUsedBytes, let total = machine.memoryTotalBytes {
      let text = "\(bytes(Double(used), state)) of \(bytes(Double(total), state))"
      facts.append(("memory", text))
    }
    if let free = machine.diskFreeBytes {
      facts.append(("disk", "\(bytes(Double(free), state)) free"))
    }
    return facts
  }

  /// How full a fact's bar is; nil: it has none.
  static func share(_ name: String, _ state: DashboardState) -> Double? {
    switch name {
    case "CPU": return state.machine?.processorShare
    case "memory":
      guard let used = state.machine?.memoryUsedBytes, let total = state.machine?.memoryTotalBytes,
        total > 0
      else { return nil }
      return Double(used) / Double(total)
    default: return nil
    }
  }

  private static func bytes(_ count: Double, _ state: DashboardState) -> String {
    state.settings.usesDecimalBytes ? NumberText.compact(count) + "B" : NumberText.bytes(count)
  }
}
