import JSONText

/// What the declarations of a run say about each command.
extension RunManifest {
  /// A number that may be set by its name.
  public struct DeclaredNumber: Sendable, Equatable {
    public var name: String
    /// What it is when the run begins.
    public var value: Double
    public var bounds: ClosedRange<Double>
    /// What it does, for people; may be empty.
    public var description: String

    public init(
      name: String, value: Double,
      bounds: ClosedRange<Double> = -.infinity ... .infinity, description: String = ""
    ) {
      self.name = name
      self.value = value
      self.bounds = bounds
      self.description = description
    }
  }

  /// A way to prune that may be asked for.
  public struct PruningMethod: Sendable, Equatable {
    /// What goes: single weights, or channels with everything that must vanish with them.
    public enum Unit: String, Sendable { case weights, channels }
    /// When it acts: at once, while the network learns, or in rounds of training.
    public enum Moment: String, Sendable { case once, training, rounds }

    /// A number or word that it takes.
    public struct Setting: Sendable, Equatable {
      public var name: String
      /// For people; may be empty, as may be the next.
      public var allowed: String
      public var usual: String

      public init(name: String, allowed: String = "", usual: String = "") {
        self.name = name
        self.allowed = allowed
        self.usual = usual
      }
    }

    public var name: String
    /// What it does, for people, in a line; may be empty.
    public var summary: String
    public var unit: Unit
    public var acts: Moment
    public var settings: [Setting]

    public init(
      name: String, summary: String = "", unit: Unit = .weights, acts: Moment = .once,
      settings: [Setting] = []
    ) {
      self.name = name
      self.summary = summary
      self.unit = unit
      self.acts = acts
      self.settings = settings
    }
  }

  /// Numbers of one run at most; the rest is left out.
  public static let declaredNumbersMax = 1000

  public func declares(_ command: String) -> Bool {
    declares.contains { $0.command == command }
  }

  /// The numbers that `set` takes, in the order in which they are declared.
  public var declaredNumbers: [DeclaredNumber] {
    var names: Set<String> = []
    var numbers: [DeclaredNumber] = []
    for declaration in declares where declaration.command == "set" {
      guard numbers.count < Self.declaredNumbersMax else { break }
      guard let name = declaration.details["name"]?.string, names.insert(name).inserted,
        let value = declaration.details["value"]?.double, value.isFinite
      else { continue }
      numbers.append(
        DeclaredNumber(
          name: name, value: value, bounds: declaration.bounds,
          description: declaration.details["description"]?.string ?? ""))
    }
    return numbers
  }

  /// Methods of one run, and settings of a method, at most; the rest is left out.
  public static let pruningMethodsMax = 200
  public static let pruningSettingsMax = 50

  /// What `prune` takes, in the order in which it is declared; a run that names no method knows
  /// magnitude.
  public var pruningMethods: [PruningMethod] {
    guard let prune = declares.first(where: { $0.command == "prune" }) else { return [] }
    var names: Set<String> = []
    let methods = (prune.details["methods"]?.array ?? []).prefix(Self.pruningMethodsMax)
      .compactMap { PruningMethod($0) }
      .filter { names.insert($0.name).inserted }
    return methods.isEmpty ? [PruningMethod(name: "magnitude")] : methods
  }

  /// Whether `prune` can be kept to some of the layers: a run that does not say takes them.
  public var prunesSingleLayers: Bool {
    let prune = declares.first { $0.command == "prune" }
    guard let scopes = prune?.details["scopes"]?.array else { return true }
    return scopes.contains { $0.string == "layers" }
  }

  /// What `set_learning_rate` takes.
  public var learningRateBounds: ClosedRange<Double> {
    let bounds = declares.first { $0.command == "set_learning_rate" }?.bounds
    return bounds.map { max(0, $0.lowerBound)...max(0, $0.upperBound) } ?? 0 ... .infinity
  }

  /// Whether an undo of a command puts the weights of that step back, too: the engine's own does.
  public func undoRestoresWeights(of command: String) -> Bool {
    let undo = declares.first { $0.command == "undo" }
    guard let commands = undo?.details["restores_weights"]?.array else { return true }
    return commands.contains { $0.string == command }
  }
}

extension RunManifest.PruningMethod {
  /// A name, or an object that describes it; nil for anything else.
  init?(_ json: JSON) {
    if let name = json.string, !name.isEmpty {
      self.init(name: name)
      return
    }
    guard let name = json["name"]?.string, !name.isEmpty else { return nil }
    let settings = (json["settings"]?.array ?? []).prefix(RunManifest.pruningSettingsMax)
    self.init(
      name: name, summary: json["summary"]?.string ?? "",
      unit: json["unit"]?.string.flatMap(Unit.init(rawValue:)) ?? .weights,
      acts: json["acts"]?.string.flatMap(Moment.init(rawValue:)) ?? .once,
      settings: settings.compactMap { Setting($0) })
  }
}

extension RunManifest.PruningMethod.Setting {
  init?(_ json: JSON) {
    guard let name = json["name"]?.string, !name.isEmpty else { return nil }
    func text(_ value: JSON?) -> String { value.map { $0.string ?? $0.text() } ?? "" }
    self.init(name: name, allowed: text(json["allowed"]), usual: text(json["default"]))
  }
}

extension RunManifest.Declaration {
  /// From `minimum` to `maximum`, as far as they are given.
  public var bounds: ClosedRange<Double> {
    let lower = details["minimum"]?.double ?? -.infinity
    let upper = details["maximum"]?.double ?? .infinity
    return lower <= upper ? lower...upper : -.infinity ... .infinity
  }
}
