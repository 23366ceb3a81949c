import JSONText
import RunLog
import TerminalUI

/// The words for an answer that was given.
public enum AnswerText {
  /// "paused", "learning rate 0.1 → 0.05"; without the step.
  public static func sentence(
    _ request: ControlCommand.Request, _ answer: JournalRecord.Answer
  ) -> String {
    switch request {
    case .pause: return "paused"
    case .resume: return "goes on"
    case .stop: return "stopping"
    case .checkpoint: return "checkpoint written"
    case .setLearningRate:
      return "learning rate \(number(answer.old)) → \(number(answer.new))"
    case .schedule:
      return "\(SafeText.cleaned(request.summary)): learning rate "
        + "\(number(answer.old)) → \(number(answer.new))"
    case .prune(let prune):
      return pruned(prune, answer) + (answer.reason.map { " (\(SafeText.cleaned($0)))" } ?? "")
    case .finishPruning:
      guard answer.new?.double != nil else { return "pruning is finished" }
      return "finished pruning: sparsity \(percent(answer.old)) → \(percent(answer.new))"
    case .branch:
      let child = answer.new?.string.map { SafeText.cleaned($0) } ?? "a second run"
      return "branched: \(child) goes on from here"
    case .set(let name, _):
      return "\(SafeText.cleaned(name)) \(number(answer.old)) → \(number(answer.new))"
    case .candidate(let id, let action):
      let name = "candidate \(SafeText.cleaned(id, maxLength: 60))"
      switch action {
      case .pause: return name + " paused"
      case .resume: return name + " goes on"
      case .kill: return name + " killed"
      case .promote: return name + " is trained longer"
      }
    case .undo:
      let what = SafeText.cleaned(answer.reason ?? "the last change")
      if answer.reason?.hasPrefix("prun") == false {
        return "undid: \(what), \(number(answer.old)) → \(number(answer.new))"
      }
      return "undid: \(what), sparsity \(percent(answer.old)) → \(percent(answer.new))"
    }
  }

  /// A method that acts while the network learns has nothing to show when it begins.
  private static func pruned(
    _ prune: ControlCommand.PruneRequest, _ answer: JournalRecord.Answer
  ) -> String {
    let method = SafeText.cleaned(prune.method)
    guard answer.new?.double != nil else {
      return (prune.isPreview ? "would begin" : "began") + " to prune \(method) to "
        + NumberText.percent(prune.sparsity)
    }
    return (prune.isPreview ? "would prune" : "pruned")
      + " \(method): sparsity \(percent(answer.old)) → \(percent(answer.new))"
  }

  private static func number(_ json: JSON?) -> String {
    json?.double.map { NumberText.significant($0) } ?? "?"
  }

  private static func percent(_ json: JSON?) -> String {
    json?.double.map { NumberText.percent($0) } ?? "?"
  }
}
