import RunLog

extension Run {
  /// Takes up a record of the journal.
  mutating func apply(_ record: JournalRecord) {
    journal.append(record)
    noteTime(record.wallTime)
    switch record.entry {
    case .phase(let phase):
      self.phase = phase
      if phase.name == .training { trainingSince = record.wallTime }
      finalStep = phase.finalStep ?? finalStep
      stepsPerEpoch = phase.stepsPerEpoch ?? stepsPerEpoch
    case .layers(let id, let layers): layersOfAnswers[id, default: []] += layers
    case .answer(let answer): noteAnswer(answer, of: record)
    case .prune(let prune):
      let change = "\(Self.percent(prune.before)) → \(Self.percent(prune.after))"
      pruningHistory.add(.prune(prune), step: record.step)
      mark(.prune, "prune \(prune.method) \(change)", record)
    case .pruning(let pruning):
      pruningHistory.add(.pruning(pruning), step: record.step)
      let target = "pruning \(pruning.method) → \(Self.percent(pruning.target))"
      mark(.pruning, target + (pruning.isOver ? " is over" : " begins"), record)
    case .round(let round):
      pruningHistory.add(.round(round), step: record.step)
      mark(.round, Self.words(round), record)
    case .shapes(let shapes):
      if shapes.first == 0 { changedShapes = [:] }
      for layer in shapes.layers { changedShapes[layer.name] = layer.shape }
    case .undo(let undo):
      finalStep = undo.finalStep ?? finalStep
      pruningHistory.add(.undo(undo), step: record.step)
      let change = undo.command == "set_learning_rate" ? "learning rate" : undo.command
      mark(.undo, "undo \(change) at step \(undo.restoredStep)", record)
    case .checkpoint: mark(.checkpoint, "checkpoint", record)
    case .restore:
      pruningHistory.resume(at: record.step)
      mark(.restart, "resumed", record)
    case .alert(let text): mark(.alert, text, record)
    case .branch(let name, _): mark(.command, "branch \(name)", record)
    case .other("candidate", let fields):
      noteLeftOut(candidates.apply(fields, step: record.step))
    case .other("architecture", let fields): noteMixture(fields)
    case .note, .other: break
    }
  }

  private mutating func noteAnswer(_ answer: JournalRecord.Answer, of record: JournalRecord) {
    var whole = answer
    whole.layers = (layersOfAnswers.removeValue(forKey: answer.id) ?? []) + answer.layers
    guard commandList.answer(whole, step: record.step), answer.status == .applied,
      let request = answer.request?["command"]?.string
    else { return }
    switch request {
    case "set_learning_rate":
      mark(.command, "learning rate " + Self.change(answer), record)
    case "set":
      let name = answer.request?["name"]?.string ?? "a number"
      mark(.set, name + " " + Self.change(answer), record)
    case "pause", "resume", "stop": mark(.command, request, record)
    default: break  // the journal tells of these by records of their own
    }
  }

  private mutating func mark(_ kind: Mark.Kind, _ text: String, _ record: JournalRecord) {
    markList.add(
      Mark(step: record.step, wallTime: record.wallTime, kind: kind, tag: nil, text: text))
  }

  /// "round 3 of 10: sparsity 48.8%, accuracy 96.5%"
  private static func words(_ round: JournalRecord.Round) -> String {
    "round \(round.number) of \(round.last): sparsity \(percent(round.sparsity))"
      + (round.accuracy.map { ", accuracy \(percent($0))" } ?? "")
  }

  /// "0.1 → 0.05"
  private static func change(_ answer: JournalRecord.Answer) -> String {
    [answer.old, answer.new].map { $0?.double.map { "\(Float($0))" } ?? "?" }
      .joined(separator: " → ")
  }

  private static func percent(_ fraction: Double) -> String {
    "\((fraction * 1000).rounded() / 10)%"
  }
}
