import JSONText
import OperatingSystem
import Testing

extension WithoutTerminal {
  /// `nntop ctl`: what the keys do, for scripts.
  @Suite struct ControlTests {
    @Test func everyCommandIsObeyedAndAnsweredOnce() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        func ctl(_ words: String...) async throws -> Workplace.Answer {
          try await place.start(["ctl", "runs/run"] + words).answer()
        }
        func expect(_ words: String..., says text: String) async throws {
          let answer = try await place.start(["ctl", "run"] + words).answer()
          #expect(answer.status == 0 && answer.errorText == "", "\(words): \(answer)")
          #expect(answer.output.contains(text), "\(words): \(answer)")
        }

        try await expect("pause", says: "paused at step ")
        let step = try await place.step(run)
        let again = try await ctl("pause")
        #expect(again.status == 1 && again.errorLines == ["nntop: refused: is paused already"])
        #expect(again.output == "")

        try await expect("lr", "0.01", says: "learning rate 0.02 → 0.01 at step \(step)\n")
        try await expect("lr", "x0.5", says: "learning rate 0.01 → 0.005 at step \(step)\n")
        let names = try run.checkpointNames()
        try await expect(
          "prune", "magnitude", "0.8", "--preview",
          says: "would prune magnitude: sparsity 0.0% → 80.0% at step \(step)\n  layer ")
        #expect(try await place.status(run)["sparsity"]?.double == 0)
        #expect(try run.checkpointNames() == names)
        #expect(try run.journal(of: "prune").isEmpty)
        try await expect("prune", "magnitude", "80%", says: "sparsity 0.0% → 80.0% at step \(step)")
        let sparsity = try #require(try await place.status(run)["sparsity"]?.double)
        #expect(abs(sparsity - 0.8) < 0.001)
        try await expect("undo", says: "sparsity 80.0% → 0.0% at step \(step)\n")
        #expect(try await place.status(run)["sparsity"]?.double == 0)
        try await expect("undo", says: "undid: learning rate at step \(step), 0.005 → 0.01")
        try await expect(
          "prune", "magnitude", "0.5", "--layer", "linear2", says: "sparsity 0.0% → 5.6%")
        try await expect("checkpoint", says: "checkpoint written at step \(step)\n")
        #expect(try run.checkpointNames().count > names.count)

        try await expect("resume", says: "goes on at step \(step)\n")
        try await eventually("more steps") { try await place.step(run) > step }
        try await expect("stop", says: "stopping at step ")
        try await eventually("the engine's end") { !run.isAlive }
        #expect(try await place.status(run)["state"]?.string == "stopped")

        let asked = try run.commands().compactMap { $0["id"]?.string }
        #expect(asked.count == 12 && Set(asked).count == 12)
        #expect(try run.journal(of: "answer").compactMap { $0["id"]?.string } == asked)
      }
    }

    @Test func statusAndAnswersAreJSON() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let status = try await eventually("a learning rate in the log") {
          let status = try await place.status(run)
          return status["learningRate"].map { _ in status }
        }
        #expect(status["schema"]?.integer == 1)
        #expect(status["name"]?.string == "run" && status["state"]?.string == "training")
        #expect(status["finalStep"]?.integer == 4_000_000)
        let learningRate = try #require(status["learningRate"]?.double)
        #expect(abs(learningRate - 0.02) < 1e-6)
        let text = try await place.nntopDoing("ctl", "runs/run", "status")
        #expect(text.contains("training"))

        let output = try await place.nntopDoing("ctl", "run", "prune", "magnitude", "0.5", "--json")
        let answer = try JSONReader().read(output).json
        #expect(answer["schema"]?.integer == 1 && answer["status"]?.string == "applied")
        #expect(answer["layers"]?.array?.count == 3)
        let refused = try await place.nntop("ctl", "run", "prune", "magnitude", "0.2", "--json")
        #expect(refused.status == 1)
        let refusal = try JSONReader().read(refused.output).json
        #expect(refusal["status"]?.string == "refused" && refusal["reason"]?.string != nil)
      }
    }

    @Test func whatCannotBeObeyedIsOneLine() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let wrong: [(words: [String], status: Int32, says: String)] = [
          (["puase"], 2, "did you mean pause?"), (["lr"], 2, "lr VALUE"),
          (["lr", "fast"], 2, "expected a number"), (["prune", "magnitude"], 2, "SPARSITY"),
          (["prune", "magnitude", "150"], 2, "between 0 and 1"),
          (["pause", "--timeuot", "3"], 2, "did you mean --timeout?"),
          (["prune", "magnitud", "0.5"], 1, "there is no method \"magnitud\""),
          (["prune", "magnitude", "0.5", "--layer", "linear9"], 1, "prunable are linear1"),
          (["undo"], 1, "there is nothing to undo"), (["resume"], 1, "is not paused"),
          (["lr", "1e9"], 1, "0 to 1e6"),
        ]
        for (words, status, says) in wrong {
          let answer = try await place.start(["ctl", "runs/run"] + words).answer()
          #expect(answer.status == status, "\(words): \(answer)")
          #expect(answer.errorLines.count == 1 && answer.output == "", "\(words): \(answer)")
          #expect(answer.errorText.contains(says), "\(words): \(answer)")
        }
        #expect(run.isAlive)
      }
    }

    @Test func aRunWithoutAnEngineAnswersAtOnce() async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        let start = SystemClock().monotonicSeconds()
        let answer = try await place.nntop("ctl", "runs/run", "pause", "--timeout", "1000")
        #expect(SystemClock().monotonicSeconds() - start < Patience.seconds)
        #expect(answer.status == 1)
        #expect(
          answer.errorLines == [
            "nntop: runs/run is finished: it takes no more commands"
          ])
        #expect(try run.commands().isEmpty)
        let missing = try await place.nntop("ctl", "rnu", "pause")
        #expect(missing.status == 1 && missing.errorText.contains("did you mean runs/run?"))
      }
    }
  }
}
