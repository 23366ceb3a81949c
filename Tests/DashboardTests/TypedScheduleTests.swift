import Dashboard
import JSONText
import RunLog
import TerminalUI
import Testing

/// A learning-rate schedule typed where learning rates are.
struct TypedScheduleTests {
  private func desk(takesSchedules: Bool) -> Desk {
    var desk = Desk.steering()
    var manifest = Samples.manifest
    manifest.declares.removeAll { $0.command == "schedule" }
    if takesSchedules {
      let kinds: JSON = ["constant", "cosine", "multiStep", "step"]
      manifest.declares.append(.init(command: "schedule", details: ["kinds": kinds]))
    }
    desk.log([.manifest(manifest)])
    return desk
  }

  private static let schedules: [(text: String, schedule: JSON)] = [
    ("cosine", ["kind": "cosine"]),
    ("cosine finalFactor=0.1", ["kind": "cosine", "finalFactor": 0.1]),
    (" step  everyEpochs=2 factor=0.5 ", ["kind": "step", "everyEpochs": 2, "factor": 0.5]),
    ("multiStep epochs=[2,4]", ["kind": "multiStep", "epochs": [2, 4]]),
    ("cosine finalFactor=low", ["kind": "cosine", "finalFactor": "low"]),
  ]

  @Test(arguments: schedules.indices)
  func aScheduleIsTyped(index: Int) {
    let (text, schedule) = Self.schedules[index]
    var desk = desk(takesSchedules: true)
    desk.press(.character("L"))
    #expect(desk.type(text) == [])
    let effects = desk.press(.enter)
    #expect(effects.request == .schedule(schedule))
    #expect(desk.state.dialog == nil)
  }

  @Test(arguments: ["cosine 0.1", "x0.5y", "cosine =1=", "1cosine"])
  func whatIsNeitherARateNorAScheduleSaysSo(text: String) {
    var desk = desk(takesSchedules: true)
    desk.press(.character("L"))
    desk.type(text)
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("or a schedule: constant") })
  }

  @Test func aRunThatTakesNoSchedulesIsOfferedNone() {
    var desk = desk(takesSchedules: false)
    desk.press(.character("L"))
    #expect(!desk.screen.contains { $0.contains("cosine") })
    desk.type("cosine")
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("type a number from 0") })
  }
}
