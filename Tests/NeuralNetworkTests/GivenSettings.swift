import NeuralNetwork

/// Settings from a dictionary; what is not in it has its default, and what has no default is 3.
struct GivenSettings: Settings {
  struct OutOfRange: Error {
    let name: String
  }

  enum Value: Sendable {
    case numbers([Double])
    case word(String)
    case words([String])
    case flag(Bool)
    case branches([[any LayerDescription]])

    static func layers(_ layers: [any LayerDescription]) -> Value { .branches([layers]) }
  }

  var values: [String: Value] = [:]

  init(_ values: [String: Value] = [:]) {
    self.values = values
  }

  init(numbers: [String: Double]) {
    values = numbers.mapValues { .numbers([$0]) }
  }

  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int {
    try integers(name, in: range, count: 1...1, default: [fallback ?? 3])[0]
  }

  func number(
    _ name: String, in range: ClosedRange<Double>, default fallback: Double?
  ) throws -> Double {
    try numbers(name, in: range, count: 1...1, default: [fallback ?? 3])[0]
  }

  func choice(_ name: String, of choices: [String], default fallback: String?) throws -> String {
    guard case .word(let word) = values[name] else { return fallback ?? choices[0] }
    guard choices.contains(word) else { throw OutOfRange(name: name) }
    return word
  }

  func flag(_ name: String, default fallback: Bool?) throws -> Bool {
    guard case .flag(let flag) = values[name] else { return fallback ?? false }
    return flag
  }

  func text(_ name: String, default fallback: String?) throws -> String {
    guard case .word(let text) = values[name] else { return fallback ?? "" }
    return text
  }

  func words(
    _ name: String, of choices: [String], count: ClosedRange<Int>, default fallback: [String]?
  ) throws -> [String] {
    guard case .words(let words) = values[name] else { return fallback ?? [] }
    guard count.contains(words.count), words.allSatisfy(choices.contains) else {
      throw OutOfRange(name: name)
    }
    return words
  }

  func integers(
    _ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>, default fallback: [Int]?
  ) throws -> [Int] {
    let bounds = Double(range.lowerBound)...Double(range.upperBound)
    let numbers = try numbers(
      name, in: bounds, count: count, default: fallback.map { $0.map { Double($0) } })
    return numbers.map { Int($0) }
  }

  func numbers(
    _ name: String, in range: ClosedRange<Double>, count: ClosedRange<Int>,
    default fallback: [Double]?
  ) throws -> [Double] {
    guard case .numbers(let numbers) = values[name] else { return fallback ?? [3] }
    guard count.contains(numbers.count), numbers.allSatisfy({ range.contains($0) }) else {
      throw OutOfRange(name: name)
    }
    return numbers
  }

  func layers(
    _ name: String, default fallback: [any LayerDescription]?
  ) throws -> [any LayerDescription] {
    guard case .branches(let branches) = values[name] else { return fallback ?? [] }
    return branches.flatMap { $0 }
  }

  func branches(_ name: String) throws -> [[any LayerDescription]] {
    guard case .branches(let branches) = values[name] else { return [[]] }
    return branches
  }
}

extension GivenSettings.Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  init(integerLiteral value: Int) { self = .numbers([Double(value)]) }
  init(floatLiteral value: Double) { self = .numbers([value]) }
  init(stringLiteral value: String) { self = .word(value) }
  init(booleanLiteral value: Bool) { self = .flag(value) }
  init(arrayLiteral elements: Double...) { self = .numbers(elements) }
}
