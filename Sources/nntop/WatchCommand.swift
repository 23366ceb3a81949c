import Dashboard
import Glibc
import LogFormats
import NcursesBackend
import OperatingSystem
import RunLog
import TerminalUI
import Training

/// `nntop [TARGET…]`: the dashboard.
enum WatchCommand {
  static let options: [Arguments.Option] =
    [
      .init("once", "print one frame and leave"),
      LogOptions.option("format"),
      LogOptions.tee,
      .init("read-only", "refuse all steering"),
      .init("steer", "allow steering on another user's run"),
    ] + screenOptions + [
      .init("runs", value: "DIR", "where runs lie when no TARGET is given (default ./runs)")
    ]

  /// What concerns the screen, in every command that opens one.
  static let screenOptions: [Arguments.Option] = [
    .init("ascii", "draw with ASCII characters only"),
    .init("theme", value: "NAME", "the colours; nntop themes shows them"),
    .init("view", value: "NAME", "the view that is shown first"),
    .init("mouse", "take the mouse; m in the dashboard does, too"),
    .init("bytes-per-second", value: "N", "what data may send to the terminal (default: no limit)"),
  ]

  /// True when an argument can be a target: it exists or looks like a path.
  static func isPath(_ text: String) -> Bool {
    LocalFileSystem().exists(text) || text.contains("/") || text == "-"
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    let settings = UserSettings.load()
    let isGiven = !arguments.positional.isEmpty
    let runs = arguments.last("runs") ?? RunRoots.usual
    let configured = settings.configuration.runs
    let targets =
      isGiven
      ? arguments.positional
      : arguments.has("runs") ? [runs] : configured.isEmpty ? RunRoots.found : configured
    let logs = try LogOptions(arguments, formatOption: "format")
    if isGiven { try check(targets, logs) }
    let screen = try Screen(arguments, settings)
    if arguments.has("once") { return try printFrame(targets, screen, logs) }
    return try open(
      targets, screen, logs: logs, isReadOnly: arguments.has("read-only"),
      steersOthers: arguments.has("steer"), selected: nil, runs: runs)
  }

  /// How the screen is to look, from the command line and the configuration.
  struct Screen {
    let settings: UserSettings
    let glyphs: GlyphSet?
    /// As asked for on the command line, or configured, or by the terminal's background.
    let theme: Theme
    let isThemeGiven: Bool
    var view: String?
    let hasMouse: Bool
    let bytesPerSecond: Int

    init(_ arguments: Arguments, _ settings: UserSettings) throws {
      self.settings = settings
      let configuration = settings.configuration
      glyphs = arguments.has("ascii") || configuration.usesASCII ? .ascii : nil
      let background = AssumedBackground(colorFGBG: Environment.value("COLORFGBG"))
      let usual = background == .light ? "light" : "standard"
      isThemeGiven = arguments.has("theme")
      theme = try settings.theme(arguments.last("theme") ?? configuration.theme ?? usual)
      view = try arguments.choice("view", of: DashboardState.viewNames)
      hasMouse = arguments.has("mouse") || configuration.hasMouse
      let budget = try arguments.number("bytes-per-second", in: 0...1e9).map { Int($0) }
      bytesPerSecond = budget ?? configuration.bytesPerSecond
    }
  }

  /// Wrong targets are told before a screen opens.
  private static func check(_ targets: [String], _ logs: LogOptions) throws {
    var finder = logs.finder
    for target in targets {
      let found = try finder.runs(at: target)
      if found.isEmpty {
        throw Failure("\(target): this directory holds no runs; nntop run starts one")
      }
    }
  }

  /// Opens the dashboard until the user leaves. Without a usable terminal one frame is printed.
  static func open(
    _ targets: [String], _ screen: Screen, logs: LogOptions, isReadOnly: Bool,
    steersOthers: Bool, selected: String?, runs: String
  ) throws -> Int32 {
    let signals = try SignalPipe([SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGCONT, SIGTSTP])
    let noColor = Environment.value("NO_COLOR").map { !$0.isEmpty } ?? false
    let terminal: NcursesTerminal
    do throws(NcursesFailure) {
      terminal = try NcursesTerminal(
        options: NcursesOptions(
          glyphs: screen.glyphs, isMonochrome: noColor, theme: screen.theme,
          descriptors: logs.terminal))
    } catch {
      if isatty(1) != 0 { Output.error("nntop: \(error)") }
      return try printFrame(targets, screen, logs)
    }
    let memory = ViewMemory(targets: targets)
    var options = DashboardLoop.Options(
      targets: targets, startExperiment: { start($0, runs: runs) },
      startRunOfCandidate: { startRun(ofCandidate: $1, search: $0, epochs: $2, runs: runs) })
    options.isReadOnly = isReadOnly
    options.steersOthers = steersOthers
    options.selected = selected
    options.startChoices = StartChoices.all
    options.themes = screen.settings.themes
    options.keymap = Keymap(overrides: screen.settings.configuration.keys)
    options.settings = screen.settings.display
    options.bytesPerSecond = screen.bytesPerSecond
    options.problems = screen.settings.problems
    options.format = logs.format
    options.input = logs.input
    options.view = beginning(screen, memory.recall())
    options.remember = memory.remember
    var loop = DashboardLoop(terminal: terminal, options: options, signals: signals)
    loop.run()
    logs.drainInput()
    return 0
  }

  /// What the dashboard begins with: what the command line says, then what was remembered, then
  /// what is configured.
  private static func beginning(
    _ screen: Screen, _ remembered: RememberedView?
  ) -> RememberedView {
    var view = remembered ?? RememberedView(screen.settings.configuration)
    if let name = screen.view { view.view = name }
    if screen.hasMouse { view.hasMouse = true }
    if screen.isThemeGiven { view.theme = nil }
    return view
  }

  private static func start(
    _ experiment: String?, runs: String
  ) -> Result<String, DashboardLoop.StartFailure> {
    do {
      let text =
        try experiment.map { try ExperimentText.read($0, overrides: [], files: LocalFileSystem()) }
        ?? ExperimentText.builtIn()
      let arguments = ["run"] + [experiment].compactMap { $0 }
      let directory = try RunStart(text: text, runs: runs, name: nil, arguments: arguments)
        .startEngine()
      RunRoots.remember(runs)
      return .success(directory.path)
    } catch {
      return .failure(.init("not started: \(error)"))
    }
  }

  /// Trains a candidate's network anew, by itself: the experiment of its own run with other epochs.
  private static func startRun(
    ofCandidate id: String, search: String, epochs: Int, runs: String
  ) -> Result<String, DashboardLoop.StartFailure> {
    do {
      let override = "epochs=\(epochs)"
      let candidate = RunDirectory(path: Path.join(Path.join(search, "candidates"), id))
      let text = try ExperimentText.of(
        candidate,
        overrides: [
          override, "onNonFinite=pause", "name=\(Path.name(of: Path.resolved(search)))-\(id)",
        ], files: LocalFileSystem())
      let directory = try RunStart(
        text: text, runs: runs, name: nil, arguments: ["run", candidate.path, "--set", override]
      ).startEngine()
      RunRoots.remember(runs)
      return .success(directory.path)
    } catch {
      return .failure(.init("not started: \(error)"))
    }
  }

  private static func printFrame(
    _ targets: [String], _ screen: Screen, _ logs: LogOptions
  ) throws -> Int32 {
    if targets == [RunRoots.usual], !LocalFileSystem().exists(RunRoots.usual) {
      Output.line("there are no runs in ./runs; nntop run starts one")
      return 0
    }
    var (rows, columns): (Int32, Int32) = (0, 0)
    if !TerminalSize.read(&rows, &columns) { (rows, columns) = (24, 80) }
    logs.waitForInput()
    var state = try Snapshot.state(
      of: targets, size: Size(rows: Int(rows), columns: Int(columns)),
      glyphs: screen.glyphs ?? LocaleGlyphs.glyphs, readsAll: true, finder: logs.finder)
    state.settings = screen.settings.display
    state.view = screen.view ?? state.view
    let isColored =
      isatty(1) != 0 && !(Environment.value("NO_COLOR").map { !$0.isEmpty } ?? false)
      && Environment.value("TERM") != "dumb"
    let frame = FrameText(render(state))
    let text = isColored ? frame.ansi(theme: screen.theme) : frame.text
    Output.write(text)
    return 0
  }
}
