import ArchitectureSearch
import JSONText
import RunLog

/// A record of kind `candidate` in a search's journal: what changed of one candidate. `asked` marks
/// that the strategy asked for it, `told` that it was told the result; those two in their order
/// are the search.
struct CandidateRecord {
  enum Phase: String, Sendable {
    /// Handed out, and no worker has taken it yet.
    case waiting
    case running
    /// Set aside by a person.
    case paused
    case finished, failed
    /// Given up by a person.
    case killed

    /// Whether a result of it is still to come.
    var isOpen: Bool { self == .waiting || self == .running || self == .paused }
  }

  static let kind = "candidate"

  let id: String
  var phase: Phase?
  var isAsked = false
  var isTold = false
  /// It is trained to so many epochs in all.
  var epochsTarget: Int?
  /// Sessions of its run so far; a worker takes it at this number only.
  var starts: Int?
  /// Those that it has seen.
  var epochs: Double?
  /// Of the objective's metric, the newest; `noScore` takes an older one back.
  var score: Double?
  /// That it was trained, all sessions together.
  var seconds: Double?
  /// Of a failure, or of being handed out again.
  var reason: String?
  /// Whether a person asked for these epochs: the strategy is not told of what comes of them.
  var isPromoted: Bool?
  /// For each variable of the space the index of its choice.
  var choices: [Int]?
  var parameters: Int?
  /// Of a supernet, when the strategy was told: the choices that it came to.
  var derived: [Int]?
  /// What is told of it once: architecture, costs.
  var facts: JSON = .object([])

  init(id: String) {
    self.id = id
  }

  init?(_ record: JournalRecord) {
    guard case .other(Self.kind, let json) = record.entry, let id = json["id"]?.string else {
      return nil
    }
    self.id = id
    func integer(_ name: String) -> Int? { json[name]?.integer.flatMap { Int(exactly: $0) } }
    func truth(_ name: String) -> Bool? {
      if case .boolean(let value)? = json[name] { value } else { nil }
    }
    phase = json["state"]?.string.flatMap { Phase(rawValue: $0) }
    isAsked = truth("asked") ?? false
    isTold = truth("told") ?? false
    isPromoted = truth("promoted")
    epochsTarget = integer("epochs_target")
    starts = integer("starts")
    epochs = json["epochs"]?.double
    score = json["score"]?.double
    seconds = json["seconds"]?.double
    reason = json["reason"]?.string
    parameters = integer("parameters")
    func integers(_ name: String) -> [Int]? {
      json[name]?.array?.compactMap { $0.integer.flatMap { Int(exactly: $0) } }
    }
    choices = integers("choices")
    derived = integers("derived")
  }

  var entry: JournalRecord.Entry {
    var json: JSON = ["id": .string(id)]
    json["state"] = phase.map { .string($0.rawValue) }
    if isAsked { json["asked"] = true }
    if isTold { json["told"] = true }
    json["promoted"] = isPromoted.map { .boolean($0) }
    for member in facts.members ?? [] { json[member.name] = member.value }
    json["parameters"] = parameters.map { .integer(Int64($0)) }
    json["epochs_target"] = epochsTarget.map { .integer(Int64($0)) }
    json["starts"] = starts.map { .integer(Int64($0)) }
    json["score"] = score.map { .number($0) }
    json["epochs"] = epochs.map { .number($0) }
    json["seconds"] = seconds.map { .number(($0 * 100).rounded() / 100) }
    json["reason"] = reason.map { .string(String($0.prefix(500))) }
    json["choices"] = choices.map { .array($0.map { .integer(Int64($0)) }) }
    json["derived"] = derived.map { .array($0.map { .integer(Int64($0)) }) }
    return .other(kind: Self.kind, json)
  }
}
