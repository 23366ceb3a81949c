import JSONText

/// What follows a command: options by name and the rest in order.
struct Arguments {
  private(set) var positional: [String] = []
  private var values: [String: [String]] = [:]

  /// An option of a command.
  struct Option: Sendable {
    /// Without the dashes.
    let name: String
    /// A single letter, where there is one.
    var letter: Character?
    /// What its value is called in the help; nil for a flag.
    var value: String?
    let help: String

    init(_ name: String, letter: Character? = nil, value: String? = nil, _ help: String) {
      self.name = name
      self.letter = letter
      self.value = value
      self.help = help
    }
  }

  /// - Throws: `UsageError` that names the nearest option when one is unknown.
  init(_ arguments: [String], options: [Option], command: String) throws {
    var rest = arguments[...]
    var onlyPositional = false
    while let argument = rest.popFirst() {
      if onlyPositional || !argument.hasPrefix("-") || argument == "-" || Self.isNumber(argument) {
        positional.append(argument)
      } else if argument == "--" {
        onlyPositional = true
      } else {
        try take(argument, &rest, options, command)
      }
    }
  }

  private mutating func take(
    _ argument: String, _ rest: inout ArraySlice<String>, _ options: [Option],
    _ command: String
  ) throws {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let isLong = argument.hasPrefix("--")
    let name = String(parts[0].dropFirst(isLong ? 2 : 1))
    let found = options.first {
      isLong ? $0.name == name : $0.letter.map { String($0) == name } ?? false
    }
    guard let option = found else {
      let near = NearestName.of(name, among: options.map(\.name) + ["help"])
      throw UsageError(
        "\(parts[0]) is no option of \(command)"
          + (near.map { "; did you mean --\($0)?" } ?? "; see \(command) --help"))
    }
    if option.value == nil {
      guard parts.count == 1 else { throw UsageError("--\(option.name) takes no value") }
      values[option.name, default: []].append("")
    } else if parts.count == 2 {
      values[option.name, default: []].append(String(parts[1]))
    } else if let next = rest.popFirst() {
      values[option.name, default: []].append(next)
    } else {
      throw UsageError("--\(option.name) needs a value: \(option.value ?? "")")
    }
  }

  private static func isNumber(_ argument: String) -> Bool { Double(argument) != nil }

  func has(_ name: String) -> Bool { values[name] != nil }

  func last(_ name: String) -> String? { values[name]?.last }

  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// A number in a range, or nil when the option is not given.
  func number(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let text = last(name) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw UsageError(
        "--\(name) \(text): expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// One of some words, or nil when the option is not given.
  func choice(_ name: String, of choices: [String]) throws -> String? {
    guard let text = last(name) else { return nil }
    guard choices.contains(text) else {
      throw UsageError("--\(name) \(text): expected \(choices.joined(separator: ", "))")
    }
    return text
  }

  /// The positional arguments when there are as many as the command takes.
  func positional(_ range: ClosedRange<Int>, _ usage: String) throws -> [String] {
    guard range.contains(positional.count) else {
      throw UsageError("usage: \(usage)")
    }
    return positional
  }
}
