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
    /// Pruning that goes on while the network learns begins or ends.
    case pruning(Pruning)
    /// A round of iterative pruning is over.
    case round(Round)
    /// The shapes of weights that are not those the run began with.
    case shapes(Shapes)
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
    /// Fraction of the weights of the network as it began that are gone, 0 to 1.
    public var before, after: Double
    /// Weights that remain.
    public var parameters: Int64
    /// Multiplications and additions of one sample that remain.
    public var flops: Int64
    /// Output channels before and after, where channels are removed.
    public var channelsBefore, channelsAfter: Int64?
    /// The largest score that goes, where the method has one.
    public var threshold: Double?

    public init(
      name: String, before: Double, after: Double, parameters: Int64, flops: Int64,
      channelsBefore: Int64? = nil, channelsAfter: Int64? = nil, threshold: Double? = nil
    ) {
      self.name = name
      self.before = before
      self.after = after
      self.parameters = parameters
      self.flops = flops
      self.channelsBefore = channelsBefore
      self.channelsAfter = channelsAfter
      self.threshold = threshold
    }
  }

  public struct Prune: Sendable, Equatable {
    public var method: String
    public var scope: String
    /// Fraction of zeros over the whole network as it began, before and after.
    public var before, after: Double
    public var sizeBefore: NetworkSize?
    public var size: NetworkSize
    /// On the validation samples, just before and just after; nil where nobody measured.
    public var accuracyBefore, accuracy: Double?

    public init(
      method: String, scope: String, before: Double, after: Double,
      sizeBefore: NetworkSize? = nil, size: NetworkSize, accuracyBefore: Double? = nil,
      accuracy: Double? = nil
    ) {
      self.method = method
      self.scope = scope
      self.before = before
      self.after = after
      self.sizeBefore = sizeBefore
      self.size = size
      self.accuracyBefore = accuracyBefore
      self.accuracy = accuracy
    }
  }

  /// How large a network is.
  public struct NetworkSize: Sendable, Equatable {
    /// Numbers that are not masked.
    public var parameters: Int64
    /// Multiplications and additions of one sample's forward pass by weights that are not masked.
    public var flops: Int64
    /// Of its parameters in a file: a bit for each weight of a masked tensor and four bytes for
    /// each that remains; nil when the record does not tell.
    public var bytes: Int64?

    public init(parameters: Int64, flops: Int64, bytes: Int64? = nil) {
      self.parameters = parameters
      self.flops = flops
      self.bytes = bytes
    }
  }

  public struct Pruning: Sendable, Equatable {
    public var method: String
    /// What it is to reach.
    public var target: Double
    public var scope: String
    /// False: it begins.
    public var isOver: Bool
    /// The step at which it will end, when that is known.
    public var finalStep: Int64?

    public init(
      method: String, target: Double, scope: String, isOver: Bool, finalStep: Int64? = nil
    ) {
      self.method = method
      self.target = target
      self.scope = scope
      self.isOver = isOver
      self.finalStep = finalStep
    }
  }

  public struct Round: Sendable, Equatable {
    public var method: String
    /// 0: the network before any prune.
    public var number: Int64
    /// The number of the last round.
    public var last: Int64
    public var sparsity: Double
    /// On the validation samples, at its end.
    public var loss: Double
    public var accuracy: Double?
    /// That it took.
    public var epochs: Double

    public init(
      method: String, number: Int64, last: Int64, sparsity: Double, loss: Double,
      accuracy: Double?, epochs: Double
    ) {
      self.method = method
      self.number = number
      self.last = last
      self.sparsity = sparsity
      self.loss = loss
      self.accuracy = accuracy
      self.epochs = epochs
    }
  }

  /// The shapes of weights that removed channels have changed: all of them, since the record before
  /// of which `first` is 0.
  public struct Shapes: Sendable, Equatable {
    /// The number of the first layer here among all that changed: one record holds some.
    public var first: Int64
    /// Each weight's shape, by the name of its layer in the manifest.
    public var layers: [RunManifest.Layer]

    public init(first: Int64, layers: [RunManifest.Layer]) {
      self.first = first
      self.layers = layers
    }

    /// Layers of one record at most.
    public static let layersMax = 40
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
