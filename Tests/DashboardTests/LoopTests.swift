import JSONText
import OperatingSystem
import RunLog
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

/// The loop with a terminal, files and a clock that play a script.
struct LoopTests {
  private static let signals = Result { try SignalPipe([]) }

  /// A run that trains, in a directory of its own, and what the loop is told.
  private final class World {
    let directory: TemporaryDirectory
    let clock = ManualClock()
    let files = FaultyFileSystem()
    let terminal: ScriptedTerminal
    var options: DashboardLoop.Options
    var remembered: [RememberedView] = []
    private let lock: FileLock?
    private let events: EventFileWriter
    private var step: Int64 = 0

    init() throws {
      directory = try TemporaryDirectory()
      terminal = ScriptedTerminal(clock, Size(rows: 24, columns: 160))
      let files = LocalFileSystem()
      let run = RunDirectory(path: directory.path("digits"))
      try files.createDirectories(run.path)
      try run.write(Samples.manifest, files)
      try directory.write("", to: "digits/control.jsonl")
      lock = try FileLock.take(run.lockPath, patienceSeconds: 0)
      events = try EventFileWriter(
        path: Path.join(run.path, "events.out.tfevents.0000000001.box.1.0"), files: files,
        firstStep: 0, wallTime: 1)
      options = DashboardLoop.Options(
        targets: [directory.path], startExperiment: { _ in .failure(.init("no")) },
        startRunOfCandidate: { _, _, _ in .failure(.init("no")) })
      options.remember = { [unowned self] in remembered.append($0) }
      try log(.phase(.init(.training, finalStep: 600)))
      try train(2)
    }

    /// A step is trained and logged.
    func train(_ loss: Float) throws {
      step += 1
      events.scalars([("train/loss", loss)], step: step, wallTime: Double(step))
      try events.flush()
    }

    func log(_ grid: Grid, tag: String) throws {
      events.grid(grid, tag: tag, step: step, wallTime: Double(step))
      try events.flush()
    }

    func log(_ entry: JournalRecord.Entry) throws {
      let writer = try JSONLinesWriter(
        path: directory.path("digits/journal.jsonl"), files: LocalFileSystem())
      defer { writer.close() }
      try writer.append(JournalRecord(wallTime: 1, step: step, entry).json)
    }

    /// A search's candidate with a run of its own, which is not listed among the runs.
    func trainCandidate(_ id: String) throws {
      try log(.other(kind: "candidate", ["id": .string(id), "score": 0.5, "epochs": 2]))
      let events = try EventFileWriter(
        path: Path.join(
          directory.path("digits/candidates/\(id)"), "events.out.tfevents.0000000001.box.1.0"),
        files: LocalFileSystem(), firstStep: 0, wallTime: 1)
      defer { events.close() }
      events.scalars([("candidate/loss", 0.25)], step: 1, wallTime: 1)
      try events.flush()
    }

    func engineDies() { lock?.release() }

    /// Plays the script and leaves.
    func play(_ steps: ScriptedTerminal.Step...) throws { try play(steps) }

    func play(_ steps: [ScriptedTerminal.Step]) throws {
      terminal.steps = steps
      var loop = DashboardLoop(
        terminal: terminal, options: options, signals: try LoopTests.signals.get(), files: files,
        clock: clock)
      loop.run()
      if let failure = terminal.failure { throw failure }
    }

    var reads: Int { files.calls.count { $0 == .read } }
  }

  // MARK: Frames

  @Test func keysAndFramesComeInOrder() throws {
    let world = try World()
    try world.play(
      .look, .key(.character("4")), .look, .key(.character("?")), .look, .key(.escape),
      .key(.character("5")), .look)
    let frames = world.terminal.frames
    #expect(frames.count == 4)
    #expect(frames[0].text.contains("train") && frames[0].text.contains("digits"))
    #expect(frames[1].text.contains("best loss"))
    #expect(frames[2].text.contains("Esc closes"))
    #expect(frames[3].text.contains("event") && !frames[3].text.contains("Esc closes"))
    #expect(world.terminal.closedCount == 1)
  }

  /// Zooming into the weights reads them from the newest checkpoint.
  @Test func aRegionOfTheWeightsIsRead() throws {
    let world = try World()
    let name = "step-000000001-00.safetensors"
    let weights = (0..<64).map { $0 < 8 ? 0.5 : Float($0) }
    try LocalFileSystem().createDirectories(world.directory.path("digits/checkpoints"))
    _ = try world.directory.write(
      WeightRegionTests.file("linear1.weight", shape: [8, 8], weights),
      to: "digits/checkpoints/" + name)
    try world.log(Grid(rows: 8, columns: 8, values: weights.map { _ in 1 }), tag: "density/linear1")
    try world.log(.checkpoint(name: name))
    try world.play(.look, .key(.character("2")), .key(.character("+")), .look)
    let frame = world.terminal.frames.last?.text ?? ""
    #expect(frame.contains("\(name): 0-3/8 × 0-3/8"))
    #expect(frame.contains("output 0, input 0: 0.5"))
    #expect(world.terminal.frames.count == 2)
    // A file that is gone is told; the log's picture stays.
    try world.log(.checkpoint(name: "step-000000002-00.safetensors"))
    try world.play(.look, .key(.character("2")), .key(.character("+")), .look)
    let last = world.terminal.frames.last?.text ?? ""
    #expect(last.contains("not read: ") && last.contains("as logged: 0-3/8 × 0-3/8"))
  }

  // MARK: Candidates

  /// A candidate's run is followed when it is opened, not before; Escape leads back.
  @Test func theRunOfACandidateIsOpened() throws {
    let world = try World()
    try LocalFileSystem().createDirectories(world.directory.path("digits/candidates/7"))
    try world.trainCandidate("7")
    try world.play(
      .look, .key(.character("3")), .look, .key(.enter), .look, .key(.escape), .look,
      .key(.character("4")), .look)
    let frames = world.terminal.frames.map(\.text)
    #expect(!frames[1].contains("candidate/loss") && frames[1].contains("score"))
    #expect(frames[2].contains("candidate/loss"))
    #expect(frames[3].contains("score"))
    #expect(frames.last?.contains("7") == true)
  }

  @Test func aCandidateWithoutARunSaysSo() throws {
    let world = try World()
    try world.log(.other(kind: "candidate", ["id": "8", "score": 0.5]))
    try world.play(.look, .key(.character("3")), .key(.enter), .look)
    let frame = world.terminal.frames.last?.text ?? ""
    #expect(frame.contains("digits/candidates/8: there is no such file or directory"))
  }

  @Test func aFullRunOfACandidateIsStarted() throws {
    let world = try World()
    try LocalFileSystem().createDirectories(world.directory.path("digits/candidates/7"))
    try world.trainCandidate("7")
    var asked: [String] = []
    let failure = "no network for a test"
    world.options.startRunOfCandidate = { search, id, epochs in
      asked.append("\(Path.name(of: search)) \(id) \(epochs)")
      return .failure(.init(failure))
    }
    try world.play(
      .look, .key(.character("3")), .key(.character("f")), .look, .key(.enter), .look)
    #expect(asked == ["digits 7 6"])
    #expect(world.terminal.frames.contains { $0.text.contains("from the beginning") })
    #expect(world.terminal.frames.last?.text.contains(failure) == true)
  }

  @Test func anUnchangedScreenIsNotPresentedTwice() throws {
    let world = try World()
    try world.play(.pass(0.5), .pass(1), .pass(3), .pass(0.1), .pass(9))
    #expect(world.terminal.frames.count == 1)
  }

  @Test func dataChangesTheScreenAtMostThreeTimesASecond() throws {
    let world = try World()
    var steps: [ScriptedTerminal.Step] = [.look]
    for loss in 1...30 {
      steps += [.act { try world.train(Float(loss)) }, .pass(0.05)]
    }
    try world.play(steps + [.pass(1)])
    let times = world.terminal.frames.map(\.time)
    #expect(times.count >= 5 && times.count <= 7, "\(times)")
    for (one, next) in zip(times, times.dropFirst()) { #expect(next - one > 0.299) }
    // The last point is not forgotten.
    #expect(world.terminal.frames.last?.text.contains("loss 30") == true)
  }

  @Test func aFrozenDisplayReadsNothing() throws {
    let world = try World()
    var (readsBefore, readsAfter) = (0, 0)
    try world.play(
      .look, .key(.character("z")), .look,
      .act {
        try world.train(77)
        readsBefore = world.reads
      },
      .pass(1), .pass(6), .pass(3), .act { readsAfter = world.reads }, .key(.character("z")),
      .look, .pass(1))
    #expect(readsBefore == readsAfter)
    let frames = world.terminal.frames
    let thawed = try #require(frames.firstIndex { $0.text.contains("the display goes on") })
    #expect(frames[1].text.contains("FROZEN"))
    #expect(frames[..<thawed].allSatisfy { !$0.text.contains("loss 77") })
    #expect(frames[thawed...].last?.text.contains("loss 77") == true)
    #expect(frames[thawed...].allSatisfy { !$0.text.contains("FROZEN") })
  }

  @Test func theByteBudgetDelaysDataButNoAnswers() throws {
    let world = try World()
    world.options.bytesPerSecond = 1000
    world.terminal.bytesPerFrame = 4000
    try world.play(
      .look, .act { try world.train(50) }, .pass(1), .pass(1), .pass(1.5), .pass(1),
      .act { try world.train(60) }, .pass(1), .key(.character("4")), .look, .pass(0.2), .pass(3),
      .pass(2))
    // The first, the point that waited four seconds for the first to be paid, the key at once.
    #expect(world.terminal.frames.map(\.time) == [0, 4.5, 5.5])
    #expect(world.terminal.frames[2].text.contains("best loss"))
  }

  @Test func aLineThatTakesNothingGetsTheNewestFrameLater() throws {
    let world = try World()
    world.terminal.isOutputReady = false
    try world.play(
      .look, .pass(1), .act { try world.train(9) },
      .act { world.terminal.isOutputReady = true }, .pass(0.5), .pass(1))
    #expect(world.terminal.frames.count == 1)
    #expect(world.terminal.frames[0].text.contains("loss 9"))
  }

  @Test func toastsGoByThemselves() throws {
    let world = try World()
    try world.play(.look, .key(.character("[")), .look, .pass(3), .pass(3), .pass(1))
    let hasToast = world.terminal.frames.map { $0.text.contains("this is the first run") }
    #expect(hasToast == [false, true, false])
  }

  @Test func theTitleIsSetOncePerChange() throws {
    let world = try World()
    try world.play(
      .look, .key(.character("4")), .look, .key(.character("1")), .look,
      .act { try world.log(.phase(.init(.paused))) }, .pass(1), .pass(1), .key(.down), .look,
      .act { try world.log(.phase(.init(.training))) }, .pass(1), .look)
    #expect(
      world.terminal.titles == [
        "nntop: digits training", "nntop: digits paused", "nntop: digits training",
      ])
  }

  // MARK: Effects

  @Test func commandsReachTheControlFile() throws {
    let world = try World()
    try world.play(.look, .key(.character("P")), .look)
    let lines = try world.directory.text(of: "digits/control.jsonl").split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("\"command\":\"pause\""), "\(lines)")
    #expect(world.terminal.frames.last?.text.contains("asked: pause") == true)
  }

  @Test func aReadOnlyDashboardSendsNothing() throws {
    let world = try World()
    world.options.isReadOnly = true
    try world.play(.look, .key(.character("P")), .look)
    #expect(try world.directory.text(of: "digits/control.jsonl") == "")
    #expect(world.terminal.frames.last?.text.contains("not now: --read-only") == true)
  }

  @Test func whatCannotBeSentIsTold() throws {
    let world = try World()
    world.files.fail(.write, with: .failure(code: 28))
    try world.play(.look, .key(.character("P")), .look)
    #expect(world.terminal.frames.last?.text.contains("not sent: cannot write") == true)
    #expect(try world.directory.text(of: "digits/control.jsonl") == "")
  }

  @Test func anExistingFileIsNotOverwritten() throws {
    let world = try World()
    let path = world.directory.path("a.csv")
    let write = [Key.character(":")] + "write \(path)".map { .character($0) } + [.enter]
    try world.play(
      .look, .keys(write), .look, .act { try world.directory.append([33], to: "a.csv") },
      .keys(write), .look)
    let frames = world.terminal.frames
    #expect(frames[1].text.contains("written: \(path)"))
    #expect(frames[2].text.contains("\(path) exists already; choose another name"))
    let text = try world.directory.text(of: "a.csv")
    #expect(text.contains("digits,train/loss,1,1.0,2.0") && text.hasSuffix("!"))
    #expect(try world.directory.names == ["a.csv", "digits"])
  }

  @Test func theTerminalIsToldOfEveryChoice() throws {
    let world = try World()
    world.options.themes = Theme.shipped
    world.options.view.hasMouse = true
    world.options.view.theme = "light"
    try world.play(
      .look, .key(.character("m")), .key(.control("l")), .key(.control("z")),
      .key(.character("T")), .look)
    #expect(world.terminal.mouse == [true, false])
    #expect(world.terminal.redrawCount == 1 && world.terminal.suspendCount == 1)
    #expect(world.terminal.themes == ["light", "colorblind-dark"])
    #expect(world.remembered.first?.theme == "colorblind-dark")
    #expect(world.remembered.first?.hasMouse == false)
  }

  @Test func howItWasLeftIsRememberedOnce() throws {
    let world = try World()
    world.options.view.view = "events"
    try world.play(.look, .key(.character("4")), .key(.character(".")))
    #expect(world.terminal.frames[0].text.contains("event"))
    #expect(world.remembered.count == 1)
    #expect(world.remembered.first?.view == "runs")
    #expect(world.remembered.first?.sorts["runs"]?.column == "marked")
    #expect(world.remembered.first?.selected == world.directory.path("digits"))
  }

  @Test func problemsOfTheConfigurationAreTold() throws {
    let world = try World()
    world.options.problems = ["config.json:3: no"]
    try world.play(.look)
    #expect(world.terminal.frames[0].text.contains("config.json:3: no"))
  }

  // MARK: Runs

  @Test func runsComeAndGo() throws {
    let world = try World()
    let (old, new) = (world.directory.path("digits"), world.directory.path("other"))
    try world.play(
      .look, .act { try LocalFileSystem().rename(old, to: new) }, .pass(3), .look, .pass(0.5))
    #expect(world.terminal.frames[0].text.contains("digits"))
    #expect(world.terminal.frames.last?.text.contains("digits is gone") == true)
    #expect(world.remembered.first?.selected == new)
  }

  /// One that lives comes first, then the one that was shown when the dashboard was left.
  @Test func theRunThatWasLeftIsShownAgain() throws {
    for isAlive in [true, false] {
      let world = try World()
      let other = world.directory.path("another")
      try LocalFileSystem().createDirectories(other)
      try RunDirectory(path: other).write(Samples.manifest, LocalFileSystem())
      if !isAlive { world.engineDies() }
      world.options.view.selected = other
      try world.play(.look)
      #expect(
        world.remembered.first?.selected == (isAlive ? world.directory.path("digits") : other))
    }
  }

  @Test func aDeadEngineIsNoticed() throws {
    let world = try World()
    try world.play(.look, .act { world.engineDies() }, .pass(1), .pass(1))
    #expect(world.terminal.frames.last?.text.contains("The engine died") == true)
    #expect(world.terminal.titles.last == "nntop: digits dead")
  }

  @Test func whereThereIsNoRunOneIsBegun() throws {
    let world = try World()
    let run = world.directory.path("digits")
    world.options.targets = [world.directory.path("nothing")]
    world.options.startChoices = [
      StartChoice(title: "fails", detail: "", start: .experiment(path: "x.json")),
      StartChoice(title: "goes", detail: "", start: .target(path: run)),
    ]
    var asked: [String?] = []
    world.options.startExperiment = { path in
      asked.append(path)
      return .failure(.init("not started: no such file"))
    }
    try world.play(.look, .key(.enter), .look, .key(.character("b")), .look, .pass(1))
    let frames = world.terminal.frames
    #expect(asked == ["x.json"])
    #expect(frames[0].text.contains("There is no run in"))
    #expect(frames[1].text.contains("not started: no such file"))
    #expect(frames.last?.text.contains("training") == true)
    #expect(world.remembered.first?.selected == run)
  }

  @Test func aNewSizeIsDrawn() throws {
    let world = try World()
    try world.play(
      .look, .act { world.terminal.size = Size(rows: 10, columns: 40) }, .resize, .look)
    #expect(world.terminal.frames.map(\.lines.count) == [24, 10])
  }
}

/// A terminal that plays a script and keeps what it is told. When the script ends it leaves.
private final class ScriptedTerminal: Terminal {
  enum Step {
    case key(Key)
    case keys([Key])
    case resize
    /// No input for so many seconds; the loop gets a round.
    case pass(Double)
    /// Something happens in the world.
    case act(() throws -> Void)

    /// A round for the loop, at the same time.
    static var look: Step { .pass(0) }
  }

  struct Frame {
    let time: Double
    let lines: [String]
    var text: String { lines.joined(separator: "\n") }
  }

  var steps: [Step] = []
  var size: Size
  let glyphs = GlyphSet.braille
  let colorDepth = ColorDepth.indexed256
  var theme = Theme.standard {
    didSet { themes.append(theme.name) }
  }
  var isOutputReady = true
  var bytesPerFrame = 0
  private(set) var bytesSent = 0
  private(set) var frames: [Frame] = []
  private(set) var titles: [String] = []
  private(set) var themes: [String] = []
  private(set) var mouse: [Bool] = []
  private(set) var (redrawCount, suspendCount, closedCount) = (0, 0, 0)
  private(set) var failure: (any Error)?
  private let clock: ManualClock
  /// Always readable, so that nothing waits.
  private let input: OpenFile?

  init(_ clock: ManualClock, _ size: Size) {
    self.clock = clock
    self.size = size
    do { input = try LocalFileSystem().open("/dev/null", for: .reading) } catch { input = nil }
  }

  deinit {
    if let input { LocalFileSystem().close(input) }
  }

  var inputDescriptor: Int32 { input?.descriptor ?? 0 }

  func nextInput() -> TerminalInput? {
    while !steps.isEmpty {
      switch steps.removeFirst() {
      case .key(let key): return .key(key)
      case .keys(let keys): steps.insert(contentsOf: keys.map { .key($0) }, at: 0)
      case .resize: return .resized
      case .pass(let seconds):
        clock.advance(bySeconds: seconds)
        return nil
      case .act(let act):
        do { try act() } catch { failure = error }
      }
    }
    return .key(.control("c"))
  }

  func present(_ buffer: Buffer) {
    bytesSent += bytesPerFrame
    frames.append(Frame(time: clock.monotonicSeconds(), lines: buffer.textLines()))
  }

  func resized() {}
  func redraw() { redrawCount += 1 }
  func suspend() { suspendCount += 1 }
  func release() {}
  func restore() {}
  func setMouse(_ isOn: Bool) { mouse.append(isOn) }
  func setTitle(_ text: String) { titles.append(text) }
  func close() { closedCount += 1 }
}
