import JSONText
import OperatingSystem

/// `run.json`: the facts about a run that do not change.
public struct RunManifest: Sendable, Equatable {
  public static let schema: Int64 = 1
  private static let layersMax = 10_000

  public var name: String
  /// Seconds since 1970.
  public var created: Double
  /// Version of nntop that made it; empty for a run of another program.
  public var version: String
  /// The program that trains, when it is not nntop's own engine.
  public var engine: String?
  public var arguments: [String]
  public var seed: UInt64
  public var threads: Int
  public var host: String
  /// The experiment with all its defaults filled in.
  public var experiment: JSON
  public var parent: Parent?
  /// The layers in their order, a layer of several weights by each of them; empty when the run does
  /// not tell.
  public var layers: [Layer]
  /// What may be asked of the run.
  public var declares: [Declaration]

  /// A layer as it is when the run begins.
  public struct Layer: Sendable, Equatable {
    /// As in the tags of its numbers: "linear1".
    public var name: String
    /// Of its weight: [outputs, inputs, …]; empty without one.
    public var shape: [Int]

    public init(name: String, shape: [Int]) {
      self.name = name
      self.shape = shape
    }
  }

  /// The run and step that this one branched from.
  public struct Parent: Sendable, Equatable {
    public var run: String
    public var step: Int64

    public init(run: String, step: Int64) {
      self.run = run
      self.step = step
    }
  }

  /// A command that the run obeys, with what bounds it.
  public struct Declaration: Sendable, Equatable {
    public var command: String
    public var details: JSON

    public init(command: String, details: JSON = .object([])) {
      self.command = command
      self.details = details
    }
  }

  public init(
    name: String, created: Double, version: String, engine: String? = nil, arguments: [String],
    seed: UInt64, threads: Int, host: String, experiment: JSON, parent: Parent? = nil,
    layers: [Layer] = [], declares: [Declaration]
  ) {
    self.name = name
    self.created = created
    self.version = version
    self.engine = engine
    self.arguments = arguments
    self.seed = seed
    self.threads = threads
    self.host = host
    self.experiment = experiment
    self.parent = parent
    self.layers = layers
    self.declares = declares
  }

  public var json: JSON {
    var result: JSON = [
      "schema": .integer(Self.schema), "name": .string(name), "created": .number(created),
      "nntop": .string(version), "argv": .array(arguments.map { .string($0) }),
      "seed": .integer(Int64(clamping: seed)), "threads": .integer(Int64(threads)),
      "host": .string(host),
      "experiment": experiment,
    ]
    result["engine"] = engine.map { .string($0) }
    if let parent {
      result["parent"] = ["run": .string(parent.run), "step": .integer(parent.step)]
    }
    if !layers.isEmpty { result["layers"] = .array(layers.map(\.json)) }
    result["declares"] = .array(
      declares.map { declaration in
        var one: JSON = ["command": .string(declaration.command)]
        for member in declaration.details.members ?? [] { one[member.name] = member.value }
        return one
      })
    return result
  }

  /// Reads a manifest; the error says which field is missing or wrong, and where.
  public init(_ node: JSONNode) throws(JSONError) {
    func required<Value>(
      _ field: String, _ kind: String, _ value: (JSONNode) -> Value?
    ) throws(JSONError) -> Value {
      guard let found = node[field] else { throw node.error("\"\(field)\" is missing") }
      guard let result = value(found) else {
        throw found.error("\"\(field)\" must be \(kind), found \(found.kindName)")
      }
      return result
    }
    let schema = try required("schema", "an integer") { $0.integer }
    guard schema == Self.schema else {
      throw node.error("schema \(schema) is not known to this version, which reads \(Self.schema)")
    }
    name = try required("name", "a string") { $0.string }
    created = try required("created", "a number") { $0.double }
    version = node["nntop"]?.string ?? ""
    engine = node["engine"]?.string
    arguments = (node["argv"]?.array ?? []).compactMap(\.string)
    // Programs whose numbers do not depend on them need not know them.
    seed =
      node["seed"] == nil
      ? 0 : try required("seed", "an integer from 0") { $0.integer.flatMap { UInt64(exactly: $0) } }
    threads =
      node["threads"] == nil
      ? 1 : Int(clamping: try required("threads", "an integer") { $0.integer })
    host = node["host"]?.string ?? ""
    experiment =
      node["experiment"] == nil
      ? [:] : try required("experiment", "an object") { $0.members == nil ? nil : $0.json }
    if let run = node["parent"]?["run"]?.string, let step = node["parent"]?["step"]?.integer {
      parent = Parent(run: run, step: step)
    }
    layers = (node["layers"]?.array ?? []).prefix(Self.layersMax).compactMap(Layer.init)
    declares = (node["declares"]?.array ?? []).compactMap { one in
      guard let command = one["command"]?.string else { return nil }
      let details = (one.json.members ?? []).filter { $0.name != "command" }
      return Declaration(command: command, details: .object(details))
    }
  }
}

extension RunManifest {
  /// The learning-rate schedules that the run takes while it goes on.
  public var scheduleKinds: [String] {
    let details = declares.first { $0.command == "schedule" }?.details
    return (details?["kinds"]?.array ?? []).compactMap(\.string)
  }
}

extension RunManifest.Layer {
  var json: JSON {
    var result: JSON = ["name": .string(name)]
    if !shape.isEmpty { result["shape"] = .array(shape.map { .integer(Int64($0)) }) }
    return result
  }

  /// nil for what does not describe a layer.
  init?(_ node: JSONNode) {
    let axesMax = 16
    let extents = (node["shape"]?.array ?? []).map { $0.integer.flatMap { Int(exactly: $0) } }
    let shape = extents.compactMap { $0 }
    guard let name = node["name"]?.string, shape.count == extents.count, shape.count <= axesMax,
      shape.allSatisfy({ $0 >= 0 })
    else { return nil }
    self.init(name: name, shape: shape)
  }
}
