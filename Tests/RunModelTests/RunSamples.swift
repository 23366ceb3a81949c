import JSONText
import RunLog
import RunModel

/// A number at a step; a second of wall time for each step.
func scalar(_ tag: String, _ step: Int64, _ value: Float = 1) -> RunEvent {
  .scalar(ScalarPoint(tag: tag, step: step, wallTime: Double(step), value: value))
}

func journal(_ step: Int64, _ entry: JournalRecord.Entry) -> RunEvent {
  .journal(JournalRecord(wallTime: Double(step), step: step, entry))
}

func phase(_ name: JournalRecord.Phase.Name, finalStep: Int64? = nil) -> RunEvent {
  journal(0, .phase(.init(name, finalStep: finalStep)))
}

func asked(_ id: String, _ request: ControlCommand.Request) -> RunEvent {
  .asked(ControlCommand(id: id, wallTime: 0, author: "user@tty", request: request))
}

func answered(
  _ id: String, at step: Int64 = 0, _ request: ControlCommand.Request,
  status: JournalRecord.Answer.Status = .applied, old: JSON? = nil, new: JSON? = nil,
  layers: [JournalRecord.LayerChange] = []
) -> RunEvent {
  journal(
    step,
    .answer(
      .init(
        id: id, status: status, request: request.json, old: old, new: new, layers: layers)))
}

func pruned(at step: Int64, to sparsity: Double = 0.8) -> RunEvent {
  journal(
    step,
    .prune(
      .init(
        method: "magnitude", scope: "global", before: 0, after: sparsity,
        sizeBefore: .init(parameters: 50, flops: 100), size: .init(parameters: 10, flops: 20))))
}

func pruned(
  _ method: String, at step: Int64, from before: Double = 0, to after: Double,
  parameters: Int64 = 10
) -> RunEvent {
  journal(
    step,
    .prune(
      .init(
        method: method, scope: "global", before: before, after: after,
        sizeBefore: .init(parameters: 100, flops: 200, bytes: 400),
        size: .init(parameters: parameters, flops: 2 * parameters, bytes: 4 * parameters))))
}

func pruning(
  _ method: String, at step: Int64, to target: Double = 0.5, isOver: Bool = false
) -> RunEvent {
  journal(
    step, .pruning(.init(method: method, target: target, scope: "global", isOver: isOver)))
}

func round(_ number: Int64, at step: Int64, sparsity: Double, epochs: Double = 2) -> RunEvent {
  journal(
    step,
    .round(
      .init(
        method: "iterative", number: number, last: 3, sparsity: sparsity, loss: 0.5, accuracy: 0.9,
        epochs: epochs)))
}

func undone(_ command: String, at step: Int64, to restored: Int64, final: Int64) -> RunEvent {
  journal(step, .undo(.init(command: command, restoredStep: restored, finalStep: final)))
}

func run(_ events: [RunEvent]) -> Run {
  var run = Run(path: "runs/a", name: "a")
  for event in events { run.apply(event) }
  return run
}

extension ControlCommand.Request {
  static let pruneToFourFifths = ControlCommand.Request.prune(
    .init(method: "magnitude", sparsity: 0.8, isPreview: false))
  static let halveLearningRate = ControlCommand.Request.setLearningRate(.scale(0.5))
}
