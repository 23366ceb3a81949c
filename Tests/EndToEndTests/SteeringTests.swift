import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// Keys that steer a training.
  @Suite struct SteeringTests {
    /// A dashboard on a run that trains.
    private func dashboard(
      _ body: (Workplace, RunOnDisk, Screen) async throws -> Void
    ) async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let screen = try Screen(place, "runs/run")
        try await screen.wait(for: "a training") {
          $0.contains("training") && ScreenText.step($0) ?? 0 > 0
        }
        try await body(place, run, screen)
      }
    }

    /// Every command has one answer, and every answer its command.
    private func expectEachAnsweredOnce(_ run: RunOnDisk, commands: [String]) throws {
      let asked = try run.commands()
      #expect(asked.map { $0["command"]?.string } == commands)
      let answered = try run.journal(of: "answer")
      #expect(answered.map { $0["id"]?.string } == asked.map { $0["id"]?.string })
    }

    @Test func pauseStandsStillAndGoesOn() async throws {
      try await dashboard { place, run, screen in
        try screen.press("P")
        let paused = try await screen.wait(forText: "‖ paused", "paused at step")
        let step = try await place.step(run)
        #expect(ScreenText.step(paused).map { Int64($0) } == step)
        try await Task.sleep(nanoseconds: 500_000_000)
        #expect(try await place.step(run) == step)
        #expect(try ScreenText.step(screen.text()).map { Int64($0) } == step)

        try screen.press("P")
        try await screen.wait(for: "more steps") {
          $0.contains("● training") && ScreenText.step($0) ?? 0 > Int(step)
        }
        try expectEachAnsweredOnce(run, commands: ["pause", "resume"])
      }
    }

    @Test func aPausedRunCostsNothing() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let terminal = try RawTerminal(place, "runs/run")
        try await place.nntopDoing("ctl", "runs/run", "pause")
        try await terminal.waitForBytes("paused")
        try await terminal.waitForSilence()
        let engine = try #require(try place.processes.engines.first)
        let both = [engine.identifier, terminal.processIdentifier]
        let before = try both.map { try ProcessUsage.of($0).processorSeconds }
        #expect(try await terminal.drain(seconds: 3) == 0)
        let after = try both.map { try ProcessUsage.of($0).processorSeconds }
        #expect(after[0] - before[0] < 0.1, "the engine")
        #expect(after[1] - before[1] < 0.2, "the dashboard")
        #expect(run.isAlive)
      }
    }

    @Test func theLearningRateIsTyped() async throws {
      try await dashboard { _, run, screen in
        try screen.press("L")
        try await screen.wait(forText: "Learning rate", "new, or x0.5:  0.02")
        try screen.type("0.005")
        try await screen.wait(forText: "0.02 → 0.005 ")
        try screen.press("Enter")
        try await screen.wait(forText: "learning rate 0.02 → 0.005 at step", "lr 0.005 ")

        try screen.press("L")
        try screen.type("x0.5")
        try await screen.wait(forText: "0.005 → 0.0025 ")
        try screen.press("Enter")
        try await screen.wait(forText: "learning rate 0.005 → 0.0025 at step", "lr 0.0025 ")
        try expectEachAnsweredOnce(run, commands: ["set_learning_rate", "set_learning_rate"])
      }
    }

    @Test func aPruneIsPreviewedDoneAndUndone() async throws {
      try await dashboard { place, run, screen in
        try screen.press("X")
        try await screen.wait(forText: "Prune", "target", "Enter previews")
        try screen.type("0.8")
        try screen.press("Enter")
        let preview = try await screen.wait(forText: "nothing has changed yet", "80.0%")
        for layer in ["linear1", "linear2", "linear3"] { #expect(preview.contains(layer)) }
        #expect(try await place.status(run)["sparsity"]?.double == 0)

        try screen.press("Enter")
        try await screen.wait(for: "fewer weights") {
          $0.contains("sparsity 0.0% → 80.0% at step") && ScreenText.value("sparsity", $0) == 80
        }
        let sparsity = try #require(try await place.status(run)["sparsity"]?.double)
        #expect(abs(sparsity - 0.8) < 0.001)

        try screen.press("U")
        try await screen.wait(forText: "Undo the prune at step")
        try screen.press("Enter")
        try await screen.wait(for: "all weights") {
          $0.contains("sparsity 80.0% → 0.0% at step") && ScreenText.value("sparsity", $0) == 0
        }
        #expect(try await place.status(run)["sparsity"]?.double == 0)
        try expectEachAnsweredOnce(run, commands: ["prune", "prune", "undo"])
        #expect(try run.journal(of: "prune").count == 1)
      }
    }

    @Test func checkpointAndStopAreConfirmed() async throws {
      try await dashboard { place, run, screen in
        try screen.press("C")
        try await screen.wait(forText: "Write a checkpoint of the present state?")
        try screen.press("Enter")
        try await screen.wait(forText: "checkpoint written at step")
        let name = try #require(try run.journal(of: "answer").last?["new"]?.string)
        #expect(try run.checkpointNames().contains(name))

        try screen.press("K")
        try await screen.wait(forText: "Stop the training?")
        try screen.press("Enter")
        try await screen.wait(forText: "✗ stopped")
        try await eventually("the engine's end") { try place.processes.engines.isEmpty }
        #expect(try run.lastPhase() == "stopped")
        #expect(!run.isAlive)
        try expectEachAnsweredOnce(run, commands: ["checkpoint", "stop"])

        try screen.press("P")
        try await screen.wait(forText: "not now:")
        #expect(try run.commands().count == 2)
      }
    }

    @Test func escapeCancelsEveryDialog() async throws {
      try await dashboard { place, run, screen in
        try await place.nntopDoing("ctl", "runs/run", "lr", "x0.5")
        for (key, words) in [
          ("L", "new, or x0.5:"), ("X", "Enter previews"), ("U", "Undo the learning rate"),
          ("C", "Write a checkpoint"), ("K", "Stop the training?"), ("?", "╭─ Help"),
        ] {
          try screen.press(key)
          try await screen.wait(forText: words)
          try screen.press("Escape")
          try await screen.wait(for: "no dialog after \(key)") { !$0.contains(words) }
        }
        #expect(try run.commands().count == 1)

        try screen.press("X")
        try await screen.wait(forText: "Enter previews")
        try screen.press("Enter")
        try await screen.wait(forText: "nothing has changed yet")
        try screen.press("Escape")
        try await screen.wait(for: "no preview") { !$0.contains("nothing has changed yet") }
        // What a preview asked for changes nothing, and nothing else was asked.
        #expect(try run.commands().map { $0["preview"]?.boolean } == [nil, true])
        #expect(try run.journal(of: "prune").isEmpty)
      }
    }
  }
}
