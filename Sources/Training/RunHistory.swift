import JSONText
import OperatingSystem
import RunLog

/// What a run's journal says that a new session of the engine has to know.
struct RunHistory {
  /// Ids that have their answer.
  private(set) var answered: Set<String> = []
  /// Names of checkpoints, in the order in which they were announced.
  private(set) var announced: [String] = []
  /// Commands that were promised to take effect, with the step after which they do, in order.
  private(set) var promised: [(step: Int, command: ControlCommand)] = []
  /// Names of branches that the journal tells of.
  private(set) var branches: Set<String> = []
  /// Names of branches that somebody was answered.
  private(set) var answeredBranches: Set<String> = []
  private(set) var lastPhase: JournalRecord.Phase.Name?
  private(set) var lastStep = 0

  static func read(
    _ directory: RunDirectory, files: any FileSystem
  ) throws(SystemError) -> RunHistory {
    var history = RunHistory()
    var reader = JSONLinesReader(path: directory.journalPath, files: files)
    while true {
      let batch = try reader.read()
      for node in batch.records {
        if let record = JournalRecord(node) { history.add(record) }
      }
      if !batch.hasMore { return history }
    }
  }

  private mutating func add(_ record: JournalRecord) {
    lastStep = Int(record.step)
    switch record.entry {
    case .phase(let phase): lastPhase = phase.name
    case .checkpoint(let name): announced.append(name)
    case .branch(let name, _): branches.insert(name)
    case .answer(let answer):
      guard answered.insert(answer.id).inserted, answer.status == .applied,
        let command = Self.command(answer, wallTime: record.wallTime)
      else { return }
      if case .branch = command.request, let name = answer.new?.string {
        answeredBranches.insert(name)
      }
      guard command.changesTraining else { return }
      promised.append((Int(record.step), command))
    default: return
    }
  }

  /// The command that an answer repeats.
  private static func command(
    _ answer: JournalRecord.Answer, wallTime: Double
  ) -> ControlCommand? {
    guard let request = answer.request else { return nil }
    do {
      let node = try JSONReader(options: .record).read(request.text(nonFinite: .token))
      return ControlCommand(
        id: answer.id, wallTime: wallTime, author: "", request: try ControlCommand.Request(node))
    } catch { return nil }
  }

  /// Promises that a state does not contain yet, in the order in which they take effect.
  func promisesAfter(_ state: TrainingSession.State) -> [(step: Int, command: ControlCommand)] {
    promised.enumerated().filter { _, promise in
      promise.step > state.step
        || (promise.step == state.step && !state.commandsAtStep.contains(promise.command.id))
    }.sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
  }
}
