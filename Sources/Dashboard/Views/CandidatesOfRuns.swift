import JSONText
import RunLog
import RunModel

/// Where there is no search, the runs serve as its candidates: a record for each, folded as those
/// of a search are. Their paths are their ids.
struct CandidatesOfRuns {
  let candidates: CandidateTable
  /// What they are compared by; nil: they have nothing in common.
  let scoreTag: String?

  /// What runs are compared by, the first that any of them has.
  private static let scores = [
    "val/accuracy", "valid/accuracy", "validation/accuracy", "val_accuracy", "val_acc",
    "test/accuracy", "accuracy", "val/loss", "validation/loss", "val_loss", "train/loss", "loss",
  ]
  private static let own: Set<String> = [
    "id", "run", "state", "parameters", "epochs", "architecture", "sparsity",
  ]

  init(_ runs: [DashboardState.FollowedRun]) {
    let tag = Self.scores.first { tag in runs.contains { $0.run.series[tag] != nil } }
    scoreTag = tag ?? Self.anyLoss(runs)
    var search = Run(path: "", name: "")
    for followed in runs {
      search.apply(
        .journal(
          JournalRecord(
            wallTime: 0, step: followed.run.lastStep,
            .other(kind: "candidate", Self.record(followed.run, scoreTag)))))
    }
    candidates = search.candidates
  }

  private static func anyLoss(_ runs: [DashboardState.FollowedRun]) -> String? {
    runs.lazy.flatMap(\.run.series.keys).filter(Metric.isBetterWhenSmaller).min()
  }

  private static func record(_ run: Run, _ tag: String?) -> JSON {
    var record: JSON = ["id": .string(run.path), "run": .string(run.name)]
    record["state"] = .string("\(run.state)")
    for setting in run.hyperparameters where !own.contains(setting.name) {
      record[setting.name] = setting.value
    }
    if let sparsity = run.series["sparsity/total"]?.last { record["sparsity"] = number(sparsity) }
    if let count = parameters(run) { record["parameters"] = .number(count) }
    if let length = run.stepsInEpoch, length > 0 {
      record["epochs"] = .number((Double(run.lastStep) / length * 10).rounded() / 10)
    }
    if let model = run.manifest?.experiment["model"] { record["architecture"] = model }
    if let tag, let best = run.best(of: tag) { record[tag] = number(best.value) }
    return record
  }

  /// The digits that the log has, not those of its nearest Double.
  private static func number(_ value: Float) -> JSON {
    .number(Double("\(value)") ?? Double(value))
  }

  /// Those that remain after the newest prune, else all that the histograms count.
  private static func parameters(_ run: Run) -> Double? {
    for record in run.journal.reversed() {
      if case .prune(let prune) = record.entry { return Double(prune.size.parameters) }
    }
    let isCounted = run.commands.contains { $0.answer?.layers.isEmpty == false }
    guard isCounted || !run.histograms.isEmpty else { return nil }
    let counts = LayersFacts(run).weightCounts
    return counts.isEmpty ? nil : counts.values.reduce(0, +)
  }
}
