import RunModel
import TerminalUI
import Testing

@testable import Dashboard

struct CurvesWindowTests {
  /// A run of a thousand steps, one point a step, eight steps a second.
  private func desk(_ steps: ClosedRange<Int64> = 0...1000) -> Desk {
    var desk = Desk.steering()
    desk.log(steps.map { Samples.scalar("train/loss", $0, 1 / Float($0 + 1)) })
    return desk
  }

  private func range(_ desk: Desk) -> ClosedRange<Double> { CurvesWindow.range(desk.state) }

  @Test func aGrowingRunMovesItsEndInBlocks() {
    var desk = desk()
    var ends: Set<Double> = []
    for step in 1001...1200 as ClosedRange<Int64> {
      desk.log([Samples.scalar("train/loss", step, 1)])
      ends.insert(range(desk).upperBound)
      #expect(range(desk).upperBound >= Double(step))
      #expect(range(desk).upperBound <= Double(step) * 1.13)
    }
    #expect(ends.count <= 4)
  }

  @Test func aFinishedRunEndsWhereItEnds() {
    var desk = desk()
    desk.log([Samples.phase(.finished)])
    #expect(range(desk) == 0...1000)
  }

  @Test func zoomingInFollowsTheEnd() {
    var desk = desk()
    desk.press(.character("+"))
    let first = range(desk)
    #expect(first.upperBound - first.lowerBound < 600)
    #expect(first.contains(1000))
    for step in 1001...2000 as ClosedRange<Int64> {
      desk.log([Samples.scalar("train/loss", step, 1)])
    }
    #expect(range(desk).contains(2000))
    let width = range(desk).upperBound - range(desk).lowerBound
    #expect(abs(width - (first.upperBound - first.lowerBound)) < 1e-6)
  }

  @Test func panningLeavesTheEndAndComesBackToIt() {
    var desk = desk()
    desk.press(.character("+"), .character("+"), .character("<"))
    #expect(!desk.state.curves.followsEnd)
    let still = range(desk)
    desk.log([Samples.scalar("train/loss", 1500, 1)])
    #expect(range(desk) == still)
    for _ in 0..<30 { desk.press(.character(">")) }
    #expect(desk.state.curves.followsEnd)
    for _ in 0..<60 { desk.press(.character("<")) }
    #expect(range(desk).lowerBound == 0)
    desk.press(.character("="))
    #expect(desk.state.curves.window == nil)
  }

  @Test func zoomingStaysAroundTheCursor() {
    var desk = desk()
    desk.press(.character(":"))
    desk.type("go 250")
    desk.press(.enter)
    #expect(desk.state.curves.cursor == 250)
    for _ in 0..<5 {
      desk.press(.character("+"))
      #expect(range(desk).contains(250))
    }
    for _ in 0..<9 { desk.press(.character("-")) }
    #expect(desk.state.curves.window == nil)
  }

  @Test func zoomingInEndsSomewhere() {
    var desk = desk()
    for _ in 0..<200 { desk.press(.character("+")) }
    _ = desk.screen
    let width = range(desk).upperBound - range(desk).lowerBound
    #expect(width > 0)
    for _ in 0..<200 { desk.press(.character("-")) }
    #expect(desk.state.curves.window == nil)
  }

  @Test func theAxisKeepsCursorAndWindowAtTheirSteps() throws {
    var desk = desk()
    desk.press(.character("+"), .left, .left, .left)
    let step = try #require(desk.state.curves.cursor)
    desk.press(.character("x"))
    #expect(desk.state.curves.axis == .epoch)
    #expect(abs((desk.state.curves.cursor ?? 0) - step / 100) < 0.02)
    desk.press(.character("x"))
    #expect(desk.state.curves.axis == .relative)
    #expect(abs((desk.state.curves.cursor ?? 0) - step / 8) < 0.2)
    desk.press(.character("x"), .character("x"))
    #expect(desk.state.curves.axis == .step)
    #expect(abs((desk.state.curves.cursor ?? 0) - step) <= 1)
    for _ in 0..<4 {
      #expect(desk.screen.contains { $0.contains(desk.state.curves.axis.rawValue) })
      desk.press(.character("x"))
    }
  }

  /// Between two points that a narrow window leaves out the line is still there.
  @Test func aWindowBetweenTwoPointsHasTheirLine() {
    var desk = Desk.steering()
    desk.log([
      Samples.scalar("val/loss", 0, 0), Samples.scalar("val/loss", 100, 10),
      Samples.scalar("val/loss", 200, 0),
    ])
    desk.state.curves.window = 40...60
    desk.state.curves.followsEnd = false
    let plan = ChartPlan.charts(of: desk.state.runs[0].run).first { $0.title == "loss" }
    let columns = plan.map {
      CurveChart(desk.state).chart($0, columns: 20, isFocused: false).series[0].columns
    }
    #expect(columns?.first??.minimum == 4)
    #expect(columns?.last??.maximum == 6)
    #expect(columns?.compactMap { $0 }.count == 2)
  }

  @Test func smoothingKeepsTheRawCurveBehind() {
    var desk = desk()
    desk.press(.character("s"), .character("s"))
    #expect(desk.state.curves.smoothing == 0.6)
    let run = desk.state.runs[0].run
    let plan = ChartPlan.charts(of: run).first { $0.title == "loss" }
    let series = plan.map {
      CurveChart(desk.state).chart($0, columns: 50, isFocused: false).series
    }
    #expect(series?.count == 2)
    #expect(series?[1].isFaint == true)
    #expect(series?[0].columns != series?[1].columns)
    desk.press(.character("S"), .character("S"), .character("S"))
    #expect(desk.state.curves.smoothing == 0)
  }

  @Test func outliersAreClippedAndSaid() {
    var desk = desk()
    desk.log([Samples.scalar("train/loss", 1001, 1e6)])
    let before = desk.screen
    desk.press(.character("o"))
    #expect(desk.screen.contains { $0.contains("outliers clipped") })
    #expect(desk.screen.contains { $0.contains("▲") })
    #expect(before != desk.screen)
  }

  @Test func aLogarithmicAxisSaysWhatItCannotShow() {
    var desk = Desk.steering()
    desk.log((0..<50).map { Samples.scalar("train/loss", $0, 10 - Float($0)) })
    desk.press(.character("y"), .enter)
    #expect(desk.screen.contains { $0.contains("log; 0 and below at the foot") })
  }
}
