/// Reads what stands between the slashes of a filter's `/pattern/`.
struct FilterPatternParser {
  private let characters: [Character]
  private let offset: Int
  private var index = 0
  private var depth = 0

  private static let repetitionsMax = 100

  init(_ characters: [Character], offset: Int) {
    self.characters = characters
    self.offset = offset
  }

  mutating func root() throws(RowFilterError) -> FilterPatternNode {
    let node = try alternatives()
    guard current == nil else { throw error("there is no ( before this )") }
    return node
  }

  private mutating func alternatives() throws(RowFilterError) -> FilterPatternNode {
    var nodes = [try sequence()]
    while current == "|" {
      index += 1
      nodes.append(try sequence())
    }
    return nodes.count == 1 ? nodes[0] : FilterPatternNode(.alternatives(nodes))
  }

  private mutating func sequence() throws(RowFilterError) -> FilterPatternNode {
    var nodes: [FilterPatternNode] = []
    while let character = current, character != "|", character != ")" {
      let start = index
      let node = try item()
      nodes.append(try repeated(node, from: start))
    }
    return FilterPatternNode(.sequence(nodes))
  }

  private mutating func item() throws(RowFilterError) -> FilterPatternNode {
    guard let character = current else { throw error("something is missing at the end") }
    index += 1
    switch character {
    case ".": return FilterPatternNode(.set(.any))
    case "^": return FilterPatternNode(.assertion(.start))
    case "$": return FilterPatternNode(.assertion(.end))
    case "(": return try group()
    case "[": return FilterPatternNode(.set(try characterClass()))
    case "\\": return try escape()
    case "*", "+", "?":
      throw error("there is nothing that \(character) could repeat", at: index - 1)
    default: return Self.literal(character)
    }
  }

  private static func literal(_ character: Character) -> FilterPatternNode {
    FilterPatternNode(
      .sequence(character.unicodeScalars.map { FilterPatternNode(.set(.only($0))) }))
  }

  private mutating func group() throws(RowFilterError) -> FilterPatternNode {
    let start = index - 1
    guard depth < FilterPattern.depthMax else {
      throw error("more than \(FilterPattern.depthMax) groups within each other", at: start)
    }
    depth += 1
    defer { depth -= 1 }
    if current == "?" {
      guard index + 1 < characters.count, characters[index + 1] == ":" else {
        throw error("of the groups with (? only (?: is known", at: start)
      }
      index += 2
    }
    let node = try alternatives()
    guard current == ")" else { throw error("this ( has no )", at: start) }
    index += 1
    return node
  }

  // MARK: - Repetition

  private mutating func repeated(
    _ node: FilterPatternNode, from start: Int
  ) throws(RowFilterError) -> FilterPatternNode {
    let quantifier = index
    guard let (least, most) = try takeRepetition() else { return node }
    // A lazy one fits the same texts.
    if current == "?" { index += 1 }
    let end = index
    guard try takeRepetition() == nil else {
      throw error("only one of * + ? {…} can follow another character", at: end)
    }
    if let most, most < least { throw error("the numbers are in the wrong order", at: quantifier) }
    return FilterPatternNode(.repeated(node, least: least, most: most))
  }

  private mutating func takeRepetition() throws(RowFilterError) -> (least: Int, most: Int?)? {
    switch current {
    case "*":
      index += 1
      return (0, nil)
    case "+":
      index += 1
      return (1, nil)
    case "?":
      index += 1
      return (0, 1)
    case "{": return try takeBraces()
    default: return nil
    }
  }

  /// `{2}`, `{2,}`, `{2,5}`; any other brace is a plain character.
  private mutating func takeBraces() throws(RowFilterError) -> (least: Int, most: Int?)? {
    let start = index
    index += 1
    let least = takeNumber()
    var most = least
    if current == "," {
      index += 1
      most = takeNumber()
    }
    guard let least, current == "}" else {
      index = start
      return nil
    }
    index += 1
    guard max(least, most ?? 0) <= Self.repetitionsMax else {
      throw error("more than \(Self.repetitionsMax) repetitions", at: start)
    }
    return (least, most)
  }

  /// Larger numbers than are allowed are all the same one.
  private mutating func takeNumber() -> Int? {
    var number: Int?
    while let digit = current?.wholeNumberValue, current?.isASCII == true {
      number = min((number ?? 0) * 10 + digit, Self.repetitionsMax + 1)
      index += 1
    }
    return number
  }

  // MARK: - Characters

  private mutating func escape() throws(RowFilterError) -> FilterPatternNode {
    guard let letter = current else { throw error("something is missing after \\") }
    index += 1
    if let set = ScalarSet.named(letter) { return FilterPatternNode(.set(set)) }
    switch letter {
    case "b": return FilterPatternNode(.assertion(.wordBoundary))
    case "B": return FilterPatternNode(.assertion(.noWordBoundary))
    default: return Self.literal(try plain(letter))
    }
  }

  /// The character that an escaped one stands for.
  private func plain(_ letter: Character) throws(RowFilterError) -> Character {
    switch letter {
    case "t": return "\t"
    case "n": return "\n"
    default:
      guard !letter.isASCII || !(letter.isLetter || letter.isNumber) else {
        throw error("\\\(letter) is not known", at: index - 2)
      }
      return letter
    }
  }

  /// `[a-z]` from behind its bracket; a `]` or `-` that comes first is plain.
  private mutating func characterClass() throws(RowFilterError) -> ScalarSet {
    let start = index - 1
    var set = ScalarSet()
    if current == "^" {
      set.isNegated = true
      index += 1
    }
    let first = index
    while let character = current, character != "]" || index == first {
      index += 1
      if character == "\\", let letter = current, let named = ScalarSet.named(letter) {
        index += 1
        set.ranges += named.plainRanges
        continue
      }
      let low = try classMember(character)
      guard current == "-", index + 1 < characters.count, characters[index + 1] != "]" else {
        set.ranges += low.unicodeScalars.map { $0.value...$0.value }
        continue
      }
      index += 1
      set.ranges.append(try range(from: low))
    }
    guard current == "]" else { throw error("this [ has no ]", at: start) }
    index += 1
    return set
  }

  private mutating func range(
    from low: Character
  ) throws(RowFilterError) -> ClosedRange<UInt32> {
    let start = index
    guard let character = current else { throw error("something is missing at the end") }
    index += 1
    let high = try classMember(character)
    guard let lower = low.unicodeScalars.first?.value,
      let upper = high.unicodeScalars.last?.value, lower <= upper
    else { throw error("a range goes from the smaller to the larger character", at: start) }
    return lower...upper
  }

  private mutating func classMember(
    _ character: Character
  ) throws(RowFilterError) -> Character {
    guard character == "\\" else { return character }
    guard let letter = current else { throw error("something is missing after \\") }
    index += 1
    return try plain(letter)
  }

  private var current: Character? {
    index < characters.count ? characters[index] : nil
  }

  private func error(_ message: String, at position: Int? = nil) -> RowFilterError {
    RowFilterError(offset: offset + (position ?? index), message: message)
  }
}
