import JSONText

/// What happened in a run: a record of `journal.jsonl`.
public struct JournalRecord: Sendable, Equatable {
  /// Seconds since 1970.
  public var wallTime: Double
  public var step: Int64
  public var entry: Entry

  public enum Entry: Sendable, Equatable {
    case phase(Phase)
    case answer(Answer)
    /// More layers of the answer to `id`, which did not fit into one record; they come before it.
    case layers(id: String, [LayerChange])
    case prune(Prune)
    case undo(Undo)
    case checkpoint(name: String)
    case restore(name: String)
    /// A second run was made of this one's state: its name, and the path of its directory.
    case branch(name: String, path: String)
    case alert(String)
    case note(String)
    /// A kind that this version does not know, kept as it is.
    case other(kind: String, JSON)
  }

  /// What the engine does from now on.
  public struct Phase: Sendable, Equatable {
    public enum Name: String, Sendable, CaseIterable {
      case starting, training, paused, validating, finished, failed, stopped
    }
    public var name: Name
    /// Why, where there is something to say.
    public var reason: String?
    /// The step at which the run will be complete.
    public var finalStep: Int64?
    public var stepsPerEpoch: Int64?

    public init(
      _ name: Name, reason: String? = nil, finalStep: Int64? = nil, stepsPerEpoch: Int64? = nil
    ) {
      self.name = name
      self.reason = reason
      self.finalStep = finalStep
      self.stepsPerEpoch = stepsPerEpoch
    }
  }

  /// The answer to a command; exactly one per id.
  public struct Answer: Sendable, Equatable {
    public enum Status: String, Sendable { case applied, refused, previewed }
    public var id: String
    public var status: Status
    /// The command, so that the journal alone is enough to do it again.
    public var request: JSON?
    public var reason: String?
    public var old: JSON?
    public var new: JSON?
    public var layers: [LayerChange]

    public init(
      id: String, status: Status, request: JSON? = nil, reason: String? = nil, old: JSON? = nil,
      new: JSON? = nil, layers: [LayerChange] = []
    ) {
      self.id = id
      self.status = status
      self.request = request
      self.reason = reason
      self.old = old
      self.new = new
      self.layers = layers
    }
  }

  /// A layer's sparsity before and after a prune.
  public struct LayerChange: Sendable, Equatable {
    public var name: String
    /// Fraction of zeros, 0 to 1.
    public var before, after: Double
    /// Weights that remain.
    public var parameters: Int64
    /// Multiplications and additions of one sample that remain.
    public var flops: Int64

    public init(name: String, before: Double, after: Double, parameters: Int64, flops: Int64) {
      self.name = name
      self.before = before
      self.after = after
      self.parameters = parameters
      self.flops = flops
    }
  }

  public struct Prune: Sendable, Equatable {
    public var method: String
    public var scope: String
    /// Fraction of zeros over the whole network, before and after.
    public var before, after: Double
    public var parameters, flops: Int64

    public init(
      method: String, scope: String, before: Double, after: Double, parameters: Int64,
      flops: Int64
    ) {
      self.method = method
      self.scope = scope
      self.before = before
      self.after = after
      self.parameters = parameters
      self.flops = flops
    }
  }

  public struct Undo: Sendable, Equatable {
    /// What was undone: "prune", "set_learning_rate" or "set".
    public var command: String
    /// The step of the state that is back.
    public var restoredStep: Int64
    /// The step at which the run will now be complete, when that is known.
    public var finalStep: Int64?

    public init(command: String, restoredStep: Int64, finalStep: Int64?) {
      self.command = command
      self.restoredStep = restoredStep
      self.finalStep = finalStep
    }
  }

  public init(wallTime: Double, step: Int64, _ entry: Entry) {
    self.wallTime = wallTime
    self.step = step
    self.entry = entry
  }
}
