import Dashboard
import RunLog
import TerminalUI
import Testing

struct ToastTests {
  @Test func aCommandIsShownAsAskedUntilItsAnswer() {
    var desk = Desk.steering()
    let id = desk.deliver(desk.press(.character("P"))).first ?? ""
    #expect(desk.told == ["asked: pause"])
    desk.now += 1000
    desk.send(.tick)
    #expect(desk.told == ["asked: pause"])
    #expect(desk.state.pending.count == 1)
    desk.log([Samples.answer(id, .pause, at: 1240)])
    #expect(desk.told == ["paused at step 1 240"])
    #expect(desk.state.pending == [])
    desk.now += 4.9
    desk.send(.tick)
    #expect(desk.told.count == 1)
    desk.now += 0.2
    desk.send(.tick)
    #expect(desk.told == [])
  }

  @Test func aRefusalSaysWhyAndStaysLonger() {
    var desk = Desk.steering()
    let id = desk.deliver(desk.press(.character("P"))).first ?? ""
    desk.log([Samples.answer(id, .pause, status: .refused, reason: "it is paused")])
    #expect(desk.told == ["refused: it is paused"])
    #expect(desk.state.toasts.first?.role == .statusBad)
    desk.now += 6
    desk.send(.tick)
    #expect(desk.told.count == 1)
    desk.now += 3
    desk.send(.tick)
    #expect(desk.told == [])
  }

  @Test func otherPeoplesAnswersAreNotTold() {
    var desk = Desk.steering()
    desk.log([Samples.answer("00000000000000ff", .pause)])
    #expect(desk.told == [])
  }

  /// Until the engine answers, a command is shown as asked, whatever else is told meanwhile.
  @Test func newsDoNotHideWhatIsAsked() {
    var desk = Desk.steering()
    desk.deliver(desk.press(.character("P")))
    for _ in 0..<6 { desk.press(.character("[")) }
    #expect(desk.told.contains("asked: pause"))
    #expect(desk.told.count <= 4)
    #expect(desk.screen.contains { $0.contains("asked: pause") })
  }

  @Test func atMostThreeNewsStand() {
    var desk = Desk()
    for number in 0..<9 { desk.send(.notSent(problem: "\(number)")) }
    #expect(desk.told == ["6", "7", "8"])
  }

  @Test func aRunThatGoesTakesItsCommandsAlong() {
    var desk = Desk.steering()
    desk.find("runs/another")
    desk.deliver(desk.press(.character("P")))
    desk.send(.runGone(path: "runs/digits"))
    desk.log([Samples.scalar("a", 1, 1)], path: "runs/another")
    #expect(desk.state.pending == [])
    #expect(desk.told == ["runs/digits is gone"])
  }

  @Test func anAnswerOfAnotherRunIsTold() {
    var desk = Desk.steering()
    desk.find("runs/a")
    let id = desk.deliver(desk.press(.character("P"))).first ?? ""
    desk.press(.character("["))
    #expect(desk.state.selectedPath == "runs/a")
    desk.log([Samples.answer(id, .pause)])
    #expect(desk.told == ["paused at step 42"])
  }

  @Test func startsAreTold() {
    var desk = Desk()
    desk.send(.notStarted(problem: "not started: no"))
    #expect(desk.told == ["not started: no"])
    desk.send(.started(path: "runs/new"))
    #expect(desk.told.last == "opened runs/new")
  }
}
