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

extension RunManifest.Declaration {
  /// From `minimum` to `maximum`, as far as they are given.
  public var bounds: ClosedRange<Double> {
    let lower = details["minimum"]?.double ?? -.infinity
    let upper = details["maximum"]?.double ?? .infinity
    return lower <= upper ? lower...upper : -.infinity ... .infinity
  }
}
