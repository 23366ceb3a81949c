import Dashboard
import Glibc
import LogFormats
import NcursesBackend
import OperatingSystem
import TerminalUI
import Training

/// `nntop [TARGET…]`: the dashboard.
enum WatchCommand {
  static let options: [Arguments.Option] = [
    .init("once", "print one frame and leave"),
    .init("read-only", "refuse all steering"),
    .init("steer", "allow steering on another user's run"),
    .init("ascii", "draw with ASCII characters only"),
    .init("runs", value: "DIR", "where runs lie when no TARGET is given (default ./runs)"),
  ]

  private static let pathMax = 4096

  /// True when an argument can be a target: it exists or looks like a path.
  static func isPath(_ text: String) -> Bool {
    LocalFileSystem().exists(text) || text.contains("/") || text == "-"
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    let isGiven = !arguments.positional.isEmpty
    let runs = arguments.last("runs") ?? RunRoots.usual
    let targets =
      isGiven
      ? arguments.positional : arguments.has("runs") ? [runs] : RunRoots.found
    if isGiven { try check(targets) }
    let glyphs: GlyphSet? = arguments.has("ascii") ? .ascii : nil
    if arguments.has("once") { return try printFrame(targets, glyphs) }
    return try open(
      targets, glyphs: glyphs, isReadOnly: arguments.has("read-only"),
      steersOthers: arguments.has("steer"), selected: nil, runs: runs)
  }

  /// Wrong targets are told before a screen opens.
  private static func check(_ targets: [String]) throws {
    let finder = RunFinder(files: LocalFileSystem())
    for target in targets {
      if target == "-" { throw Failure("reading a log from standard input is not possible yet") }
      let found = try finder.runs(at: target)
      if found.isEmpty {
        throw Failure("\(target): this directory holds no runs; nntop run starts one")
      }
    }
  }

  /// Opens the dashboard until the user leaves. Without a usable terminal one frame is printed.
  static func open(
    _ targets: [String], glyphs: GlyphSet?, isReadOnly: Bool, steersOthers: Bool,
    selected: String?, runs: String
  ) throws -> Int32 {
    let signals = try SignalPipe([SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGCONT])
    let terminal: NcursesTerminal
    do throws(NcursesFailure) {
      terminal = try NcursesTerminal(
        options: NcursesOptions(
          glyphs: glyphs, isMonochrome: Environment.value("NO_COLOR").map { !$0.isEmpty } ?? false
        ))
    } catch {
      if isatty(1) != 0 { Output.error("nntop: \(error)") }
      return try printFrame(targets, glyphs)
    }
    var loop = DashboardLoop(
      terminal: terminal,
      options: .init(
        targets: targets, isReadOnly: isReadOnly, steersOthers: steersOthers,
        selected: selected,
        startDefaultRun: {
          do {
            let text = try ExperimentText.builtIn()
            let start = RunStart(
              text: text, runs: runs, name: nil, arguments: ["run"])
            let directory = try start.startEngine()
            RunRoots.remember(runs)
            return .success(directory.path)
          } catch {
            return .failure(.init("not started: \(error)"))
          }
        }), signals: signals)
    loop.run()
    return 0
  }

  private static func printFrame(_ targets: [String], _ glyphs: GlyphSet?) throws -> Int32 {
    if targets == [RunRoots.usual], !LocalFileSystem().exists(RunRoots.usual) {
      Output.line("there are no runs in ./runs; nntop run starts one")
      return 0
    }
    var (rows, columns): (Int32, Int32) = (0, 0)
    if !TerminalSize.read(&rows, &columns) { (rows, columns) = (24, 80) }
    let state = try Snapshot.state(
      of: targets, size: Size(rows: Int(rows), columns: Int(columns)),
      glyphs: glyphs ?? LocaleGlyphs.glyphs, files: LocalFileSystem(), clock: SystemClock())
    Output.write(FrameText(render(state)).text + "\n")
    return 0
  }
}
