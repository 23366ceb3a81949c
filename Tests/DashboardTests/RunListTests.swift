import Dashboard
import RunLog
import TerminalUI
import Testing

struct RunListTests {
  private func three() -> Desk {
    var desk = Desk()
    for name in ["b", "c", "a"] { desk.find("runs/\(name)", name: name) }
    return desk
  }

  @Test func theFirstThatIsFoundIsShown() {
    var desk = Desk()
    desk.find("runs/a")
    #expect(desk.state.selectedPath == "runs/a")
    // Others that come do not take the screen away.
    desk.find("runs/b")
    #expect(desk.state.selectedPath == "runs/a")
    #expect(desk.state.runs.map(\.run.path) == ["runs/a", "runs/b"])
    desk.find("runs/b")
    #expect(desk.state.runs.count == 2)
  }

  @Test func ofSeveralTheNewestIsShown() {
    var desk = Desk()
    desk.send(
      .runsFound(
        ["a", "c", "b"].map { (found: Desk.found($0, name: $0), access: .steerable) }))
    #expect(desk.state.selectedPath == "c")
  }

  @Test func bracketsGoFromRunToRun() {
    var desk = three()
    #expect(desk.state.selectedPath == "runs/b")
    desk.press(.character("]"))
    #expect(desk.state.selectedPath == "runs/c")
    desk.press(.character("]"))
    #expect(desk.state.selectedPath == "runs/c")
    #expect(desk.told == ["this is the last run"])
    desk.press(.character("["), .character("["))
    #expect(desk.state.selectedPath == "runs/a")
    desk.press(.character("["))
    #expect(desk.told.last == "this is the first run")
    #expect(desk.screen[0].contains("1/3"))
  }

  @Test func theCursorStaysWithItsRun() {
    var desk = three()
    desk.log([Samples.scalar("a", 1, 1), Samples.scalar("a", 9, 1)], path: "runs/b")
    desk.press(.left)
    #expect(desk.state.curves.cursor == 9)
    desk.press(.character("]"))
    #expect(desk.state.curves.cursor == nil)
    desk.press(.character("["), .left)
    desk.send(.runGone(path: "runs/b"))
    #expect(desk.state.curves.cursor == nil)
  }

  @Test func aRunThatGoesIsNotShownAnyMore() {
    var desk = three()
    desk.send(.runGone(path: "runs/b"))
    #expect(desk.state.selectedPath == "runs/c")
    desk.send(.runGone(path: "runs/nowhere"))
    desk.send(.runGone(path: "runs/c"))
    desk.send(.runGone(path: "runs/a"))
    #expect(desk.state.selectedPath == nil)
    #expect(desk.screen.contains { $0.contains("There is no run in runs.") })
  }

  @Test func aStartedRunIsShownAsSoonAsItIsFound() {
    var desk = three()
    desk.send(.started(path: "runs/0"))
    _ = desk.screen
    desk.find("runs/0")
    #expect(desk.state.selected?.run.path == "runs/0")
  }

  /// A run that was started and never found must not take the others away.
  @Test func bracketsLeadBackFromARunThatIsNotThere() {
    var desk = three()
    desk.send(.started(path: "runs/never"))
    desk.press(.character("]"))
    #expect(desk.state.selectedPath == "runs/c")
  }

  @Test func aRestartForgetsTheRun() {
    var desk = Desk.steering()
    desk.log([Samples.scalar("train/loss", 5, 1)])
    desk.log([Samples.scalar("train/loss", 1, 2)], isRestart: true)
    #expect(desk.state.selected?.run.series["train/loss"]?.steps == [1])
    #expect(desk.state.selected?.run.manifest == nil)
    #expect(desk.state.selected?.run.name == "digits")
    desk.log([Samples.scalar("a", 1, 1)], path: "runs/unknown")
    #expect(desk.state.runs.count == 1)
  }
}
