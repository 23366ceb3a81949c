import Glibc
import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// What one process does when another is gone.
  @Suite struct SurvivalTests {
    @Test func aKilledEngineIsToldAndResumed() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine("run", "--set", "checkpoint.everySeconds=0.5")
        let screen = try Screen(place, "runs/run")
        try await screen.wait(for: "a training") {
          $0.contains("training") && ScreenText.step($0) ?? 0 > 0
        }
        try place.append("the last words of the engine\n", to: "runs/run/engine.log")
        let engine = try #require(try place.processes.engines.first)
        kill(engine.identifier, SIGKILL)
        let dead = try await screen.wait(
          forText: "✗ dead", "nntop resume", "engine.log: the last words of the engine")
        let step = try #require(ScreenText.step(dead))

        try await place.nntopDoing("resume", "runs/run", "--detach")
        try await screen.wait(for: "the training beyond step \(step)") {
          $0.contains("● training") && ScreenText.step($0) ?? 0 > step
        }
        #expect(try run.journal(of: "restore").count == 1)
      }
    }

    @Test(.enabled(if: Tool.bash != nil, "bash is not installed"))
    func aSuspendedDashboardComesBack() async throws {
      try await Workplace.use { place in
        _ = try await place.startEngine()
        let bash = try #require(Tool.bash)
        let screen = try Screen(place, program: bash, "--norc", "-i")
        try screen.type("stty -echoctl; \(Program.path) runs/run")
        try screen.press("Enter")
        try await screen.wait(forText: "● training", "q Quit")
        try screen.press("C-z")
        try await screen.wait(forText: "Stopped")
        #expect(try screen.modes() == Screen.modesOfShell)
        try screen.type("stty -a; fg")
        try screen.press("Enter")
        try await screen.wait(forText: "● training", "q Quit")
        #expect(try screen.modes() == Screen.modesOfDashboard)
        try screen.press("q")
        try screen.type("echo left with $?")
        try screen.press("Enter")
        let left = try await screen.wait(forText: "left with 0")
        #expect(left.contains(" icanon"))
      }
    }

    enum Blow: CaseIterable { case kill, terminate, hangUp, interrupt }

    @Test(arguments: Blow.allCases)
    func theEngineOutlivesItsDashboard(blow: Blow) async throws {
      try await Workplace.use { place in
        // Started in that terminal, so that all that the terminal kills could kill the engine.
        let screen = try Screen(
          place, "run", "--name", "run", "--set", "data.trainingCount=512", "--set",
          "epochs=1000000")
        let run = place.run("run")
        try await screen.wait(forText: "● training", "q Quit")
        let dashboard = try #require(try place.processes.dashboards.first)
        switch blow {
        case .kill: kill(dashboard.identifier, SIGKILL)
        case .terminate: kill(dashboard.identifier, SIGTERM)
        case .interrupt: try screen.press("C-c")
        case .hangUp: try screen.hangUp()
        }
        if blow == .terminate || blow == .interrupt {
          let left = try await screen.wait(forText: "left with status", "extproc")
          #expect(left.contains(" icanon") && left.contains(" echo "))
          #expect(try screen.modes() == Screen.modesOfShell)
        }
        try await eventually("the dashboard's end") { try place.processes.dashboards.isEmpty }
        let step = try await place.step(run)
        try await eventually("the training going on") { try await place.step(run) > step }
        #expect(run.isAlive)
      }
    }

    @Test func aTerminatedEngineWritesACheckpointThatGoesOn() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let screen = try Screen(place, "runs/run")
        try await screen.wait(for: "a training") {
          $0.contains("training") && ScreenText.step($0) ?? 0 > 0
        }
        let engine = try #require(try place.processes.engines.first)
        kill(engine.identifier, SIGTERM)
        try await screen.wait(forText: "✗ stopped")
        try await eventually("its end") { !run.isAlive }
        let last = try #require(try run.journal(of: "phase").last)
        #expect(last["reason"]?.string == "terminated")
        let step = try #require(last["step"]?.integer)
        let newest = try #require(try run.journal(of: "checkpoint").last?["name"]?.string)
        let number = String(step)
        let zeros = String(repeating: "0", count: 9 - number.count)
        #expect(try run.checkpointNames().contains("step-\(zeros)\(number)-00.safetensors"))
        #expect(!newest.isEmpty)

        try await place.nntopDoing("resume", "runs/run", "--detach")
        try await screen.wait(for: "the training beyond step \(step)") {
          $0.contains("● training") && ScreenText.step($0) ?? 0 > Int(step)
        }
        #expect(try run.journal(of: "restore").last?["step"]?.integer == step)
      }
    }
  }
}

extension WithoutTerminal {
  @Suite struct KilledRunTests {
    private static let epochs = 300
    private static let plan: [(step: Int, words: [String])] = [
      (400, ["lr", "x0.5"]), (500, ["prune", "magnitude", "0.7"]), (600, ["undo"]),
      (700, ["prune", "magnitude", "0.8"]), (720, ["lr", "x3"]),
    ]
    private static let attemptsMax = 5

    @Test func aKilledRunEndsAsAnUndisturbedOneBitForBit() async throws {
      try await Workplace.use { place in
        let calm = try await train(place, "calm", isKilled: false)
        let killed = try await train(place, "killed", isKilled: true)
        #expect(try killed.journal(of: "restore").count == 1)
        let names = try [calm, killed].map { run in
          try #require(try run.checkpointNames().filter { $0.hasSuffix(".safetensors") }.last)
        }
        #expect(names[0] == names[1])
        let (expected, found) = (try calm.tensors(names[0]), try killed.tensors(names[1]))
        #expect(expected.keys.contains { $0.hasPrefix("mask.") } && expected.count > 6)
        #expect(Set(expected.keys) == Set(found.keys))
        let different = expected.filter { found[$0.key] != $0.value }.keys.sorted()
        #expect(different == [])
      }
    }

    /// Trains with the planned commands. A machine that had no time for them before their steps
    /// tries again with a new run.
    private func train(
      _ place: Workplace, _ name: String, isKilled: Bool
    ) async throws -> RunOnDisk {
      for attempt in 1...Self.attemptsMax {
        let run = place.run("\(name)\(attempt)")
        let start = try await place.start(
          ["run", "--detach", "--name", "\(name)\(attempt)"] + Workplace.smallRun + [
            "--set", "epochs=\(Self.epochs)",
          ]
        ).answer()
        try #require(start.status == 0, "\(start)")
        try await eventually("the lock") { run.isAlive }
        guard try await ask(place, run) else { continue }
        let answered = Self.plan.count + 2
        try await eventually("all answers") {
          try run.journal(of: "answer").count == answered
        }
        if isKilled {
          let engines = try place.processes.engines
          for engine in engines where engine.arguments.last == run.path {
            kill(engine.identifier, SIGKILL)
          }
          try await eventually("its end") { !run.isAlive }
          if try run.lastPhase() == "finished" { continue }
          try await place.nntopDoing("resume", run.path, "--headless")
        }
        try await eventually("the end") { try run.lastPhase() == "finished" && !run.isAlive }
        return run
      }
      throw Overdue(description: "this machine is too busy to ask anything in time")
    }

    /// Asks for the planned commands while the engine waits; false when it is too late.
    private func ask(_ place: Workplace, _ run: RunOnDisk) async throws -> Bool {
      guard try await place.nntop("ctl", run.path, "pause").status == 0 else { return false }
      guard try await place.step(run) < Self.plan[0].step else { return false }
      for (step, words) in Self.plan {
        let answer = try await place.start(
          ["ctl", run.path] + words + ["--at-step", "\(step)", "--timeout", "0"]
        ).answer()
        try #require(answer.status == 1 && answer.errorText.contains("it may still come"))
      }
      try await place.nntopDoing("ctl", run.path, "resume")
      return true
    }
  }
}
