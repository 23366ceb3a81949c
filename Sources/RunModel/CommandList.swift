import RunLog

/// Commands: those that are answered in the order of their answers, then those that wait. The
/// newest thousand of both; questions and answers may be read in any order.
struct CommandList: Sendable {
  private(set) var commands: [Run.Command] = []
  private var answeredCount = 0
  /// Older ones that wait, or whose answers are not read yet.
  private var earlier: [Run.Command] = []
  /// The newest answered, so that a question that is read late does not seem to wait.
  private var answeredIDs: Set<String> = []
  private var answeredIDsInOrder: [String] = []

  private static let answeredMax = 1000
  private static let waitingMax = 1000
  private static let earlierMax = 10_000
  private static let answeredIDsMax = 20_000

  mutating func ask(_ command: ControlCommand) {
    if let index = commands.lastIndex(where: { $0.id == command.id }) {
      commands[index].asked = command
    } else if let index = earlier.lastIndex(where: { $0.id == command.id }) {
      earlier[index].asked = command
    } else if !answeredIDs.contains(command.id) {
      commands.append(Run.Command(id: command.id, asked: command, answer: nil, answeredStep: nil))
      guard commands.count - answeredCount > Self.waitingMax else { return }
      earlier.append(commands.remove(at: answeredCount))
      if earlier.count > 2 * Self.earlierMax { earlier.removeFirst(Self.earlierMax) }
    }
  }

  /// False when the command was answered before: the first answer counts.
  mutating func answer(_ answer: JournalRecord.Answer, step: Int64) -> Bool {
    guard !answeredIDs.contains(answer.id) else { return false }
    remember(answer.id)
    var command = Run.Command(id: answer.id, asked: nil, answer: answer, answeredStep: step)
    if let index = commands[answeredCount...].lastIndex(where: { $0.id == answer.id }) {
      command.asked = commands.remove(at: index).asked
      if let last = earlier.popLast() { commands.insert(last, at: answeredCount) }
    } else if let index = earlier.firstIndex(where: { $0.id == answer.id }) {
      command.asked = earlier.remove(at: index).asked
    }
    commands.insert(command, at: answeredCount)
    answeredCount += 1
    if answeredCount > Self.answeredMax {
      commands.removeFirst()
      answeredCount -= 1
    }
    return true
  }

  private mutating func remember(_ id: String) {
    answeredIDs.insert(id)
    answeredIDsInOrder.append(id)
    guard answeredIDsInOrder.count > 2 * Self.answeredIDsMax else { return }
    answeredIDsInOrder.removeFirst(Self.answeredIDsMax)
    answeredIDs = Set(answeredIDsInOrder)
  }
}
