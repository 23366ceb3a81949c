import JSONText
import RunLog
import RunModel

/// What a search's log tells of one candidate, read from records of kind `candidate`, of which only
/// the `id` has to be there.
struct CandidateRecord: Equatable, Sendable {
  let id: String
  var state = ""
  var architecture = ""
  var score: Double?
  /// What the score measures: `score` when that is not told.
  var scoreName = "score"
  var parameters, flops, latencySeconds, epochs: Double?
  /// Everything else that is a number, a word or a truth, in order, by its path.
  var others: [(name: String, value: JSON)] = []
  /// All fields, with their paths.
  var fields: [(name: String, value: JSON)] = []
  /// Of its newest record.
  var step: Int64 = 0
  /// The run that belongs to it, where that is known.
  var runPath: String?

  var isBetterWhenSmaller: Bool { Metric.isBetterWhenSmaller(scoreName) }

  static let candidatesMax = 20_000
  private static let fieldsMax = 200
  private static let depthMax = 4

  init(id: String) {
    self.id = id
  }

  /// nil when the record has no `id` that is a word or a number.
  init?(_ json: JSON, step: Int64) {
    guard let id = Self.id(json) else { return nil }
    self.init(id: id)
    self.step = step
    fields = Self.flattened(json)
    state = text("state", "status") ?? ""
    architecture = json["architecture"].map(Self.text) ?? text("arch", "genotype", "cell") ?? ""
    parameters = number("parameters", "params", "parameter_count")
    flops = number("flops", "macs")
    latencySeconds =
      number("latency_ms").map { $0 / 1000 } ?? number("latency_seconds", "latency_s", "latency")
    epochs = number("epochs", "epoch")
    let named = text("score_name", "metric", "objective")
    let scoreField = find("score", "val_accuracy", "accuracy", "val_loss", "loss")
    score = scoreField?.value.double
    if let scoreField {
      let last = Self.last(scoreField.name)
      scoreName = last == "score" ? named ?? last : last
    }
    others = fields.filter { field in
      let isShown = Self.shown.contains(Self.last(field.name))
      return !isShown && !field.name.hasPrefix("architecture") && field.name != scoreField?.name
    }
  }

  /// The names of fields that have columns of their own.
  private static let shown: Set<String> = [
    "id", "state", "status", "architecture", "arch", "genotype", "cell", "parameters", "params",
    "parameter_count", "flops", "macs", "latency_ms", "latency_seconds", "latency_s", "latency",
    "epochs", "epoch", "score_name", "metric", "objective",
  ]

  /// The candidates of a journal in the order of their first records; of each field the newest
  /// record that has it counts.
  static func all(in journal: some Sequence<JournalRecord>) -> [CandidateRecord] {
    var merged: [(json: JSON, step: Int64)] = []
    var places: [String: Int] = [:]
    for record in journal {
      guard case .other("candidate", let json) = record.entry, let id = id(json) else { continue }
      if let place = places[id] {
        for member in (json.members ?? []).prefix(fieldsMax) {
          merged[place].json[member.name] = member.value
        }
        merged[place].step = record.step
      } else if merged.count < candidatesMax {
        places[id] = merged.count
        merged.append((json, record.step))
      }
    }
    return merged.compactMap { CandidateRecord($0.json, step: $0.step) }
  }

  private static func id(_ json: JSON) -> String? {
    switch json["id"] {
    case .string(let text): text.isEmpty ? nil : text
    case .integer(let number): "\(number)"
    default: nil
    }
  }

  // MARK: Fields

  static func last(_ name: String) -> String {
    String(name.split(separator: "/").last ?? "").lowercased()
  }

  /// The first field with one of these names that is a number, however deep it stands.
  private func find(_ names: String...) -> (name: String, value: JSON)? {
    for name in names {
      if let field = fields.first(where: { Self.last($0.name) == name && $0.value.double != nil }) {
        return field
      }
    }
    return nil
  }

  private func number(_ names: String...) -> Double? {
    for name in names {
      if let value = find(name)?.value.double { return value }
    }
    return nil
  }

  private func text(_ names: String...) -> String? {
    for name in names {
      if let value = fields.first(where: { $0.name == name })?.value { return Self.text(value) }
    }
    return nil
  }

  /// A value on one line.
  static func text(_ value: JSON) -> String { value.string ?? value.text() }

  /// The leaves by their paths, such as `scores/accuracy`; arrays, an architecture and what is too
  /// deep stay whole.
  private static func flattened(_ json: JSON) -> [(name: String, value: JSON)] {
    var result: [(name: String, value: JSON)] = []
    func add(_ name: String, _ value: JSON, _ depth: Int) {
      guard result.count < fieldsMax else { return }
      if let members = value.members, depth < depthMax, name != "architecture" {
        for member in members {
          add(name.isEmpty ? member.name : "\(name)/\(member.name)", member.value, depth + 1)
        }
      } else {
        result.append((name, value))
      }
    }
    add("", json, 0)
    return result
  }

  static func == (one: CandidateRecord, other: CandidateRecord) -> Bool {
    one.id == other.id && one.fields.elementsEqual(other.fields, by: ==)
      && one.score == other.score && one.step == other.step
  }
}
