import JSONText
import RunLog
import RunModel

/// Where there is no search, the runs serve as its candidates.
enum CandidatesOfRuns {
  /// What runs are compared by, the first that any of them has.
  private static let scores = [
    "val/accuracy", "valid/accuracy", "validation/accuracy", "val_accuracy", "val_acc",
    "test/accuracy", "accuracy", "val/loss", "validation/loss", "val_loss", "train/loss", "loss",
  ]

  static func records(_ runs: [DashboardState.FollowedRun]) -> [CandidateRecord] {
    let tag = scores.first { tag in runs.contains { $0.run.series[tag] != nil } } ?? anyLoss(runs)
    return runs.prefix(CandidateRecord.candidatesMax).map { record($0.run, tag) }
  }

  private static func anyLoss(_ runs: [DashboardState.FollowedRun]) -> String? {
    runs.lazy.flatMap(\.run.series.keys).filter(Metric.isBetterWhenSmaller).min()
  }

  private static func record(_ run: Run, _ tag: String?) -> CandidateRecord {
    var record = CandidateRecord(id: run.name)
    record.runPath = run.path
    record.step = run.lastStep
    record.state = "\(run.state)"
    record.scoreName = tag ?? "score"
    record.score = tag.flatMap { run.best(of: $0) }.flatMap { Double("\($0.value)") }
    record.parameters = parameters(run)
    if let length = run.stepsInEpoch, length > 0 {
      record.epochs = (Double(run.lastStep) / length * 10).rounded() / 10
    }
    if let model = run.manifest?.experiment["model"] {
      record.architecture = CandidateRecord.text(model)
    }
    if let sparsity = run.series["sparsity/total"]?.last {
      record.others.append(("sparsity", .number(Double("\(sparsity)") ?? Double(sparsity))))
    }
    record.others += run.hyperparameters.map { ($0.name, $0.value) }
    record.fields = record.others
    return record
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
