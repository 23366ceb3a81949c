import JSONText

extension JournalRecord {
  public var kind: String {
    switch entry {
    case .phase: "phase"
    case .answer: "answer"
    case .layers: "layers"
    case .prune: "prune"
    case .pruning: "pruning"
    case .round: "round"
    case .shapes: "shapes"
    case .undo: "undo"
    case .checkpoint: "checkpoint"
    case .restore: "restore"
    case .branch: "branch"
    case .alert: "alert"
    case .note: "note"
    case .other(let kind, _): kind
    }
  }

  public var json: JSON {
    var record: JSON = [
      "v": 1, "t": .number(wallTime), "step": .integer(step), "kind": .string(kind),
    ]
    for member in details.members ?? [] { record[member.name] = member.value }
    return record
  }

  /// The record, preceded by others with the layers that do not fit into its 4,096 bytes.
  public var records: [JSON] {
    guard case .answer(var answer) = entry else { return [json] }
    var parts: [JSON] = []
    var last = json
    let layersPerRecord = 12
    // The line breaks around a record count, too.
    while !answer.layers.isEmpty
      && last.utf8(nonFinite: .token).count + 2 > JSONLinesWriter.recordSizeMax
    {
      let part = Entry.layers(id: answer.id, Array(answer.layers.prefix(layersPerRecord)))
      parts.append(JournalRecord(wallTime: wallTime, step: step, part).json)
      answer.layers.removeFirst(min(layersPerRecord, answer.layers.count))
      last = JournalRecord(wallTime: wallTime, step: step, .answer(answer)).json
    }
    return parts + [last]
  }

  private var details: JSON {
    switch entry {
    case .phase(let phase):
      var record: JSON = ["phase": .string(phase.name.rawValue)]
      record["reason"] = phase.reason.map { .string(cut($0)) }
      record["final_step"] = phase.finalStep.map { .integer($0) }
      record["steps_per_epoch"] = phase.stepsPerEpoch.map { .integer($0) }
      return record
    case .answer(let answer):
      var record: JSON = [
        "id": .string(answer.id), "status": .string(answer.status.rawValue),
      ]
      record["request"] = answer.request
      record["reason"] = answer.reason.map { .string(cut($0)) }
      record["old"] = answer.old
      record["new"] = answer.new
      if !answer.layers.isEmpty { record["layers"] = .array(answer.layers.map(\.json)) }
      return record
    case .layers(let id, let layers):
      return ["id": .string(id), "layers": .array(layers.map(\.json))]
    case .prune(let prune):
      var record: JSON = [
        "method": .string(prune.method), "scope": .string(cut(prune.scope)),
        "before": .number(prune.before), "after": .number(prune.after),
      ]
      for member in prune.size.json.members ?? [] { record[member.name] = member.value }
      record["size_before"] = prune.sizeBefore.map(\.json)
      record["accuracy_before"] = prune.accuracyBefore.map { .number($0) }
      record["accuracy"] = prune.accuracy.map { .number($0) }
      return record
    case .pruning(let pruning):
      var record: JSON = [
        "method": .string(pruning.method), "target": .number(pruning.target),
        "scope": .string(cut(pruning.scope)), "over": .boolean(pruning.isOver),
      ]
      record["final_step"] = pruning.finalStep.map { .integer($0) }
      return record
    case .round(let round):
      var record: JSON = [
        "method": .string(round.method), "number": .integer(round.number),
        "last": .integer(round.last), "sparsity": .number(round.sparsity),
        "loss": .number(round.loss), "epochs": .number(round.epochs),
      ]
      record["accuracy"] = round.accuracy.map { .number($0) }
      return record
    case .shapes(let shapes):
      return [
        "first": .integer(shapes.first), "layers": .array(shapes.layers.map(\.json)),
      ]
    case .undo(let undo):
      var record: JSON = [
        "command": .string(undo.command), "restored_step": .integer(undo.restoredStep),
      ]
      record["final_step"] = undo.finalStep.map { .integer($0) }
      return record
    case .checkpoint(let name), .restore(let name): return ["name": .string(name)]
    case .branch(let name, let path): return ["name": .string(name), "path": .string(path)]
    case .alert(let text), .note(let text): return ["text": .string(cut(text))]
    case .other(_, let record): return record
    }
  }

  /// The beginning of a text, as much as makes 500 bytes in the file: control characters and
  /// accents can make a short text long.
  private func cut(_ text: String) -> String {
    let bytesMax = 500
    var bytes = 0
    for index in text.unicodeScalars.indices {
      bytes += JSON.string(String(text.unicodeScalars[index])).utf8().count - 2
      if bytes > bytesMax { return String(text.unicodeScalars[..<index]) + "…" }
    }
    return text
  }

  /// nil when the record has no kind, step or time, or lacks what its kind needs.
  public init?(_ node: JSONNode) {
    guard let kind = node["kind"]?.string, let step = node["step"]?.integer,
      let wallTime = node["t"]?.double
    else { return nil }
    guard let entry = Entry(kind: kind, node) else { return nil }
    self.init(wallTime: wallTime, step: step, entry)
  }
}

extension JournalRecord.Entry {
  fileprivate init?(kind: String, _ node: JSONNode) {
    switch kind {
    case "phase":
      guard let text = node["phase"]?.string, let name = JournalRecord.Phase.Name(rawValue: text)
      else { return nil }
      self = .phase(
        JournalRecord.Phase(
          name, reason: node["reason"]?.string, finalStep: node["final_step"]?.integer,
          stepsPerEpoch: node["steps_per_epoch"]?.integer))
    case "answer":
      guard let answer = JournalRecord.Answer(node) else { return nil }
      self = .answer(answer)
    case "layers":
      guard let id = node["id"]?.string else { return nil }
      self = .layers(id: id, JournalRecord.LayerChange.list(node["layers"]))
    case "prune":
      guard let prune = JournalRecord.Prune(node) else { return nil }
      self = .prune(prune)
    case "pruning":
      guard let pruning = JournalRecord.Pruning(node) else { return nil }
      self = .pruning(pruning)
    case "round":
      guard let round = JournalRecord.Round(node) else { return nil }
      self = .round(round)
    case "shapes":
      guard let first = node["first"]?.integer, let layers = node["layers"]?.array else {
        return nil
      }
      self = .shapes(.init(first: first, layers: layers.compactMap { RunManifest.Layer($0) }))
    case "undo":
      guard let command = node["command"]?.string,
        let restoredStep = node["restored_step"]?.integer
      else { return nil }
      self = .undo(
        JournalRecord.Undo(
          command: command, restoredStep: restoredStep, finalStep: node["final_step"]?.integer))
    case "checkpoint", "restore":
      guard let name = node["name"]?.string else { return nil }
      self = kind == "checkpoint" ? .checkpoint(name: name) : .restore(name: name)
    case "branch":
      guard let name = node["name"]?.string, let path = node["path"]?.string else { return nil }
      self = .branch(name: name, path: path)
    case "alert", "note":
      guard let text = node["text"]?.string else { return nil }
      self = kind == "alert" ? .alert(text) : .note(text)
    default:
      let known = ["v", "t", "step", "kind"]
      let rest = (node.json.members ?? []).filter { !known.contains($0.name) }
      self = .other(kind: kind, .object(rest))
    }
  }
}

extension JournalRecord.Answer {
  fileprivate init?(_ node: JSONNode) {
    guard let id = node["id"]?.string, let text = node["status"]?.string,
      let status = Status(rawValue: text)
    else { return nil }
    self.init(
      id: id, status: status, request: node["request"]?.json, reason: node["reason"]?.string,
      old: node["old"]?.json, new: node["new"]?.json,
      layers: JournalRecord.LayerChange.list(node["layers"]))
  }
}

extension JournalRecord.Prune {
  fileprivate init?(_ node: JSONNode) {
    guard let method = node["method"]?.string, let before = node["before"]?.double,
      let after = node["after"]?.double
    else { return nil }
    self.init(
      method: method, scope: node["scope"]?.string ?? "global", before: before, after: after,
      sizeBefore: node["size_before"].map { JournalRecord.NetworkSize($0) },
      size: JournalRecord.NetworkSize(node),
      accuracyBefore: node["accuracy_before"]?.double, accuracy: node["accuracy"]?.double)
  }
}

extension JournalRecord.NetworkSize {
  fileprivate var json: JSON {
    var record: JSON = ["parameters": .integer(parameters), "flops": .integer(flops)]
    record["bytes"] = bytes.map { .integer($0) }
    return record
  }

  fileprivate init(_ node: JSONNode) {
    self.init(
      parameters: node["parameters"]?.integer ?? 0, flops: node["flops"]?.integer ?? 0,
      bytes: node["bytes"]?.integer)
  }
}

extension JournalRecord.Pruning {
  fileprivate init?(_ node: JSONNode) {
    guard let method = node["method"]?.string, let isOver = node["over"]?.boolean else {
      return nil
    }
    self.init(
      method: method, target: node["target"]?.double ?? 0,
      scope: node["scope"]?.string ?? "global", isOver: isOver,
      finalStep: node["final_step"]?.integer)
  }
}

extension JournalRecord.Round {
  fileprivate init?(_ node: JSONNode) {
    guard let method = node["method"]?.string, let number = node["number"]?.integer,
      let sparsity = node["sparsity"]?.double
    else { return nil }
    self.init(
      method: method, number: number, last: node["last"]?.integer ?? number, sparsity: sparsity,
      loss: node["loss"]?.double ?? .nan, accuracy: node["accuracy"]?.double,
      epochs: node["epochs"]?.double ?? 0)
  }
}

extension JournalRecord.LayerChange {
  public var json: JSON {
    var record: JSON = [
      "name": .string(name), "before": .number(before), "after": .number(after),
      "parameters": .integer(parameters), "flops": .integer(flops),
    ]
    record["channels_before"] = channelsBefore.map { .integer($0) }
    record["channels_after"] = channelsAfter.map { .integer($0) }
    record["threshold"] = threshold.map { .number($0) }
    return record
  }

  fileprivate static func list(_ node: JSONNode?) -> [JournalRecord.LayerChange] {
    (node?.array ?? []).compactMap { one in
      guard let name = one["name"]?.string, let before = one["before"]?.double,
        let after = one["after"]?.double
      else { return nil }
      return JournalRecord.LayerChange(
        name: name, before: before, after: after, parameters: one["parameters"]?.integer ?? 0,
        flops: one["flops"]?.integer ?? 0,
        channelsBefore: one["channels_before"]?.integer,
        channelsAfter: one["channels_after"]?.integer, threshold: one["threshold"]?.double)
    }
  }
}
