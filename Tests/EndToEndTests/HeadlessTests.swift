import Glibc
import JSONText
import OperatingSystem
import Testing

extension WithoutTerminal {
  /// Trainings that nobody watches.
  @Suite struct HeadlessTests {
    @Test func detachPrintsThePathAndLeaves() async throws {
      try await Workplace.use { place in
        let answer = try await place.nntop(
          "run", "--detach", "--runs", "elsewhere", "--name", "one", "--seed", "7", "--set",
          "data.trainingCount=512", "--set", "epochs=1000000")
        #expect(answer.status == 0 && answer.errorText == "")
        #expect(answer.output == "elsewhere/one\n")
        let run = place.run("one", in: "elsewhere")
        try await eventually("the training") { try run.lastPhase() == "training" && run.isAlive }
        let limit = 1 << 20
        let manifest = try JSONReader().read(
          try LocalFileSystem().contents(of: run.path("run.json"), limit: limit)
        ).json
        #expect(manifest["seed"]?.integer == 7 && manifest["name"]?.string == "one")
        let data = manifest["experiment"]?["data"]
        #expect(data?["trainingCount"]?.integer == 512)

        let taken = try await place.nntop("run", "--detach", "--runs", "elsewhere", "-n", "one")
        #expect(taken.status == 1 && taken.errorLines.count == 1)
        #expect(taken.errorText.contains("elsewhere/one exists already"))
        let engines = try place.processes.engines
        #expect(engines.count == 1)
      }
    }

    /// Without a terminal `run` is headless by itself.
    @Test(arguments: [["run"], ["run", "--headless"]])
    func headlessPrintsPlainLines(command: [String]) async throws {
      try await Workplace.use { place in
        let answer = try await place.start(
          command + ["--name", "run", "--set", "epochs=5"] + Workplace.smallRun
        ).answer()
        #expect(answer.status == 0 && answer.errorText == "")
        let lines = answer.output.split(separator: "\n")
        #expect(lines.first == "training runs/run" && lines.last == "finished runs/run")
        #expect(lines.dropFirst().dropLast().allSatisfy { $0.hasPrefix("step ") })
        #expect(lines.count >= 3 && lines[lines.count - 2].hasPrefix("step 20/20  epoch 5.0/5  "))
        #expect(!answer.output.contains { $0 == "\u{1b}" || $0 == "\r" })
        #expect(try place.processes.engines.isEmpty)

        let resumed = try await place.nntop("resume", "runs/run")
        #expect(resumed.status == 0 && resumed.output == "runs/run is finished\n")
      }
    }

    @Test func theExitStatusTellsTheOutcome() async throws {
      try await Workplace.use { place in
        let endless = ["run", "--headless"] + Workplace.endlessRun
        let stopped = try place.start(endless + ["--name", "stopped"])
        try await eventually("a training") { try place.run("stopped").lastPhase() == "training" }
        try await place.nntopDoing("ctl", "stopped", "stop")
        let stop = try await stopped.answer()
        #expect(stop.status == 3 && stop.output.contains("nntop resume runs/stopped continues it"))

        for (name, signal) in [("terminated", SIGTERM), ("interrupted", SIGINT)] {
          let started = try place.start(endless + ["--name", name])
          try await eventually("a training") { try place.run(name).lastPhase() == "training" }
          started.process.send(signal: signal)
          #expect(try await started.answer().status == 128 + signal)
          #expect(try place.run(name).lastPhase() == "stopped")
        }

        let failed = try await place.nntop(
          "run", "--headless", "--name", "failed", "--set", "optimizer.learningRate=1e6", "--set",
          "data.trainingCount=512")
        #expect(failed.status == 1 && failed.errorLines.count == 1)
        #expect(failed.errorText.contains("not a finite number at step"))
        #expect(try place.run("failed").lastPhase() == "failed")

        let list = try JSONReader().read(try await place.nntopDoing("ls", "--json")).json
        let states = (list["runs"]?.array ?? []).compactMap { $0["state"]?.string }
        #expect(states == ["failed", "stopped", "stopped", "stopped"])
      }
    }

    @Test func aStoppedRunGoesOnWhereItWas() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine("run")
        try await place.nntopDoing("ctl", "run", "stop")
        try await eventually("its end") { !run.isAlive }
        let step = try await place.step(run)
        try await place.nntopDoing("resume", "run", "--detach")
        try await eventually("more steps") { try await place.step(run) > step }
        #expect(try run.journal(of: "restore").first?["step"]?.integer == step)
      }
    }
  }
}

extension InTerminal {
  @Suite struct ProgressBarTests {
    @Test func headlessOnATerminalDrawsABar() async throws {
      try await Workplace.use { place in
        let terminal = try RawTerminal(
          place, columns: 100, "run", "--headless", "--name", "run", "--set", "epochs=20", "--set",
          "data.trainingCount=512")
        try await terminal.waitForEnd()
        #expect(terminal.text.contains("\r█"))
        #expect(terminal.text.contains("step 80/80"))
        #expect(terminal.text.hasSuffix("finished runs/run\r\n"))
      }
    }
  }
}
