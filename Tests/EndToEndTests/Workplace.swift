import Glibc
import OperatingSystem
import TestSupport
import Testing

/// A directory of a test's own in which it runs nntop. Whatever it started there is gone when the
/// test is over.
final class Workplace {
  private let directory: TemporaryDirectory
  /// The working directory of all that is started here.
  let path: String
  var processes: Processes { Processes(directory: directory.path) }
  private var answers = 0
  private var children: [ChildProcess] = []

  /// Lends a new one to a test.
  static func use(_ body: (Workplace) async throws -> Void) async throws {
    let place = try Workplace()
    defer { place.close() }
    try await body(place)
  }

  private init() throws {
    directory = try TemporaryDirectory()
    path = directory.path("work")
    for name in ["work", "home", "outputs"] {
      try LocalFileSystem().createDirectory(directory.path(name), permissions: 0o777)
    }
  }

  private func close() {
    #expect(processes.end(), "a process that the test started lives on")
    for child in children { _ = child.endingIfOver() }
  }

  // MARK: Files

  /// The path of something in the working directory.
  func path(_ name: String) -> String { Path.join(path, name) }

  /// A path beside the working directory.
  func pathBeside(_ name: String) -> String { directory.path(name) }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try directory.write(text, to: "work/" + name)
  }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try directory.write(bytes, to: "work/" + name)
  }

  /// Makes a file beside the working directory and returns its path.
  func writeBeside(_ text: String, to name: String) throws -> String {
    try directory.write(text, to: name)
  }

  func append(_ text: String, to name: String) throws {
    try directory.append(Array(text.utf8), to: "work/" + name)
  }

  func run(_ name: String, in runs: String = "runs") -> RunOnDisk {
    RunOnDisk(path: Path.join(path(runs), name))
  }

  /// All paths in the working directory with the size of each file, sorted.
  func listing() throws -> [String] {
    try Self.listing(path, depth: 0)
  }

  private static func listing(_ path: String, depth: Int) throws -> [String] {
    let depthMax = 16
    let files = LocalFileSystem()
    guard depth < depthMax else { return [] }
    return try files.entries(of: path).flatMap { name -> [String] in
      let inner = Path.join(path, name)
      if files.isDirectory(inner) { return [inner] + (try listing(inner, depth: depth + 1)) }
      return ["\(inner) \(try files.status(at: inner).size)"]
    }
  }

  // MARK: Programs

  /// What programs are started with: this process's environment without what would change how a
  /// terminal is used, and with the values given; nil takes a name away.
  func environment(_ changes: [String: String?] = [:]) -> [String] {
    var values: [String: String?] = [
      "LANG": "C.UTF-8", "TERM": "xterm-256color", "HOME": directory.path("home"),
      "LC_ALL": nil, "LC_CTYPE": nil, "NO_COLOR": nil, "COLUMNS": nil, "LINES": nil, "TMUX": nil,
      "XDG_CONFIG_HOME": nil, "XDG_STATE_HOME": nil, "OPENBLAS_NUM_THREADS": nil,
    ]
    for (name, value) in changes { values.updateValue(value, forKey: name) }
    let kept = Environment.list.filter { entry in
      !values.keys.contains(String(entry.prefix { $0 != "=" }))
    }
    return kept + values.compactMap { name, value in value.map { "\(name)=\($0)" } }.sorted()
  }

  /// What a program said and how it ended.
  struct Answer: CustomStringConvertible {
    var output: String
    var errorText: String
    /// Its exit status; minus the signal when one ended it.
    var status: Int32

    var description: String { "status \(status)\n\(output)\n\(errorText)" }
    /// Lines on standard error.
    var errorLines: [Substring] { errorText.split(separator: "\n") }
  }

  /// A program that runs beside the test.
  struct Started {
    let process: ChildProcess
    let outputPath, errorPath: String

    func output() throws -> String { try Self.text(outputPath) }

    /// Waits for its end.
    func answer(within seconds: Double = Patience.seconds) async throws -> Answer {
      let ending = try await eventually(
        "the end of process \(process.processIdentifier)", within: seconds,
        else: try output() + Self.text(errorPath)
      ) { process.endingIfOver() }
      let status: Int32 =
        switch ending {
        case .exited(let status): status
        case .killed(let signal): -signal
        }
      return Answer(output: try output(), errorText: try Self.text(errorPath), status: status)
    }

    private static func text(_ path: String) throws -> String {
      let limit = 1 << 28
      return String(decoding: try LocalFileSystem().contents(of: path, limit: limit), as: UTF8.self)
    }
  }

  /// Starts a program in the working directory, without a terminal.
  func start(
    program: String = Program.path, _ arguments: [String], environment: [String: String?] = [:],
    input: String = ""
  ) throws -> Started {
    let files = LocalFileSystem()
    answers += 1
    let name = "outputs/\(answers)"
    try directory.write(input, to: name + ".in")
    let paths = [directory.path(name + ".out"), directory.path(name + ".err")]
    let streams =
      [try files.open(directory.path(name + ".in"), for: .reading)]
      + (try paths.map { try files.open($0, for: .appending(permissions: 0o600)) })
    defer { for stream in streams { files.close(stream) } }
    // `env -C` goes to the directory and then becomes the program.
    let child = try ChildProcess.start(
      "env", arguments: ["-C", path, program] + arguments,
      environment: self.environment(environment), input: streams[0].descriptor,
      output: streams[1].descriptor, error: streams[2].descriptor)
    children.append(child)
    return Started(process: child, outputPath: paths[0], errorPath: paths[1])
  }

  /// Runs nntop to its end.
  @discardableResult
  func nntop(
    _ arguments: String..., environment: [String: String?] = [:], input: String = ""
  ) async throws -> Answer {
    try await start(arguments, environment: environment, input: input).answer()
  }

  /// Runs nntop and expects that it does what it is asked.
  @discardableResult
  func nntopDoing(_ arguments: String...) async throws -> String {
    let answer = try await start(arguments).answer()
    try #require(answer.status == 0, "nntop \(arguments): \(answer)")
    return answer.output
  }

  // MARK: Runs

  /// A training that is long enough for any test and cheap: four small updates an epoch.
  static let smallRun = [
    "--set", "data.trainingCount=512", "--set", "data.validationCount=64", "--set",
    "learningRateSchedule.kind=constant",
  ]
  static let endlessRun = smallRun + ["--set", "epochs=1000000"]

  /// Starts an engine in the background and waits until it trains.
  func startEngine(_ name: String = "run", _ more: String...) async throws -> RunOnDisk {
    let answer = try await start(
      ["run", "--detach", "--name", name] + Self.endlessRun + more
    ).answer()
    try #require(answer.status == 0, "\(answer)")
    let run = run(name)
    try await eventually("the training of \(name)") {
      try run.lastPhase() == "training" && run.isAlive
    }
    return run
  }

  /// Trains a small run to its end.
  func finishedRun(_ name: String = "run", _ more: String...) async throws -> RunOnDisk {
    let answer = try await start(
      ["run", "--headless", "--name", name] + Self.smallRun + ["--set", "epochs=12"] + more
    ).answer()
    try #require(answer.status == 0, "\(answer)")
    return run(name)
  }
}
