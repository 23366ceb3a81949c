import JSONText
import OperatingSystem
import Testing

/// A learning-rate schedule that is typed while a run goes on.
extension WithoutTerminal {
  @Suite struct TypedScheduleTests {
    @Test func aScriptTypesASchedule() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        func ctl(_ words: String...) async throws -> Workplace.Answer {
          try await place.start(["ctl", "runs/run"] + words).answer()
        }
        _ = try await ctl("pause")
        let step = try await place.step(run)
        _ = try await ctl("lr", "0.01")
        let typed = try await ctl("schedule", "oneCycle", "initialFactor=0.1", "finalFactor=0.01")
        #expect(typed.status == 0 && typed.errorText == "", "\(typed)")
        #expect(
          typed.output == "schedule oneCycle initialFactor=0.1 finalFactor=0.01: "
            + "learning rate 0.01 → 0.001 at step \(step)\n")
        let wrong: [(words: [String], status: Int32, says: String)] = [
          (["schedule"], 2, "as cosine finalFactor=0.1"),
          (["schedule", "cosine", "0.1"], 2, "as cosine finalFactor=0.1"),
          (["schedule", "cosin"], 1, "did you mean \"cosine\"?"),
          (["schedule", "cosine", "finalFactor=2"], 1, "a number from 0 to 1"),
          (["schedule", "cosine", "finalFaktor=1"], 1, "finalFaktor"),
        ]
        for (words, status, says) in wrong {
          let answer = try await place.start(["ctl", "runs/run"] + words).answer()
          #expect(answer.status == status && answer.errorLines.count == 1, "\(words): \(answer)")
          #expect(answer.errorText.contains(says), "\(words): \(answer)")
        }
        let undone = try await ctl("undo")
        #expect(
          undone.output
            == "undid: learning rate at step \(step), 0.001 → 0.01 at step \(step)\n")
      }
    }
  }
}

extension InTerminal {
  @Suite struct TypedScheduleKeyTests {
    @Test func aScheduleIsTypedForTheLearningRate() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let screen = try Screen(place, columns: 100, rows: 30, "runs/run")
        try await screen.wait(for: "a training") {
          $0.contains("training") && ScreenText.step($0) ?? 0 > 0
        }
        try screen.press("L")
        try await screen.wait(forText: "Learning rate", "schedule from here")
        try screen.type("oneCycle initialFactor=0.1")
        try screen.press("Enter")
        try await screen.wait(
          forText: "schedule oneCycle initialFactor=0.1: learning rate 0.02 → 0.002 at step")
        try screen.press("L")
        try screen.type("cosin")
        try screen.press("Enter")
        try await screen.wait(forText: "type 0.01, x0.5, or a schedule:")
        try screen.press("C-u")
        try screen.type("cosine finalFactor=2")
        try screen.press("Enter")
        try await screen.wait(forText: "refused: finalFactor: found 2, expected a number from 0")
        let asked = try run.commands()
        #expect(asked.map { $0["command"]?.string } == ["schedule", "schedule"])
        #expect(asked.first?["schedule"] == ["kind": "oneCycle", "initialFactor": 0.1])
        let answers = try run.journal(of: "answer")
        #expect(answers.map { $0["status"]?.string } == ["applied", "refused"])
      }
    }
  }
}
