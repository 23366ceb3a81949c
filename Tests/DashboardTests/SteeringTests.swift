import Dashboard
import RunLog
import TerminalUI
import Testing

struct SteeringTests {
  private static let keys: [Key] = "PLXUCK".map { .character($0) }
  private static let allKeys: [Character] = Array("PLVXUCBK")

  private func isID(_ id: String) -> Bool {
    id.count == 16 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase }
  }

  // MARK: Refusals

  /// Runs that cannot be steered, and why.
  private static let obstacles: [(reason: String, play: @Sendable (inout Desk) -> Void)] = [
    ("there is no run", { $0 = Desk() }),
    (
      "--read-only",
      {
        $0 = Desk()
        $0.find(Desk.path, access: .readOnly(reason: "--read-only"))
      }
    ),
    (
      "this run takes no commands",
      {
        $0 = Desk()
        $0.find(Desk.path)
        $0.log([Samples.phase(.training), .liveness(.alive)])
      }
    ),
    (
      "this run takes no commands",
      {
        var manifest = Samples.manifest
        manifest.declares = []
        $0.log([.manifest(manifest)])
      }
    ),
    ("the run is finished", { $0.log([Samples.phase(.finished)]) }),
    (
      "the run is stopped; nntop resume continues it",
      { $0.log([Samples.phase(.stopped), .liveness(.dead)]) }
    ),
    ("the run has failed", { $0.log([Samples.phase(.failed), .liveness(.dead)]) }),
    (
      "no engine is running; nntop resume continues it",
      { $0.log([.liveness(.dead)]) }
    ),
    ("no engine is running", { $0.log([.liveness(.unknown)]) }),
  ]

  @Test(arguments: obstacles.indices)
  func whatCannotBeSteeredSaysWhy(index: Int) {
    let (reason, play) = Self.obstacles[index]
    for key in Self.keys {
      var desk = Desk.steering()
      play(&desk)
      #expect(desk.press(key) == [])
      #expect(desk.state.dialog == nil)
      #expect(desk.told == ["not now: \(reason)"])
      #expect(desk.state.steeringObstacle == reason)
      desk.press(.character("?"))
      desk.state.size = Size(rows: 200, columns: 100)
      #expect(desk.screen.contains { $0.contains("not now: \(reason)") })
    }
  }

  /// What a run does not declare it does not take, whatever else it takes.
  @Test(arguments: [
    ("pause", Character("P")), ("resume", "P"), ("set_learning_rate", "L"), ("set", "V"),
    ("prune", "X"), ("undo", "U"), ("checkpoint", "C"), ("branch", "B"), ("stop", "K"),
  ])
  func aCommandThatIsNotDeclaredSaysSo(command: String, key: Character) {
    let commands: [String] = [
      "pause", "resume", "set_learning_rate", "set", "prune", "undo", "checkpoint", "branch",
      "stop",
    ]
    for phase in [JournalRecord.Phase.Name.training, .paused] {
      var desk = Desk.steering(phase)
      var manifest = Samples.manifest
      manifest.declares = commands.filter { $0 != command }.map { name in
        .init(command: name, details: name == "set" ? ["name": "a", "value": 1] : [:])
      }
      desk.log([.manifest(manifest)])
      let isOff = command != (phase == .paused ? "pause" : "resume")
      for other in Self.allKeys where other != key || !isOff {
        var desk = desk
        desk.press(.character(other))
        #expect(desk.told == [], "\(other)")
      }
      guard isOff else { continue }
      #expect(desk.press(.character(key)) == [] && desk.state.dialog == nil)
      #expect(desk.told == ["not now: this run does not take \(command)"])
      #expect(desk.state.steeringObstacle == nil)
      desk.state.size = Size(rows: 200, columns: 120)
      desk.press(.character("?"))
      let line = desk.screen.first { $0.contains(": this run does not take \(command)") }
      #expect(line?.contains("\(key)  ") == true)
      #expect(!desk.screen.contains { $0.contains("not now: ") && !$0.contains("take") })
    }
  }

  /// What the footer names first is what can be done.
  @Test func whatCannotBeDoneStandsBehindAndIsFaint() throws {
    var desk = Desk.steering()
    desk.state.size = Size(rows: 24, columns: 200)
    var manifest = Samples.manifest
    manifest.declares.removeAll { $0.command == "pause" || $0.command == "prune" }
    desk.log([.manifest(manifest)])
    let footer = try #require(desk.screen.last)
    let places = try ["L LR", "K Stop", "P Pause", "X Prune", "? Help"].map { words in
      try #require(footer.firstRange(of: words)?.lowerBound, "\(words) in \(footer)")
    }
    #expect(places == places.sorted())
    let frame = render(desk.state)
    let row = frame.size.rows - 1
    func style(_ words: String) -> Style {
      let column = footer.distance(
        from: footer.startIndex, to: footer.firstRange(of: words)?.lowerBound ?? footer.endIndex)
      return frame[row, column].style
    }
    #expect(style("X Prune") == .dim && style("L LR") == Style(.hotKey, .bold))
    #expect(!footer.contains("Value"))
  }

  /// Only nntop's own engine can be resumed.
  @Test func anotherProgramIsNotResumed() {
    for (phase, liveness, reason) in [
      (JournalRecord.Phase.Name.stopped, Liveness.dead, "the run is stopped"),
      (.training, .dead, "no engine is running"),
    ] {
      var desk = Desk.steering(phase)
      var manifest = Samples.manifest
      manifest.engine = "loop.py"
      desk.log([.manifest(manifest), .liveness(liveness)])
      desk.press(.character("P"))
      #expect(desk.told == ["not now: \(reason)"])
    }
  }

  /// A dialog that was opened in time is of no use when the engine has died since.
  @Test func confirmingTooLateIsRefused() {
    for key in Self.keys.dropFirst() {
      var desk = Desk.steering()
      desk.press(key)
      #expect(desk.state.dialog != nil)
      desk.log([.liveness(.dead)])
      #expect(desk.press(.enter) == [], "\(key)")
      #expect(desk.state.dialog == nil)
      #expect(desk.told == ["not now: no engine is running; nntop resume continues it"])
    }
  }

  /// Enter must not reach another run than the one that the dialog was opened for.
  @Test func aDialogGoesWithItsRun() {
    for key in Self.keys.dropFirst() {
      var desk = Desk.steering()
      desk.find("runs/another")
      desk.log(
        [.manifest(Samples.manifest), .liveness(.alive), Samples.phase(.training)],
        path: "runs/another")
      desk.press(key)
      desk.send(.runGone(path: Desk.path))
      #expect(desk.state.selectedPath == "runs/another")
      #expect(desk.state.dialog == nil)
      #expect(desk.press(.enter) == [], "\(key)")
    }
  }

  // MARK: Keys that act at once or after a question

  @Test func pauseActsAtOnceByTheStateOfTheRun() {
    for name in JournalRecord.Phase.Name.allCases {
      var desk = Desk.steering(name)
      let effects = desk.press(.character("P"))
      switch name {
      case .finished, .failed, .stopped: #expect(effects == [])
      case .paused: #expect(effects.request == .resume)
      default: #expect(effects.request == .pause)
      }
      guard case .send(let id, _, let path)? = effects.first else { continue }
      #expect(isID(id))
      #expect(path == Desk.path)
    }
  }

  @Test(arguments: [
    (Character("U"), ControlCommand.Request.undo, "Undo the learning rate back to 0.1;"),
    ("C", .checkpoint, "Write a checkpoint of the present state?"),
    ("K", .stop, "Stop the training? A checkpoint is written first;"),
  ])
  func whatMattersIsAskedFirst(key: Character, request: ControlCommand.Request, line: String) {
    func opened() -> Desk {
      var desk = Desk.steering()
      desk.log([
        Samples.answer("00000000000000aa", .setLearningRate(.scale(0.5)), old: 0.1, new: 0.05)
      ])
      #expect(desk.press(.character(key)) == [])
      return desk
    }
    #expect(opened().screen.contains { $0.contains(line) })
    for no in [Key.escape, .character("n"), .character("q")] {
      var desk = opened()
      #expect(desk.press(no) == [])
      #expect(desk.state.dialog == nil)
    }
    var desk = opened()
    #expect(desk.press(.character("P"), .character("y"), .tab, .up) == [])
    #expect(desk.state.dialog != nil)
    let effects = desk.press(.enter)
    #expect(effects.request == request)
    #expect(effects.first?.sent?.path == Desk.path)
    #expect(desk.state.dialog == nil)
  }

  // MARK: Learning rate

  @Test(arguments: [
    ("0.05", ControlCommand.LearningRateChange.value(0.05)), (".5", .value(0.5)),
    ("1e-3", .value(0.001)), ("0", .value(0)), ("x0.5", .scale(0.5)), ("x 2", .scale(2)),
    ("×2", .scale(2)), ("*.1", .scale(0.1)), (" 0.2 ", .value(0.2)),
  ])
  func aLearningRateIsTyped(text: String, change: ControlCommand.LearningRateChange) {
    var desk = Desk.steering()
    desk.press(.character("L"))
    #expect(desk.screen.contains { $0.contains("0.1 → 0.1") })
    #expect(desk.type(text) == [])
    let effects = desk.press(.enter)
    #expect(effects.request == .setLearningRate(change))
    #expect(desk.state.dialog == nil)
  }

  @Test(arguments: ["abc", "x", "x-1", "-0.1", "nan", "inf", "1e999", "0.1.2", "x x2", "1%", "0,5"])
  func junkIsNoLearningRate(text: String) {
    var desk = Desk.steering()
    desk.press(.character("L"))
    desk.type(text)
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("type a number from 0") })
    #expect(desk.screen.contains { $0.contains("0.1 → ?") })
    // The next key takes the complaint away, and a good value goes through.
    desk.press(.control("u"))
    #expect(!desk.screen.contains { $0.contains("type a number from 0") })
    #expect(desk.press(.enter) == [])
    desk.type("0.2")
    #expect(desk.press(.enter).request == .setLearningRate(.value(0.2)))
  }

  @Test func arrowsStepTheLearningRate() {
    var desk = Desk.steering()
    func request(_ keys: Key...) -> ControlCommand.Request? {
      desk.press(.character("L"))
      for key in keys { desk.press(key) }
      return desk.press(.enter).request
    }
    #expect(request(.up) == .setLearningRate(.value(0.125)))
    #expect(request(.down) == .setLearningRate(.value(0.08)))
    #expect(request(.up, .up, .down, .down) == .setLearningRate(.value(0.1)))
    #expect(
      request(.control("u"), .character("x"), .character("2"), .up)
        == .setLearningRate(.value(0.25)))
    // From what is no number there is nowhere to go.
    #expect(request(.control("u"), .up) == nil)
    desk.press(.escape)
    #expect(desk.state.dialog == nil)
  }

  @Test func anUnknownLearningRateCanBeSet() {
    var desk = Desk()
    desk.find(Desk.path)
    desk.log([.manifest(Samples.manifest), .liveness(.alive), Samples.phase(.training)])
    desk.press(.character("L"), .up, .down)
    desk.type("x0.5")
    #expect(desk.screen.contains { $0.contains("? → ?") })
    #expect(desk.press(.enter).request == .setLearningRate(.scale(0.5)))
  }
}
