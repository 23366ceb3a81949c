/// Unicode scalars, as a pattern's `[a-z]` names them.
struct ScalarSet: Equatable, Sendable {
  var ranges: [ClosedRange<UInt32>] = []
  /// Whether it is all the others.
  var isNegated = false

  static let any = ScalarSet(isNegated: true)
  static let digit = ScalarSet(ranges: [0x30...0x39])
  static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  static let blank = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20, 0xA0...0xA0])

  static func only(_ scalar: Unicode.Scalar) -> ScalarSet {
    ScalarSet(ranges: [scalar.value...scalar.value])
  }

  /// The set that `\d` and the like name; nil when the letter names none.
  static func named(_ letter: Character) -> ScalarSet? {
    switch letter {
    case "d": digit
    case "w": word
    case "s": blank
    case "D": digit.inverted
    case "W": word.inverted
    case "S": blank.inverted
    default: nil
    }
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar.value) } != isNegated
  }

  /// Whether one of a scalar's forms is named; of a negated set, none.
  func contains(_ forms: [Unicode.Scalar]) -> Bool {
    forms.contains { form in ranges.contains { $0.contains(form.value) } } != isNegated
  }

  /// The ranges of all scalars that are in the set, negation resolved.
  var plainRanges: [ClosedRange<UInt32>] {
    guard isNegated else { return ranges }
    var gaps: [ClosedRange<UInt32>] = []
    var start: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > start { gaps.append(start...(range.lowerBound - 1)) }
      start = max(start, range.upperBound + 1)
    }
    if start <= Self.scalarMax { gaps.append(start...Self.scalarMax) }
    return gaps
  }

  private static let scalarMax: UInt32 = 0x10FFFF

  private var inverted: ScalarSet {
    ScalarSet(ranges: ranges, isNegated: !isNegated)
  }
}
