import Glibc
import JSONText
import OperatingSystem
import RunLog
import Training

/// `nntop run [EXPERIMENT.json]`
enum RunCommand {
  /// What `run` and `resume` share.
  static let trainingOptions: [Arguments.Option] =
    [
      .init("detach", letter: "d", "start in the background, print the run's path, leave"),
      .init("headless", "train in this process without a dashboard"),
    ] + WatchCommand.screenOptions

  static let command = Command(
    name: "run", usage: "[EXPERIMENT.json | RUN]",
    summary: "trains in the background and opens the dashboard on it",
    details: """
      Without a file the built-in experiment runs: a small network on drawn digits. A run's
      directory stands for its experiment: runs/search/candidates/7 --set epochs=50 trains what a
      search found.
      Without a terminal it trains as with --headless.
      \(ExitStatus.explanation)
      """,
    options: [
      .init(
        "set", letter: "s", value: "KEY=VALUE", "override a field, as optimizer.learningRate=0.1"),
      .init("name", letter: "n", value: "NAME", "the run's name (default: time and experiment)"),
      .init("runs", value: "DIR", "where its directory is made (default ./runs)"),
      .init("seed", value: "N", "the same as --set seed=N"),
    ] + trainingOptions
  ) { arguments in
    let files = try arguments.positional(0...1, "nntop run [EXPERIMENT.json | RUN]")
    var overrides = arguments.all("set")
    if let seed = arguments.last("seed") { overrides.append("seed=\(seed)") }
    let text = try experiment(files.first, overrides)
    let runs = arguments.last("runs") ?? RunRoots.usual
    let start = RunStart(
      text: text, runs: runs, name: arguments.last("name"),
      arguments: Array(CommandLine.arguments.dropFirst()))
    let directory = try start.create()
    RunRoots.remember(runs)
    return try begin(directory, runs: runs, arguments)
  }

  /// An experiment file, or that of a run's directory; without either the built-in one.
  private static func experiment(
    _ path: String?, _ overrides: [String]
  ) throws -> ExperimentText {
    let files = LocalFileSystem()
    guard let path else { return try ExperimentText.builtIn(overrides: overrides) }
    return files.isDirectory(path)
      ? try ExperimentText.of(RunDirectory(path: path), overrides: overrides, files: files)
      : try ExperimentText.read(path, overrides: overrides, files: files)
  }

  /// Trains a run that is made, in the way that the options and the terminal ask for.
  static func begin(
    _ directory: RunDirectory, runs: String, _ arguments: Arguments
  ) throws -> Int32 {
    if arguments.has("detach") {
      try EngineProcess.start(on: directory)
      Output.line(directory.path)
      return 0
    }
    let hasTerminal = isatty(0) != 0 && isatty(1) != 0 && Environment.value("TERM") != "dumb"
    let isSearch = try directory.isSearch()
    if arguments.has("headless") || !hasTerminal {
      return try isSearch ? HeadlessSearch.run(directory) : HeadlessTraining.run(directory)
    }
    var screen = try WatchCommand.Screen(arguments, UserSettings.load())
    if isSearch { screen.view = screen.view ?? "candidates" }
    try EngineProcess.start(on: directory)
    return try WatchCommand.open(
      [Path.parent(of: directory.path)], screen, logs: .none, isReadOnly: false,
      steersOthers: false,
      selected: Path.join(Path.parent(of: directory.path), Path.name(of: directory.path)),
      runs: runs)
  }
}

/// `nntop resume RUN`
enum ResumeCommand {
  static let command = Command(
    name: "resume", usage: "RUN",
    summary: "continues a stopped or killed run from its last checkpoint",
    details: ExitStatus.explanation, options: RunCommand.trainingOptions
  ) { arguments in
    let paths = try arguments.positional(1...1, "nntop resume RUN")
    let files = LocalFileSystem()
    let directory = RunDirectory(path: try RunPath.existing(paths[0]))
    guard try directory.readManifest(files) != nil else {
      throw Failure("\(directory.manifestPath) is missing: this is no run of nntop")
    }
    if FileLock.probe(directory.lockPath) == .held {
      throw Failure("\(directory.path) is training already; nntop \(directory.path) shows it")
    }
    if try RunPhase.last(of: directory, files) == .finished {
      Output.line("\(directory.path) is finished")
      return 0
    }
    return try RunCommand.begin(
      directory, runs: Path.parent(of: directory.path), arguments)
  }
}

/// What a run's journal says last.
enum RunPhase {
  static func last(
    of directory: RunDirectory, _ files: any FileSystem
  ) throws -> JournalRecord.Phase.Name? {
    var reader = JSONLinesReader(path: directory.journalPath, files: files)
    var phase: JournalRecord.Phase.Name?
    while true {
      let batch = try reader.read()
      for node in batch.records {
        if case .phase(let found)? = JournalRecord(node)?.entry { phase = found.name }
      }
      if !batch.hasMore { return phase }
    }
  }
}

/// The run that a person means.
enum RunPath {
  /// A run's directory by its path, or by its name in ./runs.
  static func existing(_ text: String) throws -> String {
    let files = LocalFileSystem()
    if files.isDirectory(text) { return text }
    let inRuns = Path.join(RunRoots.usual, text)
    if !text.contains("/"), files.isDirectory(inRuns) { return inRuns }
    var names: [String] = []
    do throws(SystemError) {
      names = try files.entries(of: RunRoots.usual)
    } catch {}  // no ./runs: nothing to suggest
    let near = NearestName.of(Path.name(of: text), among: names)
    throw Failure(
      "\(text): there is no such run" + (near.map { "; did you mean runs/\($0)?" } ?? ""))
  }
}
