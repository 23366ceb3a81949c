import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// A small search in a directory of its own, whose candidates are trained by the very thread that
/// coordinates it.
final class TestSearch {
  let home: TemporaryDirectory
  let directory: RunDirectory

  static let text = """
    {
      "name": "tiny", "candidates": 5, "epochs": 2, "minimumEpochs": 1, "workers": 1,
      "strategy": "random",
      "space": { "kind": "layers", "hidden": [0, 1, 2], "widths": [3, 4, 5, 6] },
      "experiment": {
        "data": { "kind": "glyphs", "trainingCount": 40, "validationCount": 20 },
        "batchSize": 20, "threads": 1, "checkpoint": { "everySeconds": 1000000 }
      }
    }
    """

  init(_ overrides: [String] = []) throws {
    home = try TemporaryDirectory()
    directory = try SearchCreation(
      search: try Self.description(overrides), runs: home.path, name: "search", arguments: [],
      version: "test"
    ).create(clock: ScriptedClock())
  }

  static func description(_ overrides: [String] = []) throws -> SearchDescription {
    try SearchDescription(
      try ExperimentText(
        source: "tiny.json", directory: "/", bytes: Array(text.utf8), overrides: overrides))
  }

  /// The same search as it stands now, elsewhere: what a kill at this moment leaves.
  init(copying other: RunDirectory) throws {
    home = try TemporaryDirectory()
    directory = RunDirectory(path: Path.join(home.path, "search"))
    try TemporaryDirectory.copy(other.path, to: directory.path)
  }

  /// Searches to the end.
  /// - Parameters:
  ///   - files: of the coordinator and of the worker.
  ///   - train: what a worker does when it is its turn; nil: trains the candidate that waits.
  @discardableResult
  func run(
    files: any FileSystem = LocalFileSystem(), clock: any Clock = ScriptedClock(),
    train: ((SearchWorker) throws -> Void)? = nil, ready: ((SearchEngine) throws -> Void)? = nil
  ) throws -> Engine.Outcome {
    let worker = SearchWorker(directory, files: files, clock: clock)
    let staff = SearchEngine.Staff(
      program: "", version: "test",
      launcher: InlineLauncher {
        try worker.look()
        if let train { try train(worker) } else { _ = worker.trainOne() }
      })
    let engine = try SearchEngine(directory, staff: staff, files: files, clock: clock)
    try ready?(engine)
    return engine.run()
  }

  func ask(_ request: ControlCommand.Request, id: Int) throws {
    let writer = try JSONLinesWriter(path: directory.controlPath, files: LocalFileSystem())
    defer { writer.close() }
    try writer.append(
      ControlCommand(id: TestRun.id(id), wallTime: 0, author: "test", request: request).json)
  }

  func journal() throws -> [JournalRecord] {
    var reader = JSONLinesReader(path: directory.journalPath, files: LocalFileSystem())
    return try reader.read().records.compactMap { JournalRecord($0) }
  }

  /// What the strategy asked for and was told, in order, as text.
  func story() throws -> [String] {
    try journal().compactMap { CandidateRecord($0) }.flatMap { record -> [String] in
      var lines: [String] = []
      if record.isAsked {
        lines.append("ask \(record.id) \(record.choices ?? []) \(record.epochsTarget ?? 0)")
      }
      if record.isTold {
        lines.append(
          "tell \(record.id) \(record.phase.map { "\($0)" } ?? "") \(record.score ?? -1)")
      }
      return lines
    }
  }

  /// The newest of each field of a candidate's records.
  func candidate(_ id: Int) throws -> JSON {
    var merged: JSON = .object([])
    for record in try journal() {
      guard case .other("candidate", let json) = record.entry, json["id"]?.string == "\(id)" else {
        continue
      }
      for member in json.members ?? [] { merged[member.name] = member.value }
    }
    return merged
  }

  func answers() throws -> [JournalRecord.Answer] {
    try journal().compactMap { if case .answer(let answer) = $0.entry { answer } else { nil } }
  }

  func candidateRun(_ id: Int) -> TestRun {
    TestRun(RunDirectory(path: SearchPaths.candidate("\(id)", of: directory)), in: home)
  }
}

/// Workers that work when they are looked after.
struct InlineLauncher: WorkerLauncherDescription {
  static let kind = "inline"
  static let summary = "trains in the coordinator's thread"

  private final class Work: @unchecked Sendable {
    let perform: () throws -> Void
    init(_ perform: @escaping () throws -> Void) { self.perform = perform }
  }

  private final class Launcher: WorkerLauncher {
    let work: Work
    init(_ work: Work) { self.work = work }
    func start(_ count: Int) {}
    func tend() throws { try work.perform() }
    func stop() {}
  }

  private let work: Work

  init(_ perform: @escaping () throws -> Void) { work = Work(perform) }
  init(_ settings: some Settings) throws { work = Work {} }

  func makeLauncher(_ place: WorkerPlace) -> any WorkerLauncher { Launcher(work) }
}
