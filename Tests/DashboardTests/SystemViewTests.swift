import OperatingSystem
import RunLog
import RunModel
import TerminalUI
import Testing

@testable import Dashboard

struct SystemViewTests {
  private static let times: [(String, Float)] = [
    ("time/data_ms", 1), ("time/forward_ms", 3), ("time/backward_ms", 5), ("time/update_ms", 1),
    ("throughput/samples_per_second", 5000), ("system/cpu_percent", 97), ("gpu0/util", 50),
  ]

  private static let log: [RunEvent] =
    [.manifest(Samples.manifest)]
    + (1...50).flatMap { step in times.map { Samples.scalar($0.0, step, $0.1 * Float(step)) } }

  private func desk(
    _ events: [RunEvent] = log, rows: Int = 40, columns: Int = 140, glyphs: GlyphSet = .braille
  ) -> Desk {
    var desk = Desk(rows: rows, columns: columns, glyphs: glyphs)
    desk.find(Desk.path)
    desk.log(events)
    desk.press(.character("6"))
    return desk
  }

  @Test func theMetricsOfTimeAndMachineHaveCharts() {
    var run = Run(path: "x", name: "x")
    for event in Self.log + [Samples.scalar("train/loss", 1, 1)] { run.apply(event) }
    let metrics = SystemMetrics([run.series.keys])
    #expect(metrics.stepParts.map(\.name) == ["data", "forward", "backward", "update"])
    #expect(
      metrics.charts.map(\.title) == [
        "step time", "samples_per_second", "gpu0/util", "cpu_percent",
      ])
    #expect(metrics.missing.isEmpty)
    #expect(SystemMetrics([[]]).missing.count == 3)
  }

  @Test func theStepTimeIsDividedAndFollowsTheCursor() {
    var desk = desk()
    #expect(desk.screen.contains { $0.contains("a step takes 500ms") })
    #expect(desk.screen.contains { $0.contains("backward") && $0.contains("50%") })
    desk.state.curves.cursor = 10
    #expect(desk.screen.contains { $0.contains("a step takes 100ms") })
    desk.press(.escape)
    #expect(desk.state.curves.cursor == nil)
  }

  /// The parts of the bar fill it, and none that takes time is without a cell.
  @Test func thePartsOfTheBarFillIt() {
    #expect(SystemStepTime.ends([1, 3, 5, 1], columns: 20) == [2, 8, 18, 20])
    #expect(SystemStepTime.ends([1000, 1, 1, 0], columns: 10) == [8, 9, 10, 10])
    #expect(SystemStepTime.ends([1, 1, 1], columns: 2) == [0, 1, 2])
    #expect(SystemStepTime.ends([1, 1000, 1000, 0], columns: 10) == [1, 5, 10, 10])
    #expect(SystemStepTime.ends([0, 0], columns: 5) == [0, 0])
    #expect(SystemStepTime.ends([], columns: 5) == [])
  }

  @Test func aForeignLogSaysWhatIsMissing() {
    let desk = desk([Samples.scalar("loss", 1, 1)])
    #expect(desk.screen.contains { $0.contains("no step times in this log") })
    #expect(desk.screen.contains { $0.contains("not in this log: throughput") })
    #expect(desk.screen.contains { $0.contains("not told by the log") })
  }

  @Test func thisMachineIsShownOnceItWasLookedAt() {
    var desk = desk()
    #expect(desk.screen.contains { $0.contains("not looked at yet") })
    desk.send(
      .machine(
        MachineReading(
          processorShare: 0.25, processors: 4, load: 1.5, memoryUsedBytes: 1 << 30,
          memoryTotalBytes: 1 << 32, diskFreeBytes: 1 << 40)))
    for text in ["25% of 4 processors", "1.50", "1 GiB of 4 GiB", "1 TiB free"] {
      #expect(desk.screen.contains { $0.contains(text) }, "\(text)")
    }
  }

  @Test func whatDoesNotFitIsScrolledTo() {
    var desk = desk(rows: 24, columns: 80)
    #expect(desk.screen.contains { $0.contains("threads") })
    let note = SystemView().hidden(desk.state, area: Frame(desk.state).view)
    #expect(note?.hasPrefix("rows 1-") == true)
    desk.press(.character("G"))
    #expect(!desk.screen.contains { $0.contains("threads") })
    #expect(desk.screen.contains { $0.contains("cpu_percent") })
    desk.press(.down, .character("g"))
    #expect(desk.state.system.firstRow == 0)
  }

  @Test func everySizeIsDrawn() {
    let hostile =
      Self.log + [
        Samples.scalar("time/" + Samples.hostile, .max, .infinity),
        Samples.scalar("system/" + Samples.hostile, .min, .nan), .origin(host: Samples.hostile),
      ]
    for glyphs in GlyphSet.allCases {
      for (rows, columns) in [(1, 1), (2, 9), (9, 30), (24, 80), (60, 15), (200, 500)] {
        var desk = desk(hostile, rows: rows, columns: columns, glyphs: glyphs)
        for key in [Key.pageDown, .left, .character("+"), .character("G"), .up] {
          desk.press(key)
          _ = desk.screen
        }
        #expect(HostileTextTests.harmful(render(desk.state)) == [])
      }
    }
  }
}
