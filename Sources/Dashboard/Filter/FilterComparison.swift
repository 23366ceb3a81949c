/// A column's value beside one that was typed.
struct FilterComparison: Equatable, Sendable {
  enum Operator: String, CaseIterable, Sendable {
    // Longer ones first: the parser takes the first that fits.
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case equalTwice = "=="
    case notEqual = "!="
    case greater = ">"
    case less = "<"
    case equal = "="
    case contains = ":"

    /// Whether words can stand on its right side, too.
    var takesWords: Bool {
      switch self {
      case .equal, .equalTwice, .notEqual, .contains: true
      default: false
      }
    }
  }

  let column: String
  let comparison: Operator
  /// Lower-case.
  let word: String
  /// What `word` is as a number; nil when it is none or stood in quotes.
  let number: Double?

  /// Fractions that differ by less than this share are equal: most were Floats once.
  private static let tolerance = 1e-7

  /// Whether it holds for a row, of which number and word are asked for only where they matter.
  func matches(number value: () -> Double?, word text: () -> String?) -> Bool {
    if comparison == .contains, let value = text() { return matches(word: value) }
    if let number, let value = value() { return compares(value, number) }
    guard comparison.takesWords, let value = text() else { return false }
    return matches(word: value)
  }

  /// Whether it holds for a number of its column; false when it compares with a word.
  func matches(number value: Double) -> Bool {
    number.map { compares(value, $0) } ?? false
  }

  /// Whether it holds for a word of its column.
  func matches(word value: String) -> Bool {
    switch comparison {
    case .contains: ByteSearch.finds(Array(word.utf8), in: Array(value.lowercased().utf8))
    default: comparison.takesWords && (value.lowercased() == word) == (comparison != .notEqual)
    }
  }

  private func compares(_ value: Double, _ number: Double) -> Bool {
    if number.isNaN {
      switch comparison {
      case .notEqual: return !value.isNaN
      case .equal, .equalTwice, .contains: return value.isNaN
      default: return false
      }
    }
    if value.isNaN { return false }
    switch comparison {
    case .greaterOrEqual: return value >= number || areEqual(value, number)
    case .lessOrEqual: return value <= number || areEqual(value, number)
    case .greater: return value > number && !areEqual(value, number)
    case .less: return value < number && !areEqual(value, number)
    case .notEqual: return !areEqual(value, number)
    case .equal, .equalTwice, .contains: return areEqual(value, number)
    }
  }

  private func areEqual(_ a: Double, _ b: Double) -> Bool {
    if a == b { return true }
    guard a.isFinite, b.isFinite, a != a.rounded() || b != b.rounded() else { return false }
    return (a - b).magnitude <= Self.tolerance * max(a.magnitude, b.magnitude)
  }
}
