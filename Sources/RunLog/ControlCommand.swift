import JSONText

/// What a person asks of a run: a record of `control.jsonl`.
public struct ControlCommand: Sendable, Equatable {
  /// 16 hexadecimal digits; the answer carries it.
  public var id: String
  /// Seconds since 1970.
  public var wallTime: Double
  /// Who asks: user@terminal.
  public var author: String
  /// The step after which to obey; nil: at once.
  public var atStep: Int64?
  public var request: Request

  public enum Request: Sendable, Equatable {
    case pause
    /// Go on after a pause.
    case resume
    case stop
    case checkpoint
    case setLearningRate(LearningRateChange)
    /// A learning-rate schedule as experiments describe it, from the next step on.
    case schedule(JSON)
    case prune(PruneRequest)
    /// The pruning that goes on while the network learns makes its last cut now.
    case finishPruning
    case undo
    /// A second run from this one's present state.
    case branch(BranchRequest)
    /// A number that a run of another program declares.
    case set(name: String, value: Double)
    /// Something that a search does to one of its candidates.
    case candidate(id: String, action: CandidateAction)
  }

  /// What can be asked of a candidate.
  public enum CandidateAction: Sendable, Equatable {
    case pause
    /// Go on after a pause.
    case resume
    case kill
    /// Train it longer: to so many epochs in all; nil: as the search would.
    case promote(epochs: Int?)

    /// Its name in the file.
    public var name: String {
      switch self {
      case .pause: "pause"
      case .resume: "resume"
      case .kill: "kill"
      case .promote: "promote"
      }
    }
  }

  public enum LearningRateChange: Sendable, Equatable {
    case value(Double)
    case scale(Double)
  }

  public struct PruneRequest: Sendable, Equatable {
    public var method: String
    /// Fraction of the scope's weights that are to go, 0 to 1, or of its channels, by the method.
    public var sparsity: Double
    /// nil: all layers together.
    public var layers: [String]?
    /// Of the method, by name, as experiments write them.
    public var settings: JSON
    /// Only say what would happen.
    public var isPreview: Bool

    public init(
      method: String, sparsity: Double, layers: [String]? = nil, settings: JSON = .object([]),
      isPreview: Bool
    ) {
      self.method = method
      self.sparsity = sparsity
      self.layers = layers
      self.settings = settings
      self.isPreview = isPreview
    }
  }

  /// A second run, and what is changed in it at its first step.
  public struct BranchRequest: Sendable, Equatable {
    /// Of the child's directory, beside the parent's; nil: the parent's with a number.
    public var name: String?
    public var learningRate: LearningRateChange?
    /// Never a preview.
    public var prune: PruneRequest?

    public init(
      name: String? = nil, learningRate: LearningRateChange? = nil, prune: PruneRequest? = nil
    ) {
      self.name = name
      self.learningRate = learningRate
      self.prune = prune
    }

    /// The changes as commands, in the order in which they act.
    public var changes: [Request] {
      [learningRate.map { .setLearningRate($0) }, prune.map { .prune($0) }].compactMap { $0 }
    }
  }

  public init(
    id: String, wallTime: Double, author: String, atStep: Int64? = nil, request: Request
  ) {
    self.id = id
    self.wallTime = wallTime
    self.author = author
    self.atStep = atStep
    self.request = request
  }

  /// A new identifier: 64 random bits.
  public static func makeID() -> String {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// True when the engine's numbers depend on it, so that a resumed run has to do it again.
  public var changesTraining: Bool {
    switch request {
    case .setLearningRate, .schedule, .finishPruning, .undo, .set: true
    case .prune(let prune): !prune.isPreview
    case .pause, .resume, .stop, .checkpoint, .branch, .candidate: false
    }
  }

  public var json: JSON {
    var record: JSON = [
      "v": 1, "id": .string(id), "t": .number(wallTime), "by": .string(author),
    ]
    if let atStep { record["at_step"] = .integer(atStep) }
    for member in request.json.members ?? [] { record[member.name] = member.value }
    return record
  }
}

extension ControlCommand.Request {
  /// The command's name in the file.
  public var name: String {
    switch self {
    case .pause: "pause"
    case .resume: "resume"
    case .stop: "stop"
    case .checkpoint: "checkpoint"
    case .setLearningRate: "set_learning_rate"
    case .schedule: "schedule"
    case .prune: "prune"
    case .finishPruning: "finish_pruning"
    case .undo: "undo"
    case .branch: "branch"
    case .set: "set"
    case .candidate: "candidate"
    }
  }

  /// The command and its arguments.
  public var json: JSON {
    var record: JSON = ["command": .string(name)]
    switch self {
    case .setLearningRate(.value(let value)): record["value"] = .number(value)
    case .setLearningRate(.scale(let scale)): record["scale"] = .number(scale)
    case .schedule(let schedule): record["schedule"] = schedule
    case .prune(let prune):
      record["method"] = .string(prune.method)
      record["sparsity"] = .number(prune.sparsity)
      record["scope"] = prune.layers == nil ? "global" : "layers"
      if let layers = prune.layers { record["layers"] = .array(layers.map { .string($0) }) }
      if prune.settings.members?.isEmpty == false { record["settings"] = prune.settings }
      if prune.isPreview { record["preview"] = true }
    case .branch(let branch):
      record["name"] = branch.name.map { .string($0) }
      if !branch.changes.isEmpty { record["changes"] = .array(branch.changes.map(\.json)) }
    case .set(let name, let value):
      record["name"] = .string(name)
      record["value"] = .number(value)
    case .candidate(let id, let action):
      record["candidate"] = .string(id)
      record["action"] = .string(action.name)
      if case .promote(let epochs?) = action { record["epochs"] = .integer(Int64(epochs)) }
    case .pause, .resume, .stop, .checkpoint, .finishPruning, .undo: break
    }
    return record
  }

  /// In a few words, for a person: "prune magnitude to 80 %".
  public var summary: String {
    switch self {
    case .setLearningRate(.value(let value)): "learning rate \(Self.plain(value))"
    case .setLearningRate(.scale(let scale)): "learning rate ×\(Self.plain(scale))"
    case .schedule(let schedule): "schedule " + Self.words(schedule)
    case .prune(let prune):
      (prune.isPreview ? "preview: " : "")
        + "prune \(prune.method) to \(Self.plain(prune.sparsity * 100))%"
        + (prune.layers.map { " of " + $0.joined(separator: ", ") } ?? "")
        + Self.settingWords(prune.settings).map { " " + $0 }.joined()
    case .finishPruning: "finish pruning"
    case .branch(let branch):
      (["branch" + (branch.name.map { " \($0)" } ?? "")] + branch.changes.map(\.summary))
        .joined(separator: ", ")
    case .set(let number, let value): "set \(number) to \(Self.plain(value))"
    case .candidate(let id, .promote(let epochs?)): "train candidate \(id) to \(epochs) epochs"
    case .candidate(let id, let action): "\(action.name) candidate \(id)"
    default: name
    }
  }

  /// "step everyEpochs=2 factor=0.5"
  private static func words(_ schedule: JSON) -> String {
    ([schedule["kind"]?.string ?? "?"] + settingWords(schedule)).joined(separator: " ")
  }

  private static func settingWords(_ settings: JSON) -> [String] {
    (settings.members ?? []).filter { $0.name != "kind" }.map { "\($0.name)=\($0.value.text())" }
  }

  /// Six significant digits at most, without zeros that say nothing.
  private static func plain(_ value: Double) -> String {
    guard value.isFinite, value != 0, abs(value) < 1e12, abs(value) > 1e-12 else {
      return "\(value)"
    }
    var scale = 1.0
    while abs(value) * scale < 1e5 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// Reads the command of a record.
  public init(_ node: JSONNode) throws(Refusal) {
    guard let name = node["command"]?.string else {
      throw Refusal("\"command\" is missing or no string")
    }
    switch name {
    case "pause": self = .pause
    case "resume": self = .resume
    case "stop": self = .stop
    case "checkpoint": self = .checkpoint
    case "undo": self = .undo
    case "finish_pruning": self = .finishPruning
    case "set_learning_rate": self = .setLearningRate(try Self.learningRateChange(node))
    case "schedule":
      guard let schedule = node["schedule"], schedule["kind"]?.string != nil else {
        throw Refusal("\"schedule\" must be an object with a \"kind\"")
      }
      self = .schedule(schedule.json)
    case "prune": self = .prune(try Self.pruneRequest(node))
    case "branch": self = .branch(try Self.branchRequest(node))
    case "set": self = try Self.setRequest(node)
    case "candidate": self = try Self.candidateRequest(node)
    default: throw Refusal("this run knows no command \"\(name)\"")
    }
  }

  private static func learningRateChange(
    _ node: JSONNode
  ) throws(Refusal) -> ControlCommand.LearningRateChange {
    switch (node["value"], node["scale"]) {
    case (let value?, nil):
      guard let number = value.double, number.isFinite, number >= 0 else {
        throw Refusal("\"value\" must be a number from 0")
      }
      return .value(number)
    case (nil, let scale?):
      guard let number = scale.double, number.isFinite, number >= 0 else {
        throw Refusal("\"scale\" must be a number from 0")
      }
      return .scale(number)
    default: throw Refusal("either \"value\" or \"scale\" must be given")
    }
  }

  private static func pruneRequest(
    _ node: JSONNode
  ) throws(Refusal) -> ControlCommand.PruneRequest {
    guard let method = node["method"]?.string else {
      throw Refusal("\"method\" is missing or no string")
    }
    guard let sparsity = node["sparsity"]?.double, sparsity > 0, sparsity < 1 else {
      throw Refusal("\"sparsity\" must be a number between 0 and 1")
    }
    let isPreview = node["preview"].map(\.boolean) ?? false
    guard let isPreview else { throw Refusal("\"preview\" must be true or false") }
    let settings = node["settings"]?.json ?? .object([])
    guard settings.members != nil else { throw Refusal("\"settings\" must be an object") }
    return ControlCommand.PruneRequest(
      method: method, sparsity: sparsity, layers: try layersInScope(node), settings: settings,
      isPreview: isPreview)
  }

  private static func setRequest(_ node: JSONNode) throws(Refusal) -> ControlCommand.Request {
    guard let name = node["name"]?.string else {
      throw Refusal("\"name\" is missing or no string")
    }
    guard let value = node["value"]?.double, value.isFinite else {
      throw Refusal("\"value\" must be a number")
    }
    return .set(name: name, value: value)
  }

  private static func candidateRequest(
    _ node: JSONNode
  ) throws(Refusal) -> ControlCommand.Request {
    guard let id = node["candidate"]?.string, !id.isEmpty else {
      throw Refusal("\"candidate\" must be the id of one")
    }
    let action: ControlCommand.CandidateAction
    switch node["action"]?.string {
    case "pause": action = .pause
    case "resume": action = .resume
    case "kill": action = .kill
    case "promote": action = .promote(epochs: try promotedEpochs(node))
    default: throw Refusal("\"action\" must be pause, resume, kill or promote")
    }
    return .candidate(id: id, action: action)
  }

  private static func promotedEpochs(_ node: JSONNode) throws(Refusal) -> Int? {
    let epochsMax: Int64 = 1_000_000_000
    guard let epochs = node["epochs"] else { return nil }
    guard let count = epochs.integer, (1...epochsMax).contains(count) else {
      throw Refusal("\"epochs\" must be an integer from 1")
    }
    return Int(count)
  }

  private static func branchRequest(
    _ node: JSONNode
  ) throws(Refusal) -> ControlCommand.BranchRequest {
    var branch = ControlCommand.BranchRequest()
    if let name = node["name"] {
      guard let text = name.string else { throw Refusal("\"name\" must be a string") }
      branch.name = text
    }
    guard let changes = node["changes"].map(\.array) ?? [] else {
      throw Refusal("\"changes\" must be a list of commands")
    }
    for change in changes {
      switch change["command"]?.string {
      case "set_learning_rate" where branch.learningRate == nil:
        branch.learningRate = try learningRateChange(change)
      case "prune" where branch.prune == nil:
        let prune = try pruneRequest(change)
        guard !prune.isPreview else { throw Refusal("a preview is no change of a branch") }
        branch.prune = prune
      default:
        throw Refusal("a branch may be changed by one set_learning_rate and one prune")
      }
    }
    return branch
  }

  /// nil: all layers together.
  private static func layersInScope(_ node: JSONNode) throws(Refusal) -> [String]? {
    let scope = node["scope"].map(\.string) ?? "global"
    switch scope {
    case "global":
      guard node["layers"] == nil else {
        throw Refusal("\"layers\" goes with the scope layer or layers")
      }
      return nil
    case "layer", "layers":
      let nodes = node["layers"]?.array ?? []
      let names = nodes.compactMap(\.string)
      guard !nodes.isEmpty else { throw Refusal("\"layers\" must name at least one layer") }
      guard names.count == nodes.count else {
        throw Refusal("\"layers\" must be a list of names")
      }
      return names
    default: throw Refusal("\"scope\" must be global, layer or layers")
    }
  }

  /// Why a record is no command that can be obeyed.
  public struct Refusal: Error, Equatable, Sendable {
    public let reason: String

    public init(_ reason: String) {
      self.reason = reason
    }
  }
}

extension ControlCommand {
  /// Bytes of a request at most: its answer repeats it and has to fit into one record.
  public static let requestSizeMax = 2048

  /// What a record of `control.jsonl` turned out to be.
  public enum Reading: Sendable, Equatable {
    case command(ControlCommand)
    /// No valid command, but somebody waits for an answer to this id.
    case refusal(id: String, reason: String)
    /// Nothing that could be answered.
    case garbage
  }

  public static func read(_ node: JSONNode) -> Reading {
    guard let id = node["id"]?.string, isID(id) else { return .garbage }
    do throws(Request.Refusal) {
      let request = try Request(node)
      guard request.json.utf8().count <= requestSizeMax else {
        throw Request.Refusal("the command is longer than \(requestSizeMax) bytes")
      }
      let atStep = node["at_step"]?.integer
      guard atStep != nil || node["at_step"] == nil else {
        throw Request.Refusal("\"at_step\" must be an integer")
      }
      return .command(
        ControlCommand(
          id: id, wallTime: node["t"]?.double ?? 0, author: node["by"]?.string ?? "",
          atStep: atStep, request: request))
    } catch {
      return .refusal(id: id, reason: error.reason)
    }
  }

  private static func isID(_ text: String) -> Bool {
    text.utf8.count == 16
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
