/// A regular expression whose time is linear in the text's length, whatever somebody types.
///
/// Swift's own Regex takes seconds for `(a+)+b` on sixteen letters, and is not Sendable. This one
/// keeps a set of states instead of going back (Thompson, "Regular expression search algorithm",
/// CACM 11, 1968). It knows `.`, `[a-z]`, `[^a-z]`, `\d \w \s` and their capitals, `\t`, `^ $ \b
/// \B`, groups, `|`, and `* + ? {2} {2,} {2,5}`; groups capture nothing.
struct FilterPattern: Equatable, Sendable {
  /// How much of a text is searched, in Unicode scalars.
  static let subjectMax = 2048
  /// The longest pattern, its repetitions written out.
  static let instructionsMax = 500
  /// How many groups may stand within each other.
  static let depthMax = 16

  enum Instruction: Equatable, Sendable {
    /// Goes on behind a scalar of the set.
    case scalar(ScalarSet)
    /// Goes on at both.
    case split(Int, Int)
    case jump(Int)
    /// Goes on where it holds.
    case assertion(Assertion)
    case match
  }

  enum Assertion: Equatable, Sendable {
    case start, end, wordBoundary, noWordBoundary
  }

  let instructions: [Instruction]
  let ignoresCase: Bool

  /// - Parameters:
  ///   - characters: what stands between the slashes.
  ///   - offset: of the first of them in the filter, for errors.
  init(
    _ characters: ArraySlice<Character>, ignoresCase: Bool, offset: Int
  ) throws(RowFilterError) {
    var parser = FilterPatternParser(Array(characters), offset: offset)
    let root = try parser.root()
    guard root.size < Self.instructionsMax else {
      throw RowFilterError(offset: offset, message: "the pattern is too long")
    }
    var instructions: [Instruction] = []
    root.append(to: &instructions)
    instructions.append(.match)
    self.instructions = instructions
    self.ignoresCase = ignoresCase
  }

  /// Whether the pattern fits somewhere in the text.
  func matches(_ text: String) -> Bool {
    var search = PatternSearch(pattern: self, text: text)
    return search.succeeds()
  }
}

/// One search: the set of instructions that are reached, text position by text position.
private struct PatternSearch {
  private let pattern: FilterPattern
  private let scalars: [Unicode.Scalar]
  private let isCut: Bool
  /// The instructions that wait for the scalar at the position, and those for the one after it.
  private var waiting: [Int] = []
  private var next: [Int] = []
  /// For each instruction, the newest position at which it was reached.
  private var reachedAt: [Int]
  private var open: [Int] = []

  init(pattern: FilterPattern, text: String) {
    self.pattern = pattern
    let prefix = text.unicodeScalars.prefix(FilterPattern.subjectMax)
    scalars = Array(prefix)
    isCut = prefix.endIndex != text.unicodeScalars.endIndex
    reachedAt = Array(repeating: -1, count: pattern.instructions.count)
  }

  mutating func succeeds() -> Bool {
    for position in 0...scalars.count {
      // The pattern may start anywhere.
      if reaches(0, at: position) { return true }
      guard position < scalars.count else { return false }
      swap(&waiting, &next)
      next.removeAll(keepingCapacity: true)
      let forms = self.forms(of: scalars[position])
      for index in waiting {
        guard case .scalar(let set) = pattern.instructions[index], set.contains(forms)
        else { continue }
        if reaches(index + 1, at: position + 1) { return true }
      }
    }
    return false
  }

  /// Follows everything that takes no scalar.
  /// - Returns: whether the pattern's end is reached.
  private mutating func reaches(_ start: Int, at position: Int) -> Bool {
    open.append(start)
    while let index = open.popLast() {
      if reachedAt[index] == position { continue }
      reachedAt[index] = position
      switch pattern.instructions[index] {
      case .match: return true
      case .scalar: next.append(index)
      case .jump(let target): open.append(target)
      case .split(let first, let second):
        open.append(first)
        open.append(second)
      case .assertion(let assertion):
        if holds(assertion, at: position) { open.append(index + 1) }
      }
    }
    return false
  }

  private func holds(_ assertion: FilterPattern.Assertion, at position: Int) -> Bool {
    switch assertion {
    case .start: return position == 0
    case .end: return position == scalars.count && !isCut
    case .wordBoundary, .noWordBoundary:
      let before = position > 0 && ScalarSet.word.contains(scalars[position - 1])
      let after = position < scalars.count && ScalarSet.word.contains(scalars[position])
      return (before != after) == (assertion == .wordBoundary)
    }
  }

  private func forms(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    guard pattern.ignoresCase else { return [scalar] }
    let properties = scalar.properties
    let mappings = [properties.lowercaseMapping, properties.uppercaseMapping]
    return [scalar]
      + mappings.compactMap { $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first : nil }
  }
}
