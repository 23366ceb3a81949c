import JSONText
import OperatingSystem
import RunLog

/// An experiment as written: a tree of JSON with the fields that the command line overrides.
public struct ExperimentText: Sendable {
  /// Name of the file, for messages.
  public let source: String
  /// The directory that relative data files are looked for in.
  public let directory: String
  let root: JSONNode
  let overriddenFields: Set<String>
  /// Stands before its fields where they are typed: "experiment." of a part.
  private var prefix = ""

  private static let sizeMax = 4 << 20

  /// Reads a file.
  public static func read(
    _ path: String, overrides: [String] = [], files: any FileSystem
  ) throws -> ExperimentText {
    let bytes = try files.contents(of: path, limit: sizeMax + 1)
    guard bytes.count <= sizeMax else {
      throw ExperimentError(place: path, problem: "larger than \(sizeMax) bytes: no experiment")
    }
    return try ExperimentText(
      source: path, directory: Path.parent(of: path), bytes: bytes, overrides: overrides)
  }

  /// The experiment that runs when none is given.
  public static func builtIn(overrides: [String] = []) throws -> ExperimentText {
    try ExperimentText(
      source: "the built-in experiment", directory: ".",
      bytes: Array(DefaultExperiment.text.utf8), overrides: overrides)
  }

  /// A search that needs no file.
  public static func of(
    _ search: BuiltInSearches.Search, overrides: [String] = []
  ) throws -> ExperimentText {
    try ExperimentText(
      source: search.name, directory: ".", bytes: Array(search.text.utf8), overrides: overrides)
  }

  /// An experiment that a manifest recorded, all defaults filled in.
  public static func recorded(
    _ experiment: JSON, source: String, overrides: [String] = []
  ) throws -> ExperimentText {
    try ExperimentText(
      source: source, directory: "/", bytes: experiment.utf8(), overrides: overrides)
  }

  /// The experiment of a run, to be trained anew.
  /// - Throws: one line, when the directory holds no run of nntop's engine.
  public static func of(
    _ run: RunDirectory, overrides: [String], files: any FileSystem
  ) throws -> ExperimentText {
    guard let manifest = try run.readManifest(files), manifest.engine == nil,
      !SearchCreation.isSearch(manifest)
    else {
      throw ExperimentError(
        place: run.path, problem: "is a directory without an experiment of nntop")
    }
    return try recorded(
      manifest.experiment, source: run.manifestPath, overrides: overrides)
  }

  /// An object within, as an experiment of its own; an empty one when it is not given.
  func part(_ name: String, _ node: JSONNode?, at position: JSONPosition) throws -> ExperimentText {
    if let node, node.members == nil {
      throw ExperimentError(
        place: place(of: name, node.position), field: name,
        problem: "found \(node.kindName), expected an object {…}")
    }
    let prefix = name + "."
    var part = ExperimentText(
      source: source, directory: directory,
      root: node ?? JSONNode(kind: .object([]), position: position),
      overriddenFields: Set(
        overriddenFields.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    )
    part.prefix = self.prefix + prefix
    return part
  }

  private init(
    source: String, directory: String, root: JSONNode, overriddenFields: Set<String>
  ) {
    self.source = source
    self.directory = directory
    self.root = root
    self.overriddenFields = overriddenFields
  }

  /// - Parameter overrides: "dotted.path=value" each; a value that is no JSON is taken as text.
  init(source: String, directory: String, bytes: [UInt8], overrides: [String]) throws {
    var root: JSONNode
    do throws(JSONError) {
      root = try JSONReader(options: .configuration).read(bytes)
    } catch {
      throw ExperimentError(
        place: "\(source):\(error.position.line)",
        problem: "\(error.reason) (column \(error.position.column))")
    }
    guard root.members != nil else {
      throw ExperimentError(
        place: "\(source):\(root.position.line)",
        problem: "an experiment is an object {…}, found \(root.kindName)")
    }
    var fields: Set<String> = []
    for override in overrides {
      guard let equals = override.firstIndex(of: "="), equals > override.startIndex else {
        throw ExperimentError(
          place: "--set \(override)", problem: "expected key=value, such as epochs=5")
      }
      let path = String(override[..<equals])
      let text = String(override[override.index(after: equals)...])
      root = try Self.setting(
        path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...],
        in: root, to: Self.value(text, at: root.position), override: override)
      fields.insert(path)
    }
    self.source = source
    self.directory = directory
    self.root = root
    overriddenFields = fields
  }

  /// The directory that a path in a field is relative to: that of the file, or for what was typed
  /// on the command line the present one.
  func directory(of field: String) -> String {
    overriddenFields.contains(field) ? "." : directory
  }

  /// Where a field stands, for messages.
  func place(of field: String, _ position: JSONPosition) -> String {
    var path = field
    while true {
      if overriddenFields.contains(path) { return "--set \(prefix)\(path)" }
      guard let dot = path.lastIndex(of: ".") else { return "\(source):\(position.line)" }
      path = String(path[..<dot])
    }
  }

  private static func value(_ text: String, at position: JSONPosition) -> JSONNode {
    do throws(JSONError) {
      return try JSONReader(options: .configuration).read(text)
    } catch {
      return JSONNode(kind: .string(text), position: position)
    }
  }

  private static func setting(
    _ path: ArraySlice<String>, in node: JSONNode, to value: JSONNode, override: String
  ) throws -> JSONNode {
    guard let name = path.first else { return value }
    if let index = Int(name) {
      guard var elements = node.array, elements.indices.contains(index) else {
        let found =
          node.array.map { "the list has \($0.count), from 0" }
          ?? "there is no list of the experiment's own"
        throw ExperimentError(
          place: "--set \(override)", problem: "there is no element \(index); \(found)")
      }
      elements[index] = try setting(
        path.dropFirst(), in: elements[index], to: value, override: override)
      return JSONNode(kind: .array(elements), position: node.position)
    }
    guard var members = node.members else {
      throw ExperimentError(
        place: "--set \(override)",
        problem: "there is no field \"\(name)\" in \(node.kindName)")
    }
    let empty = JSONNode(kind: .object([]), position: node.position)
    let index = members.firstIndex { $0.name == name }
    let inner = index.map { members[$0].node } ?? empty
    let changed = JSONNode.Member(
      name: name, namePosition: index.map { members[$0].namePosition } ?? node.position,
      node: try setting(path.dropFirst(), in: inner, to: value, override: override))
    if let index { members[index] = changed } else { members.append(changed) }
    return JSONNode(kind: .object(members), position: node.position)
  }
}
