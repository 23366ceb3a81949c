import JSONText
import OperatingSystem
import TestSupport
import Testing

/// A training loop in Python that imports `sample-runs/pytorch/nntop_run.py`.
enum PythonLoop {
  static let module = Repository.path("sample-runs/pytorch")
  static let why: Comment = "python3 is not installed"

  static func script(_ name: String) -> String {
    Repository.path("Tests/EndToEndTests/Python/\(name).py")
  }

  /// A Python that has PyTorch: the one that `NNTOP_TORCH` names, or the usual one if it has it.
  static let pythonWithTorch: String? = {
    if let chosen = Environment.value("NNTOP_TORCH"), !chosen.isEmpty { return chosen }
    guard Environment.value("CI") != "true", let python = Tool.python else { return nil }
    do throws(SystemError) {
      let outputMax = 1 << 16
      let answer = try ChildProcess.run(
        python, arguments: ["-c", "import torch"], outputLimit: outputMax)
      return answer.ending == .exited(0) ? python : nil
    } catch { return nil }
  }()
}

extension Workplace {
  /// Starts the loop without a framework and waits until it trains.
  func startPythonLoop(
    _ name: String = "stub", stepSeconds: Double = 0.01
  ) async throws -> (run: RunOnDisk, process: Started) {
    let python = try #require(Tool.python)
    let process = try start(
      program: python,
      [PythonLoop.script("stub_loop"), PythonLoop.module, "runs/\(name)", "\(stepSeconds)"],
      environment: ["PYTHONDONTWRITEBYTECODE": "1"])
    let run = run(name)
    try await eventually("the training of \(name)", else: try process.output()) {
      try run.lastPhase() == "training" && run.isAlive
    }
    return (run, process)
  }
}

extension RunOnDisk {
  /// Every command has one answer, in the order in which they were given.
  func expectEachAnsweredOnce() throws {
    let asked = try commands().map { $0["id"]?.string }
    #expect(try journal(of: "answer").map { $0["id"]?.string } == asked)
  }
}

extension WithoutTerminal {
  /// What is not ours is steered by the same commands.
  @Suite(.enabled(if: Tool.python != nil, PythonLoop.why))
  struct PythonControlTests {
    @Test func everyCommandIsObeyedOrRefusedOnce() async throws {
      try await Workplace.use { place in
        let (run, process) = try await place.startPythonLoop()
        func expect(_ words: String..., says text: String) async throws {
          let answer = try await place.start(["ctl", "runs/stub"] + words).answer()
          #expect(answer.status == 0 && answer.errorText == "", "\(words): \(answer)")
          #expect(answer.output.contains(text), "\(words): \(answer)")
        }
        func expect(_ words: String..., isRefused text: String) async throws {
          let answer = try await place.start(["ctl", "runs/stub"] + words).answer()
          #expect(answer.status == 1 && answer.output == "", "\(words): \(answer)")
          #expect(answer.errorLines == ["nntop: \(text)"], "\(words): \(answer)")
        }
        try await expect("pause", says: "paused at step ")
        let step = try await place.step(run)
        try await expect("pause", isRefused: "refused: is paused already")
        try await expect("lr", "x0.5", says: "learning rate 0.1 → 0.05 at step \(step)\n")
        try await expect("lr", "0.2", says: "learning rate 0.05 → 0.2 at step \(step)\n")
        try await expect(
          "lr", "50", isRefused: "refused: a learning rate is a number from 1e-06 to 10")
        try await expect("set", "temperature", "0.5", says: "temperature 1 → 0.5 at step \(step)\n")
        try await expect(
          "set", "temperature", "2.5", isRefused: "refused: temperature is a number from 0 to 2")
        try await expect(
          "set", "temperatur", "1",
          isRefused:
            "refused: there is no number \"temperatur\"; there are temperature, weight decay")
        try await expect("set", "weight decay", "3", says: "weight decay 0.01 → 3 at step")
        try await expect("undo", says: "undid: set weight decay at step \(step), 3 → 0.01")
        try await expect("undo", says: "undid: set temperature at step \(step), 0.5 → 1")
        try await expect("undo", says: "undid: learning rate at step \(step), 0.2 → 0.05")
        try await expect("set", "temperature", "0.25", says: "temperature 1 → 0.25")
        try await expect("checkpoint", says: "checkpoint written at step \(step)\n")
        #expect(try run.checkpointNames().count == 1)
        try await expect("prune", "magnitude", "0.5", isRefused: "runs/stub does not take prune")
        try await expect("branch", isRefused: "runs/stub does not take branch")
        try await expect("resume", says: "goes on at step \(step)\n")
        try await eventually("more steps") { try await place.step(run) > step }
        try await expect("stop", says: "stopping at step ")
        let answer = try await process.answer()
        #expect(answer.status == 0 && answer.output.contains("left at step"), "\(answer)")
        try run.expectEachAnsweredOnce()
        #expect(try run.lastPhase() == "stopped" && !run.isAlive)
        // What was answered took effect, in every parameter group and past the next scheduler.step.
        let points = try await place.nntopDoing("export", "runs/stub", "--tag", "*")
        let rows = points.split(separator: "\n").map { $0.split(separator: ",") }
        func value(_ tag: String) -> Double? {
          rows.last { $0.count == 5 && $0[1] == tag }.flatMap { Double($0[4]) }
        }
        #expect(value("optimizer/learning_rate") == 0.05)
        #expect(value("settings/second_rate").map { abs($0 - 0.005) < 1e-9 } == true)
        #expect(value("settings/temperature") == 0.25)
        try await expect("pause", isRefused: "no engine is running on runs/stub")
      }
    }

    @Test func whatIsNoCommandIsRefusedAndNoise() async throws {
      try await Workplace.use { place in
        try LocalFileSystem().createDirectory(place.path("runs"), permissions: 0o777)
        try LocalFileSystem().createDirectory(place.path("runs/stub"), permissions: 0o777)
        try place.write(
          #"{"id":"00000000000000aa","command":"pause"}"# + "\n", to: "runs/stub/control.jsonl")
        let (run, _) = try await place.startPythonLoop()
        let wrong: [(members: String, reason: String)] = [
          (#""command":"explode""#, "this run does not take explode"),
          (#""command":7"#, "this run does not take 7"),
          (#""at_step":1"#, "this run does not take"),
          (#""command":"set_learning_rate""#, "either \"value\" or \"scale\" must be given"),
          (
            #""command":"set_learning_rate","value":1,"scale":1"#,
            "either \"value\" or \"scale\" must be given"
          ),
          (#""command":"set_learning_rate","value":NaN"#, "\"value\" must be a number"),
          (#""command":"set_learning_rate","value":true"#, "\"value\" must be a number"),
          (#""command":"set_learning_rate","scale":1e999"#, "\"scale\" must be a number"),
          (#""command":"set_learning_rate","scale":0"#, "a learning rate is a number from"),
          (#""command":"set","value":1"#, "there is no number"),
          (#""command":"set","name":["temperature"],"value":1"#, "there is no number"),
          (#""command":"set","name":"temperature","value":"1""#, "\"value\" must be a number"),
          (
            #""command":"set","name":"temperature","value":-1"#,
            "temperature is a number from 0 to 2"
          ),
          (#""command":"pause","at_step":"12""#, "\"at_step\" must be an integer"),
          (
            #""command":"set","name":"\#(String(repeating: "n", count: 3000))","value":1"#,
            "the command is longer than 2048 bytes"
          ),
        ]
        let noise = [
          "{", "[]", "7", "{}", #"{"id":"A000000000000000","command":"stop"}"#,
          #"{"id":"short","command":"stop"}"#, #"{"command":"stop"}"#,
          String(repeating: "[", count: 100_000), "\u{0}\u{1}",
        ]
        var text = noise.joined(separator: "\n") + "\n"
        for (index, one) in wrong.enumerated() {
          text += #"{"id":"\#(id(index))",\#(one.members)}"# + "\n"
        }
        // The same id again, and one that a line break has not ended yet.
        try place.append(
          text + text + #"{"id":"00000000000000bb","com"#, to: "runs/stub/control.jsonl")
        try await eventually("the answers") {
          try run.journal(of: "answer").count > wrong.count
        }
        try place.append(#"mand":"pause"}"# + "\n", to: "runs/stub/control.jsonl")
        try await eventually("a pause") { try run.lastPhase() == "paused" }
        let answers = try run.journal(of: "answer")
        #expect(answers.count == wrong.count + 2)
        #expect(answers.first?["reason"]?.string == "no engine was running")
        for (index, one) in wrong.enumerated() {
          let answer = answers.first { $0["id"]?.string == id(index) }
          #expect(answer?["status"]?.string == "refused", "\(one)")
          #expect(answer?["reason"]?.string?.hasPrefix(one.reason) == true, "\(answer ?? .null)")
        }
      }
    }

    private func id(_ index: Int) -> String {
      let digits = String(index, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test func aCommandWaitsForItsStep() async throws {
      try await Workplace.use { place in
        let (run, _) = try await place.startPythonLoop()
        let step = try await place.step(run) + 40
        try await place.nntopDoing("ctl", "runs/stub", "pause", "--at-step", "\(step)")
        #expect(try run.journal(of: "answer").last?["step"]?.integer == step)
        #expect(try await place.step(run) == step)
      }
    }

    @Test func theEndIsTold() async throws {
      try await Workplace.use { place in
        let (run, process) = try await place.startPythonLoop()
        process.process.send(signal: 2)
        #expect(try await process.answer().status != 0)
        let last = try #require(try run.journal(of: "phase").last)
        #expect(last["phase"]?.string == "stopped" && last["reason"]?.string == "interrupted")
        let (killed, victim) = try await place.startPythonLoop("killed")
        victim.process.send(signal: 9)
        _ = try await victim.answer()
        #expect(try killed.lastPhase() == "training" && !killed.isAlive)
        let list = try await place.nntopDoing("ls", "runs")
        #expect(list.contains("stopped") && list.contains("dead"), "\(list)")
        let resumed = try await place.nntop("resume", "runs/killed")
        #expect(resumed.status == 1 && resumed.errorText.contains("run of nntop_run.py"))
        #expect(try killed.lastPhase() == "training")
        // A second session in the same directory supersedes the first.
        let (again, _) = try await place.startPythonLoop("killed")
        try await eventually("a second session") {
          try again.journal(of: "phase").filter { $0["phase"]?.string == "starting" }.count == 2
        }
      }
    }

    @Test func aLogThatIsGoneStopsNoTraining() async throws {
      try await Workplace.use { place in
        let (run, process) = try await place.startPythonLoop()
        let beside = place.path("elsewhere")
        _ = try await place.start(program: "mv", [run.path, beside]).answer()
        try await Task.sleep(nanoseconds: 500_000_000)
        #expect(process.process.endingIfOver() == nil)
        _ = try await place.start(program: "mv", [beside, run.path]).answer()
        try await place.nntopDoing("ctl", "runs/stub", "stop")
        let answer = try await process.answer()
        #expect(answer.status == 0 && answer.errorLines.count == 1, "\(answer)")
        #expect(answer.errorText.contains("not written"), "\(answer)")
      }
    }

    @Test(
      .enabled(if: PythonLoop.pythonWithTorch != nil, "no Python with PyTorch is at hand, or CI"),
      .timeLimit(.minutes(5)))
    func realPyTorchObeys() async throws {
      try await Workplace.use { place in
        let python = try #require(PythonLoop.pythonWithTorch)
        let answer = try await place.start(
          program: python, [PythonLoop.script("check_torch"), PythonLoop.module, place.path]
        ).answer(within: 280)
        #expect(answer.status == 0 && answer.output.contains("all hold"), "\(answer)")
      }
    }
  }
}

extension InTerminal {
  @Suite(.enabled(if: Tool.python != nil, PythonLoop.why))
  struct PythonKeyTests {
    @Test func theSameKeysWork() async throws {
      try await Workplace.use { place in
        let (run, process) = try await place.startPythonLoop()
        let screen = try Screen(place, columns: 110, rows: 30, "runs/stub")
        try await screen.wait(for: "a training") {
          $0.contains("● training") && ScreenText.step($0) ?? 0 > 0
        }
        // A key that the run does not take says so.
        try screen.press("X")
        try await screen.wait(forText: "not now: this run does not take prune")
        try screen.press("B")
        try await screen.wait(forText: "not now: this run does not take branch")

        try screen.press("P")
        let paused = try await screen.wait(forText: "‖ paused", "paused at step")
        let step = try #require(ScreenText.step(paused))
        try screen.press("L")
        try await screen.wait(forText: "Learning rate", "new, or x0.5:  0.1")
        try screen.type("50")
        try screen.press("Enter")
        try await screen.wait(forText: "a learning rate is a number from 1e-06 to 10")
        try screen.press("C-u")
        try screen.type("x0.5")
        try await screen.wait(forText: "0.1 → 0.05 ")
        try screen.press("Enter")
        try await screen.wait(forText: "learning rate 0.1 → 0.05 at step \(step)", "lr 0.05")

        try screen.press("V")
        try await screen.wait(
          forText: "Set a value", "> temperature", "from 0 to 2", "weight decay")
        try screen.press("Enter")
        try await screen.wait(forText: "Set temperature", "of the softmax", "1 → 1 ")
        try screen.type("3")
        try screen.press("Enter")
        try await screen.wait(forText: "temperature is a number from 0 to 2")
        try screen.press("C-u")
        try screen.type("x0.25")
        try await screen.wait(forText: "1 → 0.25 ")
        try screen.press("Enter")
        try await screen.wait(forText: "temperature 1 → 0.25 at step \(step)")

        try screen.press("U")
        try await screen.wait(forText: "Undo temperature back to 1.0?")
        try screen.press("Enter")
        try await screen.wait(forText: "undid: set temperature at step", "0.25 → 1")
        try screen.press("V")
        try await screen.wait(for: "the old value") { text in
          text.contains("> temperature") && text.contains(" 1   from 0 to 2")
        }
        try screen.press("Escape")

        try screen.press("C")
        try await screen.wait(forText: "Write a checkpoint")
        try screen.press("Enter")
        try await screen.wait(forText: "checkpoint written at step \(step)")
        try screen.press("P")
        try await screen.wait(for: "more steps") {
          $0.contains("● training") && ScreenText.step($0) ?? 0 > step
        }
        try screen.press("K")
        try await screen.wait(forText: "Stop the training? nntop_run.py ends its loop")
        try screen.press("Enter")
        try await screen.wait(forText: "✗ stopped")
        #expect(try await process.answer().status == 0)
        #expect(
          try run.commands().map { $0["command"]?.string }
            == ["pause", "set_learning_rate", "set", "undo", "checkpoint", "resume", "stop"])
        try run.expectEachAnsweredOnce()
        try screen.press("P")
        try await screen.wait(forText: "not now: the run is stopped")
      }
    }
  }
}
