import JSONText
import NeuralNetwork

/// One object of an experiment file while it is read: checks each field as it is asked for,
/// remembers the values with their defaults, and finds the fields that nobody asked for.
final class ExperimentObject: Settings {
  let text: ExperimentText
  let path: String
  let node: JSONNode?
  let position: JSONPosition
  /// The fields as they hold, defaults filled in.
  private(set) var resolved: JSON = .object([])
  private var asked: Set<String> = []

  /// - Parameter node: nil for an object that is not given: all its fields take their defaults.
  init(_ text: ExperimentText, path: String, node: JSONNode?, position: JSONPosition) throws {
    self.text = text
    self.path = path
    self.node = node
    self.position = node?.position ?? position
    if let node, node.members == nil {
      throw ExperimentError(
        place: text.place(of: path, node.position), field: path,
        problem: "found \(node.kindName), expected an object {…}")
    }
  }

  /// An object, or a string that stands for `{"kind": string}`.
  convenience init(
    _ text: ExperimentText, path: String, kindOrObject node: JSONNode?, position: JSONPosition
  ) throws {
    guard let node, node.string != nil else {
      try self.init(text, path: path, node: node, position: position)
      return
    }
    let kind = JSONNode.Member(name: "kind", namePosition: node.position, node: node)
    try self.init(
      text, path: path, node: JSONNode(kind: .object([kind]), position: node.position),
      position: position)
  }

  convenience init(root text: ExperimentText) throws {
    try self.init(text, path: "", node: text.root, position: text.root.position)
  }

  /// The field's value as written; nil when it is not given.
  func field(_ name: String) -> JSONNode? {
    asked.insert(name)
    return node?[name]
  }

  func fieldPath(_ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// An object within this one.
  func object(_ name: String) throws -> ExperimentObject {
    try ExperimentObject(text, path: fieldPath(name), node: field(name), position: position)
  }

  /// An object within this one, which may be given by its kind alone.
  func objectOrKind(_ name: String) throws -> ExperimentObject {
    try ExperimentObject(
      text, path: fieldPath(name), kindOrObject: field(name), position: position)
  }

  /// What one of the kinds in a list makes of the object that names it, with all its settings.
  func described<Kind, Description>(
    among kinds: [Kind], named: (Kind) -> String, default fallback: String? = nil,
    make: (Kind, ExperimentObject) throws -> Description
  ) throws -> Description {
    let chosen = try choice("kind", of: kinds.map(named), default: fallback)
    guard let kind = kinds.first(where: { named($0) == chosen }) else {
      preconditionFailure("a kind that was offered is in the list")
    }
    let result = try make(kind, self)
    try finish()
    return result
  }

  func record(_ name: String, _ value: JSON) {
    resolved[name] = value
  }

  func error(_ name: String, _ problem: String) -> ExperimentError {
    let place = node?[name]?.position ?? position
    return ExperimentError(
      place: text.place(of: fieldPath(name), place), field: fieldPath(name), problem: problem)
  }

  func integer(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int?
  ) throws -> Int {
    let allowed = "an integer from \(range.lowerBound) to \(range.upperBound)"
    return try read(name, fallback, expected: allowed) {
      guard let value = $0.integer, let number = Int(exactly: value), range.contains(number)
      else { return nil }
      return number
    } as: {
      .integer(Int64($0))
    }
  }

  func number(
    _ name: String, in range: ClosedRange<Double>, default fallback: Double?
  ) throws -> Double {
    let bounds =
      "\(JSON.number(range.lowerBound).text()) to \(JSON.number(range.upperBound).text())"
    return try read(name, fallback, expected: "a number from " + bounds) {
      guard let value = $0.double, range.contains(value) else { return nil }
      return value
    } as: {
      .number($0)
    }
  }

  func choice(_ name: String, of choices: [String], default fallback: String?) throws -> String {
    let allowed = "one of " + Self.shown(choices, near: node?[name]?.string)
    return try read(name, fallback, expected: allowed) {
      guard let value = $0.string, choices.contains(value) else { return nil }
      return value
    } as: {
      .string($0)
    }
  }

  /// The choices, and the one that was meant when a word is near it.
  private static func shown(_ choices: [String], near word: String?) -> String {
    let shownMax = 12
    var shown = choices.prefix(shownMax).map { "\"\($0)\"" }.joined(separator: ", ")
    if choices.count > shownMax { shown += ", …; nntop methods lists all" }
    if let word, let near = NearestName.of(word, among: choices) {
      shown += "; did you mean \"\(near)\"?"
    }
    return shown
  }

  func text(_ name: String, default fallback: String?) throws -> String {
    try read(name, fallback, expected: "a string") {
      $0.string
    } as: {
      .string($0)
    }
  }

  func words(
    _ name: String, of choices: [String], count: ClosedRange<Int>, default fallback: [String]?
  ) throws -> [String] {
    let given = (field(name)?.array ?? []).compactMap(\.string)
    let unknown = given.first { !choices.contains($0) }
    let allowed =
      "\(count.words) in a list, out of " + Self.shown(choices, near: unknown)
    return try read(name, fallback, expected: allowed) { node in
      guard let list = node.array else { return nil }
      let words = list.compactMap(\.string).filter(choices.contains)
      return words.count == list.count && count.contains(words.count) ? words : nil
    } as: {
      .array($0.map { .string($0) })
    }
  }

  func flag(_ name: String, default fallback: Bool?) throws -> Bool {
    try read(name, fallback, expected: "true or false") {
      $0.boolean
    } as: {
      .boolean($0)
    }
  }

  func integers(
    _ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>, default fallback: [Int]?
  ) throws -> [Int] {
    let allowed =
      "integers from \(range.lowerBound) to \(range.upperBound), \(count.words) in a list"
    return try read(name, fallback, expected: allowed) { node in
      let values = (node.array ?? [node]).map { $0.integer.flatMap { Int(exactly: $0) } }
      let found = values.compactMap { $0 }
      guard found.count == values.count, count.contains(found.count),
        found.allSatisfy(range.contains)
      else { return nil }
      return found
    } as: {
      $0.count == 1 ? .integer(Int64($0[0])) : .array($0.map { .integer(Int64($0)) })
    }
  }

  func numbers(
    _ name: String, in range: ClosedRange<Double>, count: ClosedRange<Int>,
    default fallback: [Double]?
  ) throws -> [Double] {
    let allowed =
      "numbers from \(JSON.number(range.lowerBound).text()) to "
      + "\(JSON.number(range.upperBound).text()), \(count.words) in a list"
    return try read(name, fallback, expected: allowed) { node in
      let values = (node.array ?? [node]).map(\.double)
      let found = values.compactMap { $0 }
      guard found.count == values.count, count.contains(found.count),
        found.allSatisfy(range.contains)
      else { return nil }
      return found
    } as: {
      $0.count == 1 ? .number($0[0]) : .array($0.map { .number($0) })
    }
  }

  private func read<Value>(
    _ name: String, _ fallback: Value?, expected: String, _ value: (JSONNode) -> Value?,
    as json: (Value) -> JSON
  ) throws -> Value {
    guard let found = field(name) else {
      guard let fallback else {
        let others = (node?.members ?? []).map(\.name).filter { !asked.contains($0) }
        let near = NearestName.of(name, among: others).map { "; did you mean it by \"\($0)\"?" }
        throw error(name, "is missing; expected \(expected)" + (near ?? ""))
      }
      record(name, json(fallback))
      return fallback
    }
    guard let result = value(found) else {
      throw error(name, "found \(shown(found)), expected \(expected)")
    }
    record(name, json(result))
    return result
  }

  private func shown(_ node: JSONNode) -> String {
    let charactersMax = 40
    let text = node.json.text()
    return text.count <= charactersMax ? text : node.kindName
  }

  /// Call when all fields have been asked for: any other is a mistake.
  func finish() throws {
    for member in node?.members ?? [] where !asked.contains(member.name) {
      let nearest = NearestName.of(member.name, among: asked.sorted())
      // An object that the file does not have came with the field that was set in it.
      let set = text.overriddenFields.first { $0.hasPrefix(fieldPath(member.name) + ".") }
      throw ExperimentError(
        place: set.map { "--set \($0)" }
          ?? text.place(of: fieldPath(member.name), member.namePosition),
        field: fieldPath(member.name),
        problem: "unknown field"
          + (nearest.map { "; did you mean \"\($0)\"?" }
            ?? (asked.isEmpty
              ? "; none is known here" : "; known are \(asked.sorted().joined(separator: ", "))"))
      )
    }
  }
}

extension ClosedRange<Int> {
  /// "2 to 3", "1 or more"
  fileprivate var words: String {
    if lowerBound == upperBound { return "\(lowerBound)" }
    let countMax = 1_000_000
    return upperBound >= countMax ? "\(lowerBound) or more" : "\(lowerBound) to \(upperBound)"
  }
}
