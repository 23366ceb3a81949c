import Testing

@testable import TerminalUI

@Suite struct LineChartTests {
  @Test func aNormalChart() {
    let chart = LineChart(
      title: "loss", xRange: 0...1000,
      marks: [ChartMark(column: 20, glyph: "X", label: "prune")])
    let lines = ChartSamples.lines(chart, rows: 10, columns: 50, curves: [ChartSamples.loss])
    #expect(
      lines == [
        "─ loss ──────────────────────────── train 0.1556 ─",
        "       │⡆         ┊",
        "      2┤⣿⡀┈┈┈┈┈┈┈┈┊┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈",
        "       │⢿⣷⡄       ┊",
        "       │⠈⢿⣿⣦⡀     ┊",
        "      1┤┈┈⠙⠿⣿⣷⣦⣄⣀┈┊┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈",
        "       │     ⠉⠛⠛⠿⠿⣿⣶⣶⣦⣤⣤⣤⣀⣀⣀⣀⣀⣀",
        "      0┤┈┈┈┈┈┈┈┈┈┈┊┈┈┈⠉⠉⠉⠉⠉⠉⠉⠛⠛⠛⠛⠛⠛⠛⠛⠛⠛⠛⠛⠒⠒⠒⠒⠶⠶⠶⠶⠶",
        "       └┬─────────X──────────┬───────────────────┬",
        "        0                   500              1 000",
      ])
  }

  @Test func theSameInAscii() {
    let chart = LineChart(
      title: "loss", xRange: 0...1000,
      marks: [ChartMark(column: 10, glyph: "X", label: "prune")])
    let lines = ChartSamples.lines(
      chart, rows: 10, columns: 50, glyphs: .ascii, curves: [ChartSamples.loss])
    #expect(
      lines == [
        "- loss ---------------------------- train 0.1573 -",
        "       ||         :",
        "      2+|.        :",
        "       |||.       :",
        "       | |||.     :",
        "      1+  '||||...:",
        "       |     ''''|:::::...........",
        "      0+          :     ''''''''''''''''''''''''''",
        "       ++---------X----------+-------------------+",
        "        0                   500              1 000",
      ])
  }

  @Test func legibleAtTwentyByFour() {
    let lines = ChartSamples.lines(
      LineChart(title: "loss", xRange: 0...1000), rows: 4, columns: 20,
      curves: [ChartSamples.loss])
    #expect(
      lines == [
        "─ loss ──── 0.1591 ─",
        "  2.4┤⢧⡀",
        "0.127┤⠈⠛⠶⠦⠤⢤⣤⣤⣤⣀⣀⣀⣀⣀",
        "      0        1 000",
      ])
  }

  @Test func twoCurvesInHalfBlocks() {
    let lines = ChartSamples.lines(
      LineChart(title: "accuracy", xRange: 0...10), rows: 9, columns: 40, glyphs: .block,
      curves: [
        { ChartSamples.falling($0, from: 0, to: 0.9) },
        { ChartSamples.falling($0, from: 0.9, to: 0) },
      ])
    #expect(
      lines == [
        "─ accuracy ───────── train 0.9 · val 0 ─",
        "       │▀▄▄▄                        ▄▄▄▀",
        "       │    ▀▀▀▄▄▄            ▄▄▄▀▀▀",
        "    0.5┤··········▀▀▄▄▄··▄▄▄▀▀··········",
        "       │           ▄▄▄▀▀▀▀▄▄▄",
        "       │     ▄▄▄▀▀▀          ▀▀▀▄▄▄",
        "      0┤▄▄▀▀▀······················▀▀▀▄▄",
        "       └┬───────────────┬──────────────┬",
        "        0               5             10",
      ])
  }

  @Test func aConstantIsALineInTheMiddle() {
    let lines = ChartSamples.lines(
      LineChart(title: "sparsity", xRange: 0...10), rows: 8, columns: 30,
      curves: [{ [ColumnExtent?](repeating: ColumnExtent(0.8), count: $0) }])
    #expect(
      lines == [
        "─ sparsity ─────── train 0.8 ─",
        "      │",
        "      │",
        "   0.8┤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤",
        "      │",
        "      │",
        "      └┬─────────────────────┬",
        "       0                    10",
      ])
  }

  @Test func withoutDataItSaysSo() {
    let lines = ChartSamples.lines(LineChart(title: "loss"), rows: 5, columns: 30, curves: [])
    #expect(
      lines == [
        "─ loss ───────────────────────",
        "      │",
        "      │      no data yet",
        "      │",
        "",
      ])
  }

  @Test func notANumberIsAMarkAndABreak() {
    let lines = ChartSamples.lines(
      LineChart(title: "loss", xRange: 0...100), rows: 6, columns: 30,
      curves: [
        { count in
          (0..<count).map { $0 / 4 == 5 ? .nonFinite : ColumnExtent($0 / 4 < 5 ? 1 : 2) }
        }
      ])
    #expect(
      lines == [
        "─ loss ───────────── train 2 ─",
        "     2┤          ××⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉",
        "      │",
        "      │",
        "     1┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀",
        "       0                   100",
      ])
  }

  @Test func aSpikeOfOneColumnIsSeen() {
    let lines = ChartSamples.lines(
      LineChart(title: "loss", xRange: 0...100), rows: 6, columns: 30,
      curves: [
        { count in
          (0..<count).map { ColumnExtent(minimum: 1, maximum: $0 == 20 ? 9 : 1) }
        }
      ])
    #expect(
      lines == [
        "─ loss ───────────── train 1 ─",
        "     9┤          ⡇",
        "      │          ⡇",
        "      │          ⡇",
        "     1┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣇⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀",
        "       0                   100",
      ])
  }

  @Test func gapsAreBridgedByStraightLines() {
    let lines = ChartSamples.lines(
      LineChart(title: "val", xRange: 0...100), rows: 6, columns: 30,
      curves: [
        { count in (0..<count).map { $0 % 16 == 0 ? ColumnExtent(Double($0)) : nil } }
      ])
    #expect(
      lines == [
        "─ val ───────────── train 32 ─",
        "    32┤            ⢀⡠⠔⠊⠁",
        "      │        ⢀⡠⠔⠊⠁",
        "      │    ⣀⡠⠔⠊⠁",
        "     0┤⣀⠤⠒⠉",
        "       0                   100",
      ])
  }

  @Test func logarithmicAxis() {
    let lines = ChartSamples.lines(
      LineChart(title: "loss", xRange: 0...100, logarithmicY: true), rows: 10, columns: 40,
      curves: [
        { count in
          (0..<count).map { ColumnExtent(AxisScale.powerOfTen(-5 * $0 / max(count - 1, 1))) }
        }
      ])
    #expect(
      lines == [
        "─ loss ─────────────────── train 1e-05 ─",
        "       │⠒⠒⠒⠒⠒⠒⡆",
        "    0.1┤┈┈┈┈┈┈⠸⠤⠤⠤⠤⠤⢤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈",
        "       │            ⠈⣆⣀⣀⣀⣀⣀",
        "       │                  ⠘⡄",
        "  0.001┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⠉⠉⠉⠉⠉⠉⢇┈┈┈┈┈┈",
        "       │                         ⠘⠒⠒⠒⠒⠒⡆",
        "   1e-5┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⠸",
        "       └┬───────────────┬──────────────┬",
        "        0              50            100",
      ])
  }

  @Test func theCursorShowsValues() {
    var chart = LineChart(
      title: "loss", xRange: 0...1000,
      marks: [ChartMark(column: 41, glyph: "L", label: "lr x0.5")])
    chart.cursorColumn = 40
    let lines = ChartSamples.lines(
      chart, rows: 8, columns: 60,
      curves: [ChartSamples.loss, { ChartSamples.falling($0, from: 2, to: 1) }])
    #expect(
      lines == [
        "─ loss ────────── train 0.285..0.427 · val 1.612 · lr x0.5 ─",
        "       │⣆                   │",
        "      2┤⣿⣿⣍⠉⠉⠑⠒⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀⣀⡀┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈",
        "       │⠈⠻⣿⣷⣦⣀⡀             │    ⠈⠉⠉⠉⠉⠉⠉⠑⠒⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀⣀",
        "       │   ⠉⠛⠻⠿⢿⣶⣶⣦⣤⣤⣄⣀⣀⣀⣀⡀ │",
        "      0┤┈┈┈┈┈┈┈┈┈┈┈⠉⠉⠉⠉⠉⠉⠛⠛⠛⠛⠛⠛⠛⠛⠛⠛⠓⠒⠒⠒⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠤⠤⠤",
        "       └┬───────────────────▲─────┬────────────────────────┬",
        "        0                  389   500                   1 000",
      ])
  }

  @Test(arguments: [(0, "val 1"), (5, "val 1"), (10, "val 2"), (11, "val -"), (99, "val -")])
  func betweenSparsePointsTheLastOneCounts(cursor: Int, legend: String) {
    var chart = LineChart(title: "loss", xRange: 0...100)
    chart.cursorColumn = cursor
    let columns = (0..<20).map { $0 == 0 ? ColumnExtent(1) : $0 == 10 ? ColumnExtent(2) : nil }
    chart.series = [ChartSeries(name: "val", role: .series1, columns: columns)]
    let line = drawn(rows: 6, columns: 30) {
      chart.draw(into: &$0, rect: $0.bounds, glyphs: .braille)
    }[0]
    #expect(line.hasSuffix(legend + " ─"))
  }

  @Test func whatIsBeyondAFixedScaleIsMarkedAtItsEdge() {
    let lines = ChartSamples.lines(
      LineChart(title: "loss", xRange: 0...100, yRange: 0.5...1), rows: 7, columns: 30,
      curves: [{ ChartSamples.falling($0, from: 1.5, to: 0) }])
    #expect(
      lines == [
        "─ loss ───────────── train 0 ─",
        "   1.0┤▲▲▲▲▲▲▲▲⢢┈┈┈┈┈┈┈┈┈┈┈┈┈┈",
        "      │         ⠑⢄",
        "      │          ⠈⠢⡀",
        "      │            ⠘⢄",
        "   0.5┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈⠱▼▼▼▼▼▼▼▼",
        "       0                   100",
      ])
  }

  @Test func curvesAreNumberedWhereColorsCannotTellThem() {
    var chart = LineChart(title: "loss", xRange: 0...100)
    chart.numbersSeries = true
    let lines = ChartSamples.lines(
      chart, rows: 7, columns: 40,
      curves: [
        { ChartSamples.falling($0, from: 0, to: 1) }, { ChartSamples.falling($0, from: 1, to: 0) },
      ])
    #expect(
      lines == [
        "─ loss ─────────── 1:train 1 · 2:val 0 ─",
        "      1┤⠒⠢⠤⢄⣀┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⣀⡠⠤⠔1",
        "       │     ⠉⠑⠒⠢⠤⣀⣀        ⣀⣀⠤⠔⠒⠊⠉",
        "       │            ⠉⣑⣒⠦⠴⣒⣊⠉",
        "       │      ⢀⣀⠤⠔⠒⠊⠉      ⠉⠑⠒⠢⠤⣀⡀",
        "      0┤⣀⠤⠤⠒⠊⠉⠁┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⠈⠉⠑⠒⠤⠤2",
        "        0              50            100",
      ])
  }

  @Test(arguments: [
    (12, "─ loss/to… ─"), (24, "─ loss/total ─── 1 · 0 ─"), (30, "─ loss/total ───────── 1 · 0 ─"),
    (44, "─ loss/total ───────────── train 1 · val 0 ─"), (1, "…"), (4, "los…"), (5, "─ … ─"),
  ])
  func legendsShrinkGracefully(columns: Int, expected: String) {
    let lines = ChartSamples.lines(
      LineChart(title: "loss/total", xRange: 0...100), rows: 3, columns: columns,
      curves: [
        { ChartSamples.falling($0, from: 0, to: 1) }, { ChartSamples.falling($0, from: 1, to: 0) },
      ])
    #expect(lines[0] == expected)
  }

  @Test func seriesAndBackgroundsHaveTheirRoles() {
    var chart = LineChart(title: "x", xRange: 0...10)
    chart.cursorColumn = 30
    let roles = ChartSamples.screen(
      chart, rows: 5, columns: 40, curves: [{ ChartSamples.falling($0, from: 0, to: 1) }]
    ).roleLines()
    #expect(
      roles == [
        "b_T_bbbbbbbbbbbbbbbbbbbbb_11111_tttttt_b",
        "______db_______________k_____11111111111",
        "_______b__________111111111111__________",
        "______db11111111111____k________________",
        "________d______________k______________dd",
      ])
  }

  @Test func theNumberOfColumnsDependsOnTheRectangleOnly() {
    let rect = Rect(row: 3, column: 5, rows: 9, columns: 50)
    #expect(LineChart.plotColumns(in: rect, glyphs: .braille) == 84)
    #expect(LineChart.plotColumns(in: rect, glyphs: .ascii) == 42)
    #expect(LineChart.plotColumns(in: Rect(.zero), glyphs: .braille) == 0)
    #expect(LineChart.plotRect(in: rect) == Rect(row: 4, column: 13, rows: 6, columns: 42))
  }

  @Test func extentsAreOrderedAndFinite() {
    #expect(ColumnExtent(minimum: 3, maximum: 1) == ColumnExtent(minimum: 1, maximum: 3))
    #expect(ColumnExtent.nonFinite.hasNonFinite && !ColumnExtent.nonFinite.hasFinite)
    #expect(ColumnExtent(minimum: 1, maximum: .infinity).hasNonFinite)
    let both = ColumnExtent(1).union(.nonFinite).union(ColumnExtent(4))
    #expect(both == ColumnExtent(minimum: 1, maximum: 4, hasNonFinite: true))
    #expect(ColumnExtent.nonFinite.union(ColumnExtent(2)).minimum == 2)
  }
}
