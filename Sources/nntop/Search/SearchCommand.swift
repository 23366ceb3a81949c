import ArchitectureSearch
import Glibc
import JSONText
import OperatingSystem
import RunLog
import TerminalUI
import Training

/// `nntop search [SEARCH.json | NAME]`
enum SearchCommand {
  static let command = Command(
    name: "search", usage: "[SEARCH.json | NAME]",
    summary: "searches architectures in the background and opens the dashboard on the candidates",
    details: """
      Without a file the first of the built-in searches runs; NAME says which:
      \(BuiltInSearches.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
      Candidates are trained by worker processes, as runs of their own within the search's
      directory. nntop methods search lists spaces and strategies; sample-runs/experiments has
      searches to start from. nntop resume continues a search that was stopped or killed.
      \(ExitStatus.explanation)
      """,
    options: [
      .init("set", letter: "s", value: "KEY=VALUE", "override a field, as experiment.batchSize=32"),
      .init("name", letter: "n", value: "NAME", "the search's name (default: time and name)"),
      .init("runs", value: "DIR", "where its directory is made (default ./runs)"),
      .init("seed", value: "N", "the same as --set seed=N"),
      .init("strategy", value: "KIND", "as evolution; nntop methods search lists all"),
      .init("candidates", value: "N", "different architectures that are trained"),
      .init("workers", value: "N", "processes that train (default: one a core)"),
      .init("launcher", value: "KIND", "where workers run: local or slurm"),
      .init(
        "simulate", value: "FILE",
        "train nothing: scores are those of a NAS-Bench-101 file, or \"synthetic\""),
      .init("enumerate", value: "SPACE", "count the cells of a space: nasbench101"),
      .init("list", "with --enumerate: print every cell"),
      .init("vertices", value: "N", "with --enumerate: cells of at most N vertices (default 7)"),
      .init("json", "with --enumerate: print JSON"),
    ] + RunCommand.trainingOptions
  ) { arguments in
    let files = try arguments.positional(0...1, "nntop search [SEARCH.json | NAME]")
    if let space = arguments.last("enumerate") {
      return try SpaceEnumeration(space, arguments).run()
    }
    var overrides = try overrides(arguments)
    // The published table's budgets, where no file says others.
    if arguments.has("simulate"), files.isEmpty {
      overrides = ["epochs=108", "minimumEpochs=4"] + overrides
    }
    let text = try text(files.first, overrides)
    let search = try SearchDescription(text)
    for note in try SearchStaff.evaluator(of: search)?.notes ?? [] {
      Output.error("nntop: \(note)")
    }
    let runs = arguments.last("runs") ?? RunRoots.usual
    let directory = try SearchCreation(
      search: search, runs: runs, name: arguments.last("name"),
      arguments: Array(CommandLine.arguments.dropFirst()), version: Version.text
    ).create()
    RunRoots.remember(runs)
    return try RunCommand.begin(directory, runs: runs, arguments)
  }

  private static func text(
    _ search: String?, _ overrides: [String]
  ) throws -> ExperimentText {
    let files = LocalFileSystem()
    guard let search else {
      return try ExperimentText.of(BuiltInSearches.all[0], overrides: overrides)
    }
    if let builtIn = BuiltInSearches.all.first(where: { $0.name == search }),
      !files.exists(search)
    {
      return try ExperimentText.of(builtIn, overrides: overrides)
    }
    return try ExperimentText.read(search, overrides: overrides, files: files)
  }

  private static func overrides(_ arguments: Arguments) throws -> [String] {
    var overrides: [String] = []
    if let file = arguments.last("simulate") {
      overrides +=
        file == "synthetic"
        ? ["evaluator.kind=synthetic"]
        : ["evaluator.kind=table", "evaluator.path=\(JSON.string(file).text())"]
      overrides.append("space=\(NASBench101Space.kind)")
    }
    for name in ["seed", "candidates", "workers", "strategy", "launcher"] {
      if let value = arguments.last(name) { overrides.append("\(name)=\(value)") }
    }
    return overrides + arguments.all("set")
  }
}

/// What a coordinator gets from the program.
enum SearchStaff {
  static func make(for directory: RunDirectory) throws -> SearchEngine.Staff {
    let files = LocalFileSystem()
    guard let manifest = try directory.readManifest(files) else {
      throw Failure("\(directory.manifestPath) is missing: this is no search of nntop")
    }
    let search = try SearchDescription(
      try ExperimentText.recorded(manifest.experiment, source: directory.manifestPath))
    return SearchEngine.Staff(
      program: Environment.ownProgram, version: Version.text,
      evaluator: try evaluator(of: search))
  }

  /// Who tells scores in the place of training; nil: candidates are trained.
  static func evaluator(of search: SearchDescription) throws -> (any CandidateEvaluator)? {
    switch search.evaluator {
    case .training: return nil
    case .synthetic, .table:
      guard search.space is NASBench101Space else {
        throw Failure(
          "scores without training are those of NAS-Bench-101 cells: set space.kind to "
            + "\"\(NASBench101Space.kind)\"")
      }
    }
    if case .table(let path) = search.evaluator {
      return try TableEvaluator(path: path, for: search)
    }
    return SyntheticFitness()
  }
}

/// `nntop worker SEARCH`: what a search's launcher starts.
enum WorkerCommand {
  static let command = Command(
    name: "worker", usage: "SEARCH", summary: "trains candidates of a search, quietly",
    isHidden: true
  ) { arguments in
    let paths = try arguments.positional(1...1, "nntop worker SEARCH")
    SignalPipe.ignore(SIGHUP)
    let signals = try SignalPipe([SIGTERM, SIGINT])
    let worker = SearchWorker(RunDirectory(path: paths[0]), signals: signals)
    return ExitStatus.of(try worker.run())
  }
}

/// Searches in this very process: a progress bar on a terminal, plain lines otherwise.
enum HeadlessSearch {
  static func run(_ directory: RunDirectory) throws -> Int32 {
    let signals = try SignalPipe([SIGTERM, SIGINT, SIGHUP])
    var display = ProgressLines(isTerminal: Output.isTerminal)
    display.line("searching \(directory.path)")
    let engine = try SearchEngine(
      directory, staff: try SearchStaff.make(for: directory), signals: signals,
      onProgress: { display.show(text($0), fraction: Double($0.done) / Double($0.expected)) })
    let outcome = engine.run()
    display.finish()
    switch outcome {
    case .finished: display.line("finished \(directory.path)")
    case .stopped: display.line("stopped; nntop resume \(directory.path) continues it")
    case .stoppedBySignal:
      display.line("interrupted; nntop resume \(directory.path) continues it")
    case .failed(let reason): Output.error("nntop: \(directory.path) failed: \(reason)")
    }
    return ExitStatus.of(outcome)
  }

  private static func text(_ progress: SearchEngine.Progress) -> String {
    var text = "results \(progress.done)/\(progress.expected)  running \(progress.running)"
    if let best = progress.best {
      let score = NumberText.significant(best.score)
      text += "  best \(progress.scoreName) \(score): candidate \(best.id), \(best.architecture)"
    }
    return text
  }
}
