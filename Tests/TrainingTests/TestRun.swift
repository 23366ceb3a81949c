import JSONText
import OperatingSystem
import RunLog
import Tensors
import Testing

@testable import Training

/// A small run in a directory of its own, and all that can be asked of it and read from it.
final class TestRun {
  let home: TemporaryDirectory
  let directory: RunDirectory

  /// 8 updates an epoch, 24 in all.
  static let experiment = """
    {
      "name": "small",
      "data": { "kind": "glyphs", "trainingCount": 160, "validationCount": 40 },
      "model": { "layers": [
        { "kind": "linear", "outputs": 6 }, { "kind": "relu" }, { "kind": "linear", "outputs": 10 }
      ] },
      "batchSize": 20, "epochs": 3, "threads": 1,
      "checkpoint": { "everySeconds": 1000000 }
    }
    """
  static let stepsPerEpoch = 8
  static let steps = 24

  /// Something to ask behind some step.
  struct Wish {
    var step: Int
    var request: ControlCommand.Request

    init(_ step: Int, _ request: ControlCommand.Request) {
      self.step = step
      self.request = request
    }
  }

  init(_ overrides: [String] = [], experiment: String = TestRun.experiment) throws {
    home = try TemporaryDirectory()
    let text = try ExperimentText(
      source: "small.json", directory: home.path, bytes: Array(experiment.utf8),
      overrides: overrides)
    directory = try RunCreation(
      experiment: try Experiment(text), runs: home.path, name: "run", arguments: [],
      version: "test"
    ).create(clock: ScriptedClock())
  }

  /// Another run of the same home.
  init(_ directory: RunDirectory, in home: TemporaryDirectory) {
    self.home = home
    self.directory = directory
  }

  /// The same run as it stands now, elsewhere: what a kill at this moment leaves.
  init(copying other: RunDirectory) throws {
    home = try TemporaryDirectory()
    directory = RunDirectory(path: Path.join(home.path, "run"))
    try TemporaryDirectory.copy(other.path, to: directory.path)
  }

  // MARK: Training

  struct Trained {
    var outcome: Engine.Outcome
    var state: Fingerprint
  }

  /// Opens the run, asks for all that is wished, and trains to the end. The engine is gone when it
  /// returns.
  /// - Parameter behindStep: called behind every update, before the commands of that step.
  @discardableResult
  func train(
    _ wishes: [Wish] = [], files: any FileSystem = LocalFileSystem(),
    clock: any Clock = ScriptedClock(), signals: SignalPipe? = nil, isHeadless: Bool = true,
    startEngine: ((RunDirectory) throws -> Void)? = nil,
    ready: ((Engine) -> Void)? = nil, behindStep: ((Engine) throws -> Void)? = nil
  ) throws -> Trained {
    let holder = Holder()
    let engine = try Engine(
      directory, files: files, clock: clock, signals: signals, isHeadless: isHeadless,
      onProgress: { _ in
        guard let engine = holder.engine else { return }
        do { try behindStep?(engine) } catch { Issue.record(error) }
      }, startEngine: startEngine)
    holder.engine = engine
    ready?(engine)
    for (index, wish) in wishes.enumerated() { try ask(wish, id: Self.id(index)) }
    let outcome = engine.run()
    return Trained(outcome: outcome, state: Fingerprint(engine.session))
  }

  private final class Holder {
    weak var engine: Engine?
  }

  // MARK: Asking

  static func id(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  func ask(_ wish: Wish, id: String) throws(SystemError) {
    let command = ControlCommand(
      id: id, wallTime: 0, author: "test", atStep: Int64(wish.step), request: wish.request)
    try write(command.json)
  }

  func write(_ record: JSON) throws(SystemError) {
    let writer = try JSONLinesWriter(path: directory.controlPath, files: LocalFileSystem())
    defer { writer.close() }
    try writer.append(record)
  }

  /// Appends any bytes to a file of the run.
  func append(_ bytes: some Sequence<UInt8>, to path: String) throws(SystemError) {
    let files = LocalFileSystem()
    let file = try files.open(path, for: .appending(permissions: 0o666))
    defer { files.close(file) }
    try files.writeAll(Array(bytes), to: file)
  }

  // MARK: Reading

  func bytes(of path: String) throws(SystemError) -> [UInt8] {
    try LocalFileSystem().contents(of: path, limit: 1 << 30)
  }

  func journal() throws -> [JournalRecord] {
    var reader = JSONLinesReader(path: directory.journalPath, files: LocalFileSystem())
    return try reader.read().records.map { node in
      try #require(JournalRecord(node), "\(node.json.text())")
    }
  }

  struct Answered {
    var step: Int
    var answer: JournalRecord.Answer
  }

  func answers() throws -> [Answered] {
    try journal().compactMap { record in
      guard case .answer(let answer) = record.entry else { return nil }
      return Answered(step: Int(record.step), answer: answer)
    }
  }

  /// The only answer to an id.
  func answer(_ id: String) throws -> Answered {
    let found = try answers().filter { $0.answer.id == id }
    #expect(found.count == 1, "answers to \(id)")
    return try #require(found.first)
  }

  func phases() throws -> [JournalRecord.Phase] {
    try journal().compactMap {
      if case .phase(let phase) = $0.entry { return phase }
      return nil
    }
  }

  func eventFiles() throws -> [String] {
    try directory.eventFiles(LocalFileSystem()).map { Path.join(directory.path, $0) }
  }

  /// The events of each event file, oldest first.
  func events() throws -> [[RunEvent]] {
    try eventFiles().map { path in
      var reader = EventFileReader(path: path, files: LocalFileSystem())
      var events: [RunEvent] = []
      while true {
        let batch = try reader.read()
        events += batch.events
        if !batch.hasMore { break }
      }
      #expect(reader.skippedRecords == 0 && reader.unreadable == nil)
      return events
    }
  }

  /// The points of a tag in each event file.
  func points(_ tag: String) throws -> [[ScalarPoint]] {
    try events().map { events in
      events.points.filter { $0.tag == tag }
    }
  }

  func checkpointNames() throws -> [String] {
    try LocalFileSystem().entries(of: directory.checkpointsPath)
      .filter { $0.hasSuffix(".safetensors") }
  }
}

extension ControlCommand.Request {
  static func prune(_ sparsity: Double, layers: [String]? = nil, preview: Bool = false) -> Self {
    .prune(
      .init(method: "magnitude", sparsity: sparsity, layers: layers, isPreview: preview))
  }
  static func learningRate(_ value: Double) -> Self { .setLearningRate(.value(value)) }
  static func learningRate(times scale: Double) -> Self { .setLearningRate(.scale(scale)) }
}

extension TestRun {
  /// A training of the same experiment that has just begun, without an engine.
  func session() throws -> TrainingSession {
    let manifest = try #require(try directory.readManifest(LocalFileSystem()))
    let experiment = try Experiment(
      ExperimentText.recorded(manifest.experiment, source: directory.manifestPath))
    let pool = WorkerPool(threadCount: manifest.threads)
    return try TrainingSession(
      experiment,
      dataset: try Dataset.load(experiment.data, pool: pool, files: LocalFileSystem()),
      pool: pool, clock: ScriptedClock())
  }
}
