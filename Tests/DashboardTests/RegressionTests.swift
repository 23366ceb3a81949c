import RunLog
import TerminalUI
import Testing

@testable import Dashboard

/// Faults that were found once.
struct RegressionTests {
  private func twoRuns() -> Desk {
    var desk = Desk()
    for path in ["runs/a", "runs/b", "runs/c"] {
      desk.find(path)
      desk.log((0..<50).map { Samples.scalar("train/loss", $0, 1) }, path: path)
    }
    return desk
  }

  @Test func anAxisThatTheLogDoesNotTellIsNotUsed() {
    var desk = twoRuns()
    desk.state.curves.axis = .epoch
    #expect(desk.state.shownAxis == .step)
    #expect(CurvesWindow.extent(desk.state) == 0...49)
    #expect(desk.screen.contains { $0.contains("⠒") || $0.contains("⠤") || $0.contains("⣀") })
  }

  @Test func noTwoShownRunsHaveOneColour() {
    var desk = twoRuns()
    Update.select("runs/a", &desk.state)
    Update.mark("runs/b", &desk.state)
    Update.select("runs/c", &desk.state)
    let colors = CurvesView.shownRuns(desk.state).map(\.color)
    #expect(colors.count == 2 && Set(colors).count == 2)
  }

  @Test(arguments: ["5000", "1e300", "-1e300"])
  func aCursorBeyondTheEndStaysOnTheCurves(place: String) {
    var desk = twoRuns()
    desk.press(.character("+"), .character("+"))
    desk.press(.character(":"))
    desk.type("go " + place)
    desk.press(.enter)
    let range = CurvesWindow.range(desk.state)
    #expect(desk.state.curves.cursor.map { (0...49).contains($0) && range.contains($0) } == true)
    #expect(range.upperBound > range.lowerBound)
  }

  @Test func tabsRestWhileALineIsTyped() {
    var desk = twoRuns()
    desk.state.hasMouse = true
    desk.press(.character("/"))
    desk.send(.input(.mouse(MouseEvent(row: 2, column: 40, kind: .press))))
    #expect(desk.state.view == "curves" && desk.state.prompt != nil)
  }

  @Test func aClickBesideAStartBeginsNothing() {
    var desk = Desk()
    desk.state.hasMouse = true
    desk.state.startChoices = [
      StartChoice(title: "train", detail: "", start: .experiment(path: nil))
    ]
    for row in 0..<24 {
      #expect(desk.send(.input(.mouse(MouseEvent(row: row, column: 0, kind: .press)))) == [])
      #expect(desk.send(.input(.mouse(MouseEvent(row: row, column: 79, kind: .press)))) == [])
    }
  }

  @Test(arguments: ["filter loss>", "grid 3x2xyz", "grid 17x1", "sort nothing"])
  func theLineStaysWithWhatIsWrong(line: String) {
    var desk = twoRuns()
    desk.state.view = "runs"
    desk.press(.character(":"))
    desk.type(line)
    desk.press(.enter)
    #expect(desk.state.prompt?.problem != nil)
    #expect(desk.state.filterText.isEmpty)
  }

  @Test func theWordInTheHeadingCanBeFiltered() {
    var desk = twoRuns()
    desk.state.view = "runs"
    desk.press(.character("/"))
    desk.type("loss>5")
    #expect(desk.state.filterProblem == nil)
    #expect(desk.screen.contains { $0.contains("no row matches") })
    desk.press(.control("u"))
    desk.type("loss>>")
    desk.press(.enter)
    #expect(desk.state.prompt != nil)
  }

  /// A run of many short series does not keep a long one from being thinned.
  @Test func whatCannotBeThinnedDoesNotShieldTheRest() {
    var desk = Desk()
    desk.find("runs/many")
    desk.log(
      (0..<400).flatMap { tag in (0..<3).map { Samples.scalar("tag\(tag)", $0, 1) } },
      path: "runs/many")
    desk.find("runs/long")
    desk.log((0..<2000).map { Samples.scalar("train/loss", $0, Float($0)) }, path: "runs/long")
    let sizes = desk.state.runs.map(\.run.byteCount)
    desk.state.settings.memoryBudgetBytes = (sizes.max() ?? 0) + 4000
    desk.send(.frame)
    let long = desk.state.runs.first { $0.run.path == "runs/long" }
    #expect((long?.run.thinning ?? 1) > 1)
  }

  @Test func justBeforeMidnightIsTheDayBefore() {
    #expect(ClockText.full(secondsOfLocalTime: -1e-12) == "1969-12-31 23:59:59")
  }

  @Test func aBranchIsShownBesideItsParent() {
    var desk = Desk.steering()
    for id in desk.deliver(desk.press(.character("B"), .enter)) {
      let answer = JournalRecord.Answer(
        id: id, status: .applied, request: ["command": "branch"], new: "digits-branch-1")
      desk.log([Samples.journal(5, .answer(answer))])
    }
    #expect(desk.state.marked == ["runs/digits-branch-1"])
  }
}
