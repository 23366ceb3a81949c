import JSONText
import RunLog
import RunModel
import TerminalUI

/// All that happened in a run, oldest first; what has no time is at the end.
struct EventsRows {
  private(set) var rows: [EventsRow] = []
  private let run: Run
  private let glyphs: GlyphSet

  init(_ run: Run, glyphs: GlyphSet) {
    self.run = run
    self.glyphs = glyphs
    addParent()
    for record in run.journal { add(record) }
    for command in run.commands.reversed().prefix(while: { $0.answer == nil }).reversed() {
      addWaiting(command)
    }
    for alert in run.alerts {
      add("curve", alert.wallTime, alert.step, "!", "alert", .statusBad, alert.text)
    }
    // What the engine tells itself there stands in the manifest.
    for text in run.texts where text.tag != "nntop/manifest" {
      add("text", text.wallTime, text.step, ">", "log", .text, "\(text.tag): \(text.text)")
    }
    for line in run.lines {
      add("output", line.wallTime, line.step, ">", "log", .text, line.text)
    }
    sort()
    // These tell of now, and have no time.
    for line in run.engineOutput { add("engine", nil, nil, ">", "log", .dim, line) }
    for trouble in run.troubles {
      add("trouble", nil, nil, "!", "trouble", .statusWarning, TroubleText.of(trouble))
    }
  }

  private mutating func add(
    _ source: String, _ wallTime: Double?, _ step: Int64?, _ sign: Character, _ kind: String,
    _ role: Role, _ text: String
  ) {
    let time = wallTime.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    rows.append(
      EventsRow(
        source: source, wallTime: time, step: step, sign: sign, kind: kind, role: role,
        text: text))
  }

  /// By time; where logs give none, by step.
  private mutating func sort() {
    let keys = rows.map { ($0.wallTime ?? 0, $0.step ?? 0) }
    let order = rows.indices.sorted { (keys[$0].0, keys[$0].1, $0) < (keys[$1].0, keys[$1].1, $1) }
    rows = order.map { rows[$0] }
  }

  private mutating func addParent() {
    guard let manifest = run.manifest, let parent = manifest.parent else { return }
    let step = NumberText.grouped(Int(clamping: parent.step))
    add(
      "parent", manifest.created, parent.step, "B", "branch", .mark,
      "branched from \(parent.run) at step \(step)")
  }

  private mutating func addWaiting(_ command: Run.Command) {
    guard let asked = command.asked else { return }
    var text = "asked: \(asked.request.summary)"
    if let step = asked.atStep { text += ", for step \(NumberText.grouped(Int(clamping: step)))" }
    add(
      EventsRow.commandSource + command.id, asked.wallTime, nil, "?", "command", .statusWarning,
      text)
  }

  // MARK: The journal

  private mutating func add(_ record: JournalRecord) {
    func add(
      _ sign: Character, _ role: Role, _ text: String, kind: String? = nil, source: String? = nil
    ) {
      self.add(
        source ?? "journal", record.wallTime, record.step, sign, kind ?? record.kind, role, text)
    }
    switch record.entry {
    case .phase(let phase):
      let reason = phase.reason.map { ": " + $0 } ?? ""
      add(Self.sign(phase.name, glyphs), Self.role(phase.name), phase.name.rawValue + reason)
    case .answer(let answer): addAnswer(answer, record)
    case .layers, .shapes: break  // parts of what other records tell
    case .prune(let prune):
      let left = NumberText.grouped(Int(clamping: prune.size.parameters))
      add(
        "X", .mark,
        "\(prune.method), \(prune.scope): sparsity \(NumberText.percent(prune.before)) → "
          + "\(NumberText.percent(prune.after)), \(left) weights left")
    case .pruning(let pruning): add("x", .mark, Self.text(pruning))
    case .round(let round): add("r", .mark, "\(round.method): \(Self.text(round))")
    case .undo(let undo):
      let step = NumberText.grouped(Int(clamping: undo.restoredStep))
      let restores = run.manifest?.undoRestoresWeights(of: undo.command) ?? true
      let weights = restores ? "; weights are those of step \(step)" : " of step \(step)"
      let what = ["set_learning_rate": "learning rate", "set": "value"][undo.command]
      add("U", .mark, "undid the \(what ?? undo.command)\(weights)")
    case .checkpoint(let name): add("c", .dim, name)
    case .branch(let name, let path): add("B", .mark, "\(name) goes on from here: \(path)")
    case .restore(let name): add("R", .mark, "resumed from \(name)", kind: "resumed")
    case .alert(let text): add("!", .statusBad, text)
    case .note(let text): add("-", .text, text)
    case .other(let kind, let json): add("-", .dim, json.text(), kind: kind)
    }
  }

  private mutating func addAnswer(_ answer: JournalRecord.Answer, _ record: JournalRecord) {
    let name = answer.request?["command"]?.string ?? "command"
    let (sign, role): (Character, Role) =
      switch answer.status {
      case .refused: (glyphs.cross, .statusBad)
      case .previewed: ("?", .dim)
      case .applied: (Self.sign(ofCommand: name), .mark)
      }
    add(
      EventsRow.commandSource + answer.id, record.wallTime, record.step, sign, "answer", role,
      Self.text(answer, name))
  }

  /// "aofp → 50.0%, global, begins, until step 3 000"
  private static func text(_ pruning: JournalRecord.Pruning) -> String {
    let what = "\(pruning.method) → \(NumberText.percent(pruning.target)), \(pruning.scope)"
    if pruning.isOver { return what + ", is over" }
    let end = pruning.finalStep.map { ", until step \(NumberText.grouped(Int(clamping: $0)))" }
    return what + ", begins" + (end ?? "")
  }

  /// "round 3 of 10: sparsity 48.8%, accuracy 96.5%, loss 0.12, 3 epochs"
  static func text(_ round: JournalRecord.Round) -> String {
    let accuracy = round.accuracy.map { ", accuracy \(NumberText.percent($0))" } ?? ""
    return "round \(round.number) of \(round.last): "
      + "sparsity \(NumberText.percent(round.sparsity))\(accuracy), "
      + "loss \(NumberText.significant(round.loss)), "
      + "\(NumberText.significant(round.epochs)) epochs"
  }

  /// "applied: learning rate 0.1 → 0.05", "refused: …".
  static func text(_ answer: JournalRecord.Answer, _ name: String) -> String {
    if answer.status == .refused {
      return "refused: \(Self.words(name)): \(answer.reason ?? "no reason given")"
    }
    let request = answer.request.flatMap { ControlCommand.Request($0) }
    let sentence = request.map { AnswerText.sentence($0, answer) } ?? words(name)
    return "\(answer.status.rawValue): \(sentence)"
  }

  private static func words(_ name: String) -> String {
    name.split(separator: "_").joined(separator: " ")
  }

  /// As on the time axis.
  private static func sign(ofCommand name: String) -> Character {
    switch name {
    case "set_learning_rate": "L"
    case "set": "V"
    case "prune": "X"
    case "finish_pruning": "x"
    case "undo": "U"
    case "branch": "B"
    case "checkpoint": "c"
    case "stop": "K"
    case "candidate": "T"
    default: "P"
    }
  }

  private static func sign(_ phase: JournalRecord.Phase.Name, _ glyphs: GlyphSet) -> Character {
    switch phase {
    case .starting: glyphs.hollowBullet
    case .training, .validating: glyphs.bullet
    case .paused: glyphs.pause
    case .finished: glyphs.check
    case .failed, .stopped: glyphs.cross
    }
  }

  private static func role(_ phase: JournalRecord.Phase.Name) -> Role {
    switch phase {
    case .starting, .training, .validating, .finished: .statusGood
    case .paused, .stopped: .statusWarning
    case .failed: .statusBad
    }
  }
}
