import JSONText
import RunLog

/// What the values of logged JSON mean.
enum LoggedValue {
  /// The number that a value stands for; nil for all that is no metric. Clients write what is no
  /// finite number as a token or as a string.
  static func number(_ node: JSONNode) -> Double? {
    switch node.kind {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }

  /// Calls `body` with the numbers in a value, named by the names that lead to them. Objects with
  /// a "_type" are pictures, tables and the like. The reader of the JSON has limited its depth.
  static func forEachNumber(
    in node: JSONNode, named name: String, separator: String,
    _ body: (String, Double) -> Void
  ) {
    if let number = number(node) { body(name, number) }
    guard let members = node.members, node["_type"] == nil else { return }
    for member in members {
      let inner = name.isEmpty ? member.name : name + separator + member.name
      forEachNumber(in: member.node, named: inner, separator: separator, body)
    }
  }

  /// The settings in a value, named likewise; a list is one setting. What begins with "_" is the
  /// client's own.
  static func hyperparameters(
    in node: JSONNode, named name: String = "", separator: String
  ) -> [Hyperparameter] {
    guard let members = node.members else {
      return node.isNull ? [] : [Hyperparameter(name: name, value: setting(node))]
    }
    return members.flatMap { member -> [Hyperparameter] in
      guard !member.name.hasPrefix("_") else { return [] }
      let inner = name.isEmpty ? member.name : name + separator + member.name
      return hyperparameters(in: member.node, named: inner, separator: separator)
    }
  }

  private static func setting(_ node: JSONNode) -> JSON {
    guard node.array != nil else { return node.json }
    return .string(node.json.text(nonFinite: .token))
  }

  /// The setting that Python wrote as text.
  static func setting(_ text: String) -> JSON {
    switch text {
    case "True": return true
    case "False": return false
    default: break
    }
    let numeric = Set("0123456789+-.eE".utf8)
    let sizeMax = 40
    guard !text.isEmpty, text.utf8.count <= sizeMax, text.utf8.allSatisfy(numeric.contains) else {
      return .string(text)
    }
    if let integer = Int64(text) { return .integer(integer) }
    if let number = Double(text), number.isFinite { return .number(number) }
    return .string(text)
  }
}
