import Glibc
import JSONText
import OperatingSystem
import RunLog
import Tensors
import Training

/// Starts a new run: checks it, makes its directory, and starts an engine on it.
struct RunStart {
  let text: ExperimentText
  let runs: String
  let name: String?
  /// What the person typed, for the manifest.
  let arguments: [String]

  /// Makes the run's directory; nothing is created when anything is wrong.
  func create() throws -> RunDirectory {
    try RunCreation(
      experiment: try Experiment(text), runs: runs, name: name, arguments: arguments,
      version: Version.text
    ).create()
  }

  /// Makes the run and starts its engine in the background.
  func startEngine() throws -> RunDirectory {
    let directory = try create()
    try EngineProcess.start(on: directory)
    return directory
  }
}

/// The engine as a process of its own: it outlives the terminal.
enum EngineProcess {
  private static let patienceSeconds = 10.0

  /// Starts an engine and returns when it has taken the run, so that it can be asked things. When
  /// it throws, no engine is left.
  static func start(on directory: RunDirectory) throws {
    let files = LocalFileSystem()
    let log = try files.open(
      directory.engineLogPath, for: .appending(permissions: 0o666))
    defer { files.close(log) }
    let engine = try ChildProcess.startDetached(
      Environment.ownProgram, arguments: ["engine", Path.resolved(directory.path)],
      environment: ArithmeticLibrary.environment(from: Environment.list), log: log)
    let clock = SystemClock()
    let deadline = clock.monotonicSeconds() + patienceSeconds
    while FileLock.probe(directory.lockPath) == .free, clock.monotonicSeconds() < deadline {
      if engine.endingIfOver() != nil {
        let tail = 1 << 13
        let size = try files.status(at: directory.engineLogPath).size
        let bytes = try files.contents(
          of: directory.engineLogPath, from: max(0, size - tail), limit: tail)
        let last = String(decoding: bytes, as: UTF8.self).split(separator: "\n").last
        throw Failure(
          "the engine of \(directory.path) ended at once: \(last ?? "it said nothing")")
      }
      _ = Readiness.wait(for: [], timeoutSeconds: 0.005)
    }
    if FileLock.probe(directory.lockPath) == .free {
      engine.send(signal: SIGKILL)
      _ = engine.wait()
      throw Failure("the engine of \(directory.path) did not begin within 10 s; see engine.log")
    }
  }
}

/// `nntop engine RUN`: what `nntop run` starts in the background.
enum EngineCommand {
  static let command = Command(
    name: "engine", usage: "RUN", summary: "trains a run in this process, quietly",
    isHidden: true
  ) { arguments in
    let paths = try arguments.positional(1...1, "nntop engine RUN")
    SignalPipe.ignore(SIGHUP)
    let signals = try SignalPipe([SIGTERM, SIGINT])
    let directory = RunDirectory(path: paths[0])
    if try directory.isSearch() {
      let search = try SearchEngine(
        directory, staff: try SearchStaff.make(for: directory), signals: signals)
      return ExitStatus.of(search.run())
    }
    let engine = try Engine(directory, signals: signals, startEngine: EngineProcess.start)
    return ExitStatus.of(engine.run())
  }
}

extension RunDirectory {
  /// Whether it is that of a search.
  func isSearch() throws -> Bool {
    try readManifest(LocalFileSystem()).map(SearchCreation.isSearch) ?? false
  }
}

/// How the outcome of a training reads as an exit status.
enum ExitStatus {
  static let explanation =
    "exit status: 0 finished, 1 failed, 3 stopped by a command, 128 + n stopped by signal n"

  static func of(_ outcome: Engine.Outcome) -> Int32 {
    switch outcome {
    case .finished: 0
    case .stopped: 3
    case .stoppedBySignal(let signal): 128 + signal
    case .failed: 1
    }
  }
}
