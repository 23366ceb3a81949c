import JSONText
import Testing

@testable import NeuralNetwork

/// Settings as an experiment file would have them, without its messages.
struct JSONSettings: Settings {
  struct Mistake: Error {
    let name: String
  }

  let json: JSON

  init(_ json: JSON = .object([])) {
    self.json = json
  }

  var kind: String { json["kind"]?.string ?? "" }

  private func value<Value>(_ name: String, _ fallback: Value?, _ read: (JSON) -> Value?) throws
    -> Value
  {
    guard let found = json[name].map(read) ?? fallback else { throw Mistake(name: name) }
    return found
  }

  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int {
    let integer = try value(name, fallback) { $0.integer.map { Int($0) } }
    guard range.contains(integer) else { throw Mistake(name: name) }
    return integer
  }

  func number(
    _ name: String, in range: ClosedRange<Double>, default fallback: Double?
  ) throws -> Double {
    let number = try value(name, fallback, \.double)
    guard range.contains(number) else { throw Mistake(name: name) }
    return number
  }

  func choice(_ name: String, of choices: [String], default fallback: String?) throws -> String {
    let choice = try value(name, fallback, \.string)
    guard choices.contains(choice) else { throw Mistake(name: name) }
    return choice
  }

  func flag(_ name: String, default fallback: Bool?) throws -> Bool {
    try value(name, fallback, \.boolean)
  }

  func text(_ name: String, default fallback: String?) throws -> String {
    try value(name, fallback, \.string)
  }

  func words(
    _ name: String, of choices: [String], count: ClosedRange<Int>, default fallback: [String]?
  ) throws -> [String] {
    let words = try value(name, fallback) { json in json.array.map { $0.compactMap(\.string) } }
    guard count.contains(words.count), words.allSatisfy(choices.contains) else {
      throw Mistake(name: name)
    }
    return words
  }

  func integers(
    _ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>, default fallback: [Int]?
  ) throws -> [Int] {
    let integers = try value(name, fallback) { json in
      json.integer.map { [Int($0)] } ?? json.numbers.map { Int($0) }
    }
    guard integers.allSatisfy(range.contains), count.contains(integers.count) else {
      throw Mistake(name: name)
    }
    return integers
  }

  func numbers(
    _ name: String, in range: ClosedRange<Double>, count: ClosedRange<Int>,
    default fallback: [Double]?
  ) throws -> [Double] {
    let numbers = try value(name, fallback, \.numbers)
    guard numbers.allSatisfy(range.contains), count.contains(numbers.count) else {
      throw Mistake(name: name)
    }
    return numbers
  }

  func layers(
    _ name: String, default fallback: [any LayerDescription]?
  ) throws -> [any LayerDescription] {
    guard let list = json[name]?.array else { return try value(name, fallback) { _ in nil } }
    return try list.map { try JSONSettings($0).layer() }
  }

  func branches(_ name: String) throws -> [[any LayerDescription]] {
    guard let lists = json[name]?.array else { throw Mistake(name: name) }
    return try lists.map { list in
      try (list.array ?? []).map { try JSONSettings($0).layer() }
    }
  }

  /// The layer that these are the settings of.
  func layer() throws -> any LayerDescription {
    let type = LayerCatalogue.all.first { $0.kind == kind }
    return try #require(type, "no layer is called \(kind)").init(self)
  }

  func loss() throws -> any LossDescription {
    let type = LossCatalogue.all.first { $0.kind == kind }
    return try #require(type, "no loss is called \(kind)").init(self)
  }

  func optimizer() throws -> any OptimizerDescription {
    let type = OptimizerCatalogue.all.first { $0.kind == kind }
    return try #require(type, "no optimizer is called \(kind)").init(self)
  }

  func schedule() throws -> any LearningRateSchedule {
    let type = LearningRateScheduleCatalogue.all.first { $0.kind == kind }
    return try #require(type, "no schedule is called \(kind)").init(self)
  }
}
