import JSONText
import RunLog

/// What a trainer_state.json tells.
struct TrainerState {
  private(set) var events: [RunEvent] = []

  private static let settings = ["num_train_epochs", "train_batch_size", "logging_steps"]

  /// Nil when it is none.
  /// - Parameter wallTime: when it was written, seconds since 1970: its rows have no time.
  init?(_ document: JSONNode, wallTime: Double) {
    guard let rows = document["log_history"]?.array else { return nil }
    if let name = document["trial_name"]?.string { events.append(.named(name)) }
    var list = HyperparameterList()
    list.add((document.members ?? []).filter { Self.settings.contains($0.name) })
    list.add(document["trial_params"]?.members ?? [])
    if !list.hyperparameters.isEmpty { events.append(.hyperparameters(list.hyperparameters)) }
    let (step, stepMax) = (document["global_step"]?.integer, document["max_steps"]?.integer ?? 0)
    if stepMax > 0 { events.append(.expected(finalStep: stepMax)) }
    append(rows, wallTime)
    if let best = document["best_metric"]?.double {
      let place = document["best_model_checkpoint"]?.string.map { " at \($0)" } ?? ""
      let bestStep = document["best_global_step"]?.integer ?? step ?? 0
      events.append(
        .text(tag: "best_metric", step: bestStep, wallTime: wallTime, "\(best)\(place)"))
    }
    if let step, step >= stepMax, rows.last?["train_runtime"] != nil {
      events.append(.outcome(.finished))
    }
  }

  private mutating func append(_ rows: [JSONNode], _ wallTime: Double) {
    var records = MetricRecords()
    var entries: [ScalarBlock.Entry] = []
    var step: Int64 = 0
    for row in rows {
      guard let members = row.members else { continue }
      for member in members where member.name != "step" {
        guard let value = PrintedNumber(member.node),
          let field = records.field(MetricRecords.cut(Self.tag(of: member.name)))
        else { continue }
        records.add(value, to: field)
      }
      step = row["step"]?.integer ?? step
      records.finish(step: step, wallTime: wallTime, into: &entries)
    }
    if !entries.isEmpty {
      events.append(.scalars(ScalarBlock(tags: records.tags, entries: entries)))
    }
  }

  /// As the Trainer's own TensorBoard callback names it (`rewrite_logs`).
  private static func tag(of name: String) -> String {
    for part in ["eval", "test"] where name.hasPrefix(part + "_") {
      return part + "/" + name.dropFirst(part.count + 1)
    }
    return "train/" + name
  }
}
