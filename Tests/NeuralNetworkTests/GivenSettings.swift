import NeuralNetwork

/// Settings from a dictionary; what is not in it has its default, and what has no default is 3.
struct GivenSettings: Settings {
  struct OutOfRange: Error {
    let name: String
  }

  var numbers: [String: Double] = [:]

  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int {
    let value = numbers[name].map { Int($0) } ?? fallback ?? 3
    guard range.contains(value) else { throw OutOfRange(name: name) }
    return value
  }

  func number(
    _ name: String, in range: ClosedRange<Double>, default fallback: Double?
  ) throws -> Double {
    let value = numbers[name] ?? fallback ?? 3
    guard range.contains(value) else { throw OutOfRange(name: name) }
    return value
  }

  func choice(_ name: String, of choices: [String], default fallback: String?) throws -> String {
    fallback ?? choices[0]
  }
}
