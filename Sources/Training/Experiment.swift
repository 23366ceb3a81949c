import JSONText
import NeuralNetwork
import RunLog

/// Everything that decides what a run computes.
public struct Experiment: Sendable {
  public var name: String
  public var data: DataDescription
  public var model: Model
  /// Where the layers are named, for messages.
  var modelPlace: String
  /// What an object describes; nil when it is not given, or null.
  private static func optional<Description>(
    _ root: ExperimentObject, _ name: String, make: (ExperimentObject) throws -> Description
  ) throws -> Description? {
    guard let node = root.field(name), !node.isNull else {
      root.record(name, .null)
      return nil
    }
    let object = try root.object(name)
    let result = try make(object)
    try object.finish()
    root.record(name, object.resolved)
    return result
  }

  private static func schedule(_ root: ExperimentObject) throws -> any LearningRateSchedule {
    try described(
      root, "learningRateSchedule", among: LearningRateScheduleCatalogue.all,
      named: { $0.kind }, default: ConstantSchedule.kind
    ) { try $0.init($1) }
  }

  /// A schedule that was typed while a run goes on, as experiments describe it.
  static func schedule(_ json: JSON) throws -> any LearningRateSchedule {
    let text = try ExperimentText.recorded(
      ["learningRateSchedule": json], source: "the schedule")
    return try schedule(try ExperimentObject(root: text))
  }

  /// A file of weights to begin with; nil: the layers' own.
  var initialWeights: InitialWeights?
  /// nil: the one that goes with the data's targets.
  public var loss: (any LossDescription)?
  public var optimizer: any OptimizerDescription
  public var schedule: any LearningRateSchedule
  /// nil: gradients stay as they are.
  public var clipping: GradientClipping?
  /// nil: validation uses the weights as they are.
  public var averaging: WeightAveraging?
  /// nil: what layers mix stays as it is.
  public var architectureSearch: ArchitectureLearning?
  public var batchSize: Int
  public var epochs: Int
  public var seed: UInt64
  /// In the order in which they act.
  public var pruning: [ScheduledPrune]
  public var checkpoint: CheckpointPolicy
  public var log: LogPolicy
  public var onNonFinite: NonFiniteReaction
  /// Threads of the engine; 0: chosen from the cores and the model.
  public var threads: Int
  /// The experiment as JSON, with all defaults filled in.
  public var resolved: JSON

  /// A prune that the experiment itself asks for.
  public struct ScheduledPrune: Sendable, Equatable {
    /// Full epochs after which it acts.
    public var epoch: Int
    public var request: ControlCommand.PruneRequest
  }

  public struct CheckpointPolicy: Sendable, Equatable {
    /// 0: by time alone.
    public var everySteps: Int
    public var everySeconds: Double
    /// How many of the newest stay.
    public var keep: Int
  }

  /// How often what is measured of layers and times is logged.
  public struct LogPolicy: Sendable, Equatable {
    public var everySeconds: Double
    /// Histograms of the weights come every so many epochs; 0: never.
    public var histogramEpochs: Int
    /// Of the training time, that logging may take; it comes less often where it costs more.
    public var shareMax: Double
  }

  /// What happens when the loss or the gradients are no numbers any more.
  public enum NonFiniteReaction: String, Sendable, CaseIterable {
    case pause, stop, `continue`
  }

  /// Reads an experiment; mistakes are `ExperimentError`s.
  public init(_ text: ExperimentText) throws {
    let root = try ExperimentObject(root: text)
    name = try root.text("name", default: "experiment")
    data = try DataDescription(root)
    model = try ModelReader.model(root)
    modelPlace = text.place(of: "model", root.field("model")?.position ?? root.position)
    initialWeights = try Self.initialWeights(root)
    loss = try Self.loss(root)
    optimizer = try Self.described(
      root, "optimizer", among: OptimizerCatalogue.all, named: { $0.kind }, default: SGD.kind
    ) { try $0.init($1) }
    batchSize = try root.integer("batchSize", in: 1...65_536, default: 128)
    epochs = try root.integer("epochs", in: 1...10_000_000, default: 15)
    schedule = try Self.schedule(root)
    guard schedule.warmUp.epochs <= epochs else {
      throw root.error(
        "learningRateSchedule",
        "warmUpEpochs are \(schedule.warmUp.epochs), but the run has \(epochs) epochs")
    }
    clipping = try Self.optional(root, "gradientClipping") { try GradientClipping($0) }
    averaging = try Self.optional(root, "weightAverage") { try WeightAveraging($0) }
    architectureSearch = try Self.optional(root, "architectureSearch") {
      try ArchitectureLearning($0)
    }
    seed = UInt64(try root.integer("seed", in: 0...Int.max, default: 1))
    pruning = try Self.pruning(root, epochs: epochs)
    checkpoint = try Self.checkpointPolicy(root)
    log = try Self.logPolicy(root)
    let reaction = try root.choice(
      "onNonFinite", of: NonFiniteReaction.allCases.map(\.rawValue), default: "pause")
    onNonFinite = NonFiniteReaction(rawValue: reaction) ?? .pause
    threads = try root.integer("threads", in: 0...256, default: 0)
    try root.finish()
    resolved = root.resolved
  }

  /// Reads `{"kind": …, settings}` by the list that the kinds are in.
  private static func described<Kind, Description>(
    _ root: ExperimentObject, _ name: String, among kinds: [Kind], named: (Kind) -> String,
    default fallback: String, make: (Kind, ExperimentObject) throws -> Description
  ) throws -> Description {
    let object = try root.objectOrKind(name)
    let result = try object.described(
      among: kinds, named: named, default: fallback, make: make)
    root.record(name, object.resolved)
    return result
  }

  /// nil: the one that goes with the data's targets.
  private static func loss(_ root: ExperimentObject) throws -> (any LossDescription)? {
    guard let node = root.field("loss"), !node.isNull else {
      root.record("loss", .null)
      return nil
    }
    return try described(
      root, "loss", among: LossCatalogue.all, named: { $0.kind }, default: CrossEntropy.kind
    ) { try $0.init($1) }
  }

  /// The network for samples and targets of some shape.
  public func plan(inputShape: [Int], targets: TargetShape) -> NetworkPlan {
    NetworkPlan(
      layers: model.layers(for: targets), inputShape: inputShape, targets: targets,
      loss: loss ?? targets.usualLoss)
  }

  private static func pruning(
    _ root: ExperimentObject, epochs: Int
  ) throws -> [ScheduledPrune] {
    guard let node = root.field("pruning") else {
      root.record("pruning", .array([]))
      return []
    }
    guard let elements = node.array else {
      throw root.error("pruning", "found \(node.kindName), expected a list […] of prunes")
    }
    var prunes: [ScheduledPrune] = []
    var resolved: [JSON] = []
    for (index, element) in elements.enumerated() {
      let one = try ExperimentObject(
        root.text, path: "pruning.\(index)", node: element, position: node.position)
      prunes.append(try ScheduledPrune(one, epochs: epochs))
      resolved.append(one.resolved)
    }
    root.record("pruning", .array(resolved))
    return prunes.enumerated().sorted {
      ($0.element.epoch, $0.offset) < ($1.element.epoch, $1.offset)
    }
    .map(\.element)
  }

  private static func logPolicy(_ root: ExperimentObject) throws -> LogPolicy {
    let object = try root.object("log")
    let policy = LogPolicy(
      everySeconds: try object.number("everySeconds", in: 0.05...86_400, default: 1),
      histogramEpochs: try object.integer("histogramEpochs", in: 0...1_000_000, default: 1),
      shareMax: try object.number("shareMax", in: 0.001...0.5, default: 0.03))
    try object.finish()
    root.record("log", object.resolved)
    return policy
  }

  private static func checkpointPolicy(_ root: ExperimentObject) throws -> CheckpointPolicy {
    let object = try root.object("checkpoint")
    let policy = CheckpointPolicy(
      everySteps: try object.integer("everySteps", in: 0...1_000_000_000, default: 0),
      everySeconds: try object.number("everySeconds", in: 0.1...1e6, default: 60),
      keep: try object.integer("keep", in: 1...1000, default: 3))
    try object.finish()
    root.record("checkpoint", object.resolved)
    return policy
  }

  /// Settings that runs are compared by: numbers, words and flags by their dotted names.
  public var hyperparameters: [(name: String, value: JSON)] {
    Self.flattened(resolved, prefix: "")
  }

  private static func flattened(_ json: JSON, prefix: String) -> [(name: String, value: JSON)] {
    if let members = json.members {
      return members.flatMap {
        flattened($0.value, prefix: prefix.isEmpty ? $0.name : "\(prefix).\($0.name)")
      }
    }
    if let elements = json.array {
      let text = elements.map { $0.text() }.joined(separator: " ")
      return elements.isEmpty ? [] : [(prefix, .string(text))]
    }
    return json == .null ? [] : [(prefix, json)]
  }
}
