import RunLog
import TerminalUI
import Testing

@testable import Dashboard

struct CurvesUpdateTests {
  /// A run with so many charts, steps 10 to 109.
  private func desk(charts: Int, rows: Int = 24, columns: Int = 80) -> Desk {
    var desk = Desk(rows: rows, columns: columns)
    desk.find(Desk.path)
    desk.log(
      (0..<charts).flatMap { chart in
        (10..<110).map { Samples.scalar("metric\(10 + chart)", $0, Float($0 % 7)) }
      })
    return desk
  }

  // MARK: Focus

  @Test func tabGoesRound() {
    var desk = desk(charts: 3)
    let places = (0..<4).map { _ in
      desk.press(.tab)
      return desk.state.curves.focused
    }
    #expect(places == ["metric11", "metric12", "metric10", "metric11"])
    desk.press(.backTab, .backTab)
    #expect(desk.state.curves.focused == "metric12")
  }

  @Test func arrowsGoByTheGrid() {
    // 80 columns hold two charts side by side, 20 rows two above each other.
    var desk = desk(charts: 9)
    let layout = CurvesLayout(desk.state, area: Frame(desk.state).view)
    #expect(layout.gridColumns == 2 && layout.gridRows == 2 && layout.page == 0..<4)
    func focus(_ keys: Key...) -> Int? {
      for key in keys { desk.press(key) }
      return desk.state.curves.focused.flatMap { Int($0.dropFirst("metric".count)) }.map { $0 - 10 }
    }
    #expect(focus(.down) == 2)
    #expect(focus(.character("j")) == 4)
    #expect(focus(.up) == 2)
    #expect(focus(.character("k"), .up) == 0)
    #expect(focus(.pageDown) == 4)
    #expect(focus(.character(" ")) == 8)
    #expect(focus(.pageDown, .down) == 8)
    #expect(focus(.pageUp) == 4)
    #expect(focus(.pageUp, .pageUp) == 0)
    #expect(focus(.character("G")) == 8)
    #expect(focus(.character("g")) == 0)
    #expect(focus(.end) == 8)
    #expect(focus(.home) == 0)
  }

  @Test func oneChartAloneAndBack() {
    var desk = desk(charts: 9)
    desk.press(.tab, .enter)
    #expect(desk.state.curves.isFullscreen)
    // The header names the metrics of a foreign log, too.
    func charts() -> String { desk.screen.dropFirst(3).joined() }
    #expect(charts().contains("metric11"))
    #expect(!charts().contains("metric10"))
    desk.press(.down)
    #expect(charts().contains("metric12"))
    desk.press(.escape)
    #expect(!desk.state.curves.isFullscreen)
    desk.press(.enter, .left, .character("y"), .character("0"))
    #expect(desk.state.curves == CurvesState())
  }

  @Test func theFocusIsSeenOnARunWithFewerCharts() {
    var desk = desk(charts: 9)
    desk.find("runs/few")
    desk.log(
      ["a", "b"].map { Samples.scalar($0, 1, 1) }, path: "runs/few")
    desk.press(.end, .character("]"))
    #expect(desk.state.selectedPath == "runs/few")
    #expect(desk.screen.joined().contains("═"))
    desk.press(.backTab)
    #expect(desk.state.curves.focused == "b")
  }

  @Test func logarithmicYBelongsToOneChart() {
    var desk = desk(charts: 2)
    desk.press(.character("y"))
    #expect(desk.state.curves.logarithmic == ["metric10"])
    desk.press(.tab, .character("y"))
    #expect(desk.state.curves.logarithmic == ["metric10", "metric11"])
    desk.press(.character("y"))
    #expect(desk.state.curves.logarithmic == ["metric10"])
  }

  /// The footer's claim is about the charts that are drawn.
  @Test(arguments: [Size(rows: 24, columns: 80), Size(rows: 15, columns: 60)])
  func theFooterSaysWhichChartsAreShown(size: Size) throws {
    var desk = desk(charts: 9, rows: size.rows, columns: size.columns)
    let death: [RunEvent] = [
      Samples.phase(.training), .liveness(.dead), .engineOutput(["a", "b", "c", "d"]),
    ]
    for events in [[], death] {
      desk.log(events)
      desk.press(.home)
      for _ in 0..<9 {
        let screen = desk.screen.dropFirst(3).joined(separator: "\n")
        let shown = (0..<9).filter { screen.contains("metric\(10 + $0)") }
        let (first, last) = (try #require(shown.first) + 1, try #require(shown.last) + 1)
        let claim = first == last ? "charts \(first) of 9" : "charts \(first)-\(last) of 9"
        #expect(desk.screen.last?.hasSuffix(claim) == true, "\(claim): \(desk.screen.last ?? "")")
        #expect(shown.contains { "metric\(10 + $0)" == desk.state.curves.focused ?? "metric10" })
        desk.press(.tab)
      }
    }
  }

  // MARK: Cursor

  @Test func theCursorBeginsAtTheEndAndStaysInRange() {
    var desk = desk(charts: 1)
    desk.press(.right)
    #expect(desk.state.curves.cursor == 109)
    desk.press(.right)
    #expect(desk.state.curves.cursor == 109)
    desk.press(.left)
    let next = desk.state.curves.cursor ?? 0
    #expect(next < 109 && next > 100)
    #expect(desk.screen.contains { $0.contains("step \(Int(next))") })
    for _ in 0..<300 { desk.press(.left) }
    #expect(desk.state.curves.cursor == 10)
    desk.press(.escape)
    #expect(desk.state.curves.cursor == nil)
    #expect(!desk.state.curves.isFullscreen)
  }

  @Test func everyPressMovesTheCursor() {
    for columns in [20, 80, 200] {
      var desk = desk(charts: 5, columns: columns)
      desk.press(.left)
      var steps: [Double] = []
      while let step = desk.state.curves.cursor, step > 10, steps.count < 300 {
        steps.append(step)
        desk.press(.left)
      }
      #expect(steps.count < 300)
      #expect(Set(steps).count == steps.count)
    }
  }

  @Test func theCursorFollowsARestart() {
    var desk = desk(charts: 1)
    desk.press(.right)
    desk.log([.sessionStarted(step: 50, wallTime: 0)])
    _ = desk.screen
    desk.press(.right)
    #expect(desk.state.curves.cursor == 49)
  }

  @Test func theCursorNamesWhatHappenedThere() {
    var desk = desk(charts: 1)
    desk.log([Samples.journal(109, .alert("a plateau")), Samples.journal(40, .alert("a dip"))])
    desk.press(.left)
    #expect(desk.screen.contains { $0.contains("step 109: a plateau") })
    desk.press(.left, .left, .left)
    #expect(!desk.screen.contains { $0.contains("a plateau") })
  }

  @Test(arguments: [[Int64.min, .max], [.max - 1, .max], [.min, .min + 1], [0, .max], [.max]])
  func noStepIsTooFar(steps: [Int64]) {
    for columns in [1, 40, 80, 200] {
      var desk = Desk(rows: 24, columns: columns)
      desk.find(Desk.path)
      desk.log(steps.map { Samples.scalar("a", $0, 1) })
      desk.log(steps.map { Samples.journal($0, .alert("far")) })
      desk.press(.left, .left, .right, .right, .right, .left)
      _ = desk.screen
    }
  }

  @Test func withoutPointsKeysDoNothing() {
    var desk = Desk()
    desk.find(Desk.path)
    for key in [Key.left, .right, .tab, .down, .end, .pageDown, .enter, .character("y")] {
      #expect(desk.press(key) == [])
    }
    #expect(desk.state.curves == CurvesState())
  }
}
