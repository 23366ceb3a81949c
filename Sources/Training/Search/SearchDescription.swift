import ArchitectureSearch
import JSONText
import NeuralNetwork

/// Everything that decides what a search computes, as a search file describes it.
public struct SearchDescription: Sendable {
  public var name: String
  public var space: any SearchSpace
  public var strategy: any SearchStrategy
  /// Different architectures that are trained.
  public var candidates: Int
  /// That a candidate is trained at most, and at least before it is judged.
  public var epochs, minimumEpochs: Int
  public var objective: Objective
  public var limits: CandidateLimits
  /// nil: every architecture that is drawn is taken.
  public var sieve: Sieve?
  /// Where the scores come from.
  public var evaluator: Evaluator
  /// What all candidates have in common: data, optimizer and the rest; its model is a stand-in.
  public var experiment: Experiment
  public var seed: UInt64
  /// Processes that train; 0: as many as the machine has cores.
  public var workers: Int
  public var launcher: any WorkerLauncherDescription
  /// The description as JSON, with all defaults filled in.
  public var resolved: JSON

  /// What a candidate is judged by, on the validation samples.
  public enum Objective: String, Sendable, CaseIterable {
    case accuracy, loss

    /// The tag of the metric.
    public var tag: String { "val/\(rawValue)" }

    /// As strategies want it: larger is better.
    public func merit(_ value: Double) -> Double { self == .accuracy ? value : -value }
  }

  /// Of some architectures that are drawn the most promising by a score that needs no training.
  public struct Sieve: Sendable {
    public var score: any ZeroCostScore
    /// Drawn for each that is taken.
    public var draws: Int
  }

  public enum Evaluator: Sendable, Equatable {
    /// Candidates are trained.
    case training
    /// Scores are those of a published table.
    case table(path: String)
    /// Scores come from a made-up formula.
    case synthetic
  }

  /// Reads a search; mistakes are `ExperimentError`s.
  public init(_ text: ExperimentText) throws {
    let root = try ExperimentObject(root: text)
    name = try root.text("name", default: "search")
    space = try Self.described(
      root, "space", among: SearchSpaceCatalogue.all, named: { $0.kind },
      default: LayerSpace.kind
    ) { try $0.init($1) }
    strategy = try Self.described(
      root, "strategy", among: SearchStrategyCatalogue.all, named: { $0.kind },
      default: SuccessiveHalving.kind
    ) { try $0.init($1) }
    candidates = try root.integer("candidates", in: 1...1_000_000, default: 30)
    epochs = try root.integer("epochs", in: 1...1_000_000, default: 9)
    minimumEpochs = try root.integer(
      "minimumEpochs", in: 1...epochs, default: max(1, epochs / 9))
    let objective = try root.choice(
      "objective", of: Objective.allCases.map(\.rawValue), default: Objective.accuracy.rawValue)
    self.objective = Objective(rawValue: objective) ?? .accuracy
    limits = try CandidateLimits(root)
    sieve = try Self.sieve(root)
    evaluator = try Self.evaluator(root)
    seed = UInt64(try root.integer("seed", in: 0...Int.max, default: 1))
    workers = try root.integer("workers", in: 0...10_000, default: 0)
    launcher = try Self.described(
      root, "launcher", among: WorkerLauncherCatalogue.all, named: { $0.kind },
      default: LocalLauncher.kind
    ) { try $0.init($1) }
    experiment = try Self.experiment(root)
    try root.finish()
    resolved = root.resolved
    try checkStrategy(root)
  }

  /// A strategy that trains a supernet needs a space that has one.
  private func checkStrategy(_ root: ExperimentObject) throws {
    guard strategy.supernetLearning != nil else { return }
    let kind = type(of: strategy).kind
    if space.supernet == nil {
      throw root.error(
        "strategy",
        "\(kind) trains a supernet, and the space \(type(of: space).kind) has none; "
          + "expected the space \(DifferentiableSpace.kind)")
    }
    if evaluator != .training {
      throw root.error(
        "strategy", "\(kind) trains a supernet; expected the evaluator training")
    }
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

  private static func sieve(_ root: ExperimentObject) throws -> Sieve? {
    guard let node = root.field("sieve"), !node.isNull else {
      root.record("sieve", .null)
      return nil
    }
    let object = try root.objectOrKind("sieve")
    let draws = try object.integer("draws", in: 1...1000, default: 8)
    let score = try object.described(
      among: ZeroCostCatalogue.all, named: { $0.kind }, default: ZeroCostCatalogue.all[0].kind
    ) { try $0.init($1) }
    root.record("sieve", object.resolved)
    return Sieve(score: score, draws: draws)
  }

  private static func evaluator(_ root: ExperimentObject) throws -> Evaluator {
    let object = try root.objectOrKind("evaluator")
    let kind = try object.choice(
      "kind", of: ["training", "table", "synthetic"], default: "training")
    var evaluator = kind == "synthetic" ? Evaluator.synthetic : .training
    if kind == "table" {
      evaluator = .table(path: try object.path("path"))
    }
    try object.finish()
    root.record("evaluator", object.resolved)
    return evaluator
  }

  /// What is the same for all candidates. The search itself decides on the model and the epochs.
  private static func experiment(_ root: ExperimentObject) throws -> Experiment {
    let node = root.field("experiment")
    let text = try root.text.part("experiment", node, at: root.position)
    for (field, owner) in [("model", "space"), ("epochs", "epochs"), ("seed", "seed")] {
      guard let given = text.root[field] else { continue }
      throw ExperimentError(
        place: root.text.place(of: "experiment.\(field)", given.position),
        field: "experiment.\(field)",
        problem: "a search decides on it by \"\(owner)\"; remove it here")
    }
    var experiment = try Experiment(text)
    experiment.resolved["model"] = nil
    experiment.resolved["epochs"] = nil
    experiment.resolved["seed"] = nil
    root.record("experiment", experiment.resolved)
    return experiment
  }
}
