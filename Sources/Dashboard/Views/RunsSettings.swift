import JSONText
import RunModel
import TerminalUI

/// The hyper-parameters of a run by dotted names, such as `optimizer.learningRate`.
struct RunsSettings {
  private(set) var names: [String] = []
  private(set) var values: [String: JSON] = [:]

  private static let countMax = 500
  private static let depthMax = 16

  init(_ run: Run) {
    if let manifest = run.manifest {
      add("", manifest.experiment, depth: 0)
      set("seed", Int64(exactly: manifest.seed).map { .integer($0) } ?? .string("\(manifest.seed)"))
    } else {
      for one in run.hyperparameters { add(one.name, one.value, depth: 0) }
    }
  }

  private mutating func add(_ name: String, _ value: JSON, depth: Int) {
    let prefix = name.isEmpty ? "" : name + "."
    if let members = value.members, depth < Self.depthMax {
      for member in members { add(prefix + member.name, member.value, depth: depth + 1) }
    } else if let elements = value.array, depth < Self.depthMax,
      elements.contains(where: { $0.members != nil })
    {
      for (index, element) in elements.enumerated() {
        add(prefix + "\(index)", element, depth: depth + 1)
      }
    } else if value.array?.isEmpty != true {
      set(name, value)
    }
  }

  private mutating func set(_ name: String, _ value: JSON) {
    if values[name] == nil {
      guard names.count < Self.countMax else { return }
      names.append(name)
    }
    values[name] = value
  }

  /// A value as it is read; what is missing is a dash.
  static func text(_ value: JSON?) -> String {
    let digits = 7
    let lengthMax = 200
    switch value {
    case nil: return "–"
    case .integer(let number)?: return NumberText.grouped(Int(clamping: number))
    case .number(let number)?: return NumberText.significant(number, digits: digits)
    case .string(let text)?: return SafeText.cleaned(text, maxLength: lengthMax)
    case .array(let elements)?:
      return SafeText.cleaned(
        elements.prefix(lengthMax).map { text($0) }.joined(separator: " "), maxLength: lengthMax)
    case let other?: return SafeText.cleaned(other.text(), maxLength: lengthMax)
    }
  }

  static func areEqual(_ one: JSON?, _ other: JSON?) -> Bool {
    if let one = one?.double, let other = other?.double {
      return one == other || one.isNaN && other.isNaN
    }
    return one == other
  }
}
