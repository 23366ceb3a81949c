import RunModel
import TerminalUI

/// Where the parts of the System view stand on a page that may be longer than the screen.
struct SystemLayout {
  let facts, times, machine, missing: Rect
  let charts: [Rect]
  /// Of the whole page.
  let rows: Int
  private let metrics: SystemMetrics
  private let run: Run
  private let screenRows: Int

  private static let columnsForBeside = 100
  private static let chartRowsMin = 9
  private static let chartRowsMax = 20
  private static let chartColumnsMin = 40
  private static let margin = 1

  init(_ metrics: SystemMetrics, _ run: Run, _ state: DashboardState, area: Rect) {
    self.metrics = metrics
    self.run = run
    screenRows = area.rows
    let all = Rect(
      row: 0, column: min(Self.margin, area.columns / 2), rows: Size.dimensionMax,
      columns: area.columns - 2 * min(Self.margin, area.columns / 2))
    let factRows = SystemFacts.ofRun(run, state).count
    let timeRows = SystemStepTime(metrics, run, step: nil).rows
    let machineRows = SystemFacts.ofMachine(state).count + 1
    let top: Int
    if area.columns >= Self.columnsForBeside {
      top = max(factRows, timeRows, machineRows) + 1
      let stripes = all.split(top: top).top.stripes(3, gap: 2)
      (facts, times, machine) = (stripes[0], stripes[1], stripes[2])
    } else {
      let (facts, belowFacts) = all.split(top: factRows)
      let (times, belowTimes) = belowFacts.split(top: 1).rest.split(top: timeRows)
      let machine = belowTimes.split(top: 1).rest.split(top: machineRows).top
      (self.facts, self.times, self.machine) = (facts, times, machine)
      top = machine.endRow + 1
    }
    let (missing, rest) = all.split(top: top).rest.split(top: metrics.missing.count)
    self.missing = missing
    let count = metrics.charts.count
    let used = top + missing.rows
    guard count > 0 else {
      charts = []
      rows = max(1, used)
      return
    }
    let across = max(1, min(count, area.columns / Self.chartColumnsMin, 3))
    let down = (count + across - 1) / across
    let each = min(max(Self.chartRowsMin, (area.rows - used) / down), Self.chartRowsMax)
    let bands = rest.split(top: each * down).top.bands(down)
    charts = (0..<count).map { bands[$0 / across].stripes(across, gap: 1)[$0 % across] }
    rows = min(used + each * down, Size.dimensionMax)
  }

  /// The division of a step's time at the cursor, or now.
  func stepTime(_ state: DashboardState) -> SystemStepTime {
    let step = state.curves.cursor.map { run.step(at: $0, on: state.shownAxis) }
    return SystemStepTime(metrics, run, step: step)
  }

  /// The first row that is on the screen.
  func firstRow(_ state: DashboardState) -> Int {
    min(max(0, state.system.firstRow), max(0, rows - screenRows))
  }
}
