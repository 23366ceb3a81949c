/// The numbers in a JSON object or a Python dict that stands in a line: strings in either quotes,
/// True and true, None and null, tuples, `tensor(0.5)`. Nested names are joined by "/"; lists hold
/// no metrics.
struct TextRecord {
  /// A number and the names that lead to it.
  struct Member {
    let name: [UInt8]
    let value: Double
    let integer: Int64?
  }

  private(set) var members: [Member] = []
  /// The first byte behind it.
  private(set) var end: Int

  private let text: [UInt8]
  private var name: [UInt8] = []

  private static let depthMax = 64
  private static let membersMax = 10_000
  private static let numberSizeMax = 64

  /// Reads what begins with the brace at `start`; nil when it is something else.
  init?(_ text: [UInt8], at start: Int) {
    self.text = text
    end = start
    guard text.byte(start) == UInt8(ascii: "{"), readObject(depth: 0) else { return nil }
  }

  private var byte: UInt8 { text.byte(end) }

  private mutating func skipBlanks() {
    while TextByte.isBlank(byte) { end += 1 }
  }

  private mutating func take(_ wanted: UInt8) -> Bool {
    skipBlanks()
    guard byte == wanted else { return false }
    end += 1
    return true
  }

  private mutating func readObject(depth: Int) -> Bool {
    guard depth < Self.depthMax, take(UInt8(ascii: "{")) else { return false }
    if take(UInt8(ascii: "}")) { return true }
    repeat {
      skipBlanks()
      // A trailing comma.
      if byte == UInt8(ascii: "}") { break }
      let nameSize = name.count
      if nameSize > 0 { name.append(UInt8(ascii: "/")) }
      guard readName(), take(UInt8(ascii: ":")), readValue(depth: depth, isMember: true) else {
        return false
      }
      name.removeSubrange(nameSize...)
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}"))
  }

  /// A string or an integer: what Python's dicts are indexed by.
  private mutating func readName() -> Bool {
    if let string = readString() {
      name.append(contentsOf: string)
      return true
    }
    guard let number = TextNumber(text, at: end) else { return false }
    name.append(contentsOf: text[end..<number.end])
    end = number.end
    return true
  }

  private mutating func readValue(depth: Int, isMember: Bool) -> Bool {
    skipBlanks()
    switch byte {
    case UInt8(ascii: "{"):
      // What stands in a list has no name of its own.
      let before = members.count
      guard readObject(depth: depth + 1) else { return false }
      if !isMember { members.removeSubrange(before...) }
      return true
    case UInt8(ascii: "["): return readList(UInt8(ascii: "]"), depth)
    case UInt8(ascii: "("): return readList(UInt8(ascii: ")"), depth)
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      guard let string = readString() else { return false }
      if isMember { add(Array(string)) }
      return true
    default: return readPlain(depth, isMember)
    }
  }

  private mutating func readList(_ close: UInt8, _ depth: Int) -> Bool {
    guard depth < Self.depthMax else { return false }
    end += 1
    while !take(close) {
      guard readValue(depth: depth + 1, isMember: false) else { return false }
      if !take(UInt8(ascii: ",")) { return take(close) }
    }
    return true
  }

  /// The bytes between two quotes; nil when there is no string.
  private mutating func readString() -> ArraySlice<UInt8>? {
    let quote = byte
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    let start = end + 1
    var index = start
    while index < text.count, text[index] != quote {
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard index < text.count else { return nil }
    end = index + 1
    return text[start..<index]
  }

  /// A number, or a word that may have parentheses: True, nan, np.float64(0.5).
  private mutating func readPlain(_ depth: Int, _ isMember: Bool) -> Bool {
    let start = end
    while TextByte.isWordByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "+")
    {
      end += 1
    }
    guard end > start else { return false }
    if byte == UInt8(ascii: "("), !TextByte.isDigit(text[start]) {
      return readCall(depth, isMember)
    }
    if isMember, end - start <= Self.numberSizeMax { add(Array(text[start..<end])) }
    return true
  }

  /// The arguments behind a name; the first is the value.
  private mutating func readCall(_ depth: Int, _ isMember: Bool) -> Bool {
    guard depth < Self.depthMax else { return false }
    end += 1
    var isFirst = true
    while !take(UInt8(ascii: ")")) {
      guard readValue(depth: depth + 1, isMember: isMember && isFirst) else { return false }
      if take(UInt8(ascii: "=")) {
        guard readValue(depth: depth + 1, isMember: false) else { return false }
      }
      isFirst = false
      if !take(UInt8(ascii: ",")) { return take(UInt8(ascii: ")")) }
    }
    return true
  }

  /// Adds what some text says, if that is a number.
  private mutating func add(_ value: [UInt8]) {
    guard members.count < Self.membersMax, value.count <= Self.numberSizeMax else { return }
    if let number = TextNumber(value, at: 0), number.end == value.count {
      members.append(Member(name: name, value: number.value, integer: number.integer))
    } else if let number = Self.notFinite(value) {
      members.append(Member(name: name, value: number, integer: nil))
    }
  }

  /// What Python, C and JSON's writers call infinite or no number.
  static func notFinite(_ text: [UInt8]) -> Double? {
    let isNegative = text.first == UInt8(ascii: "-")
    let isSigned = isNegative || text.first == UInt8(ascii: "+")
    switch String(
      decoding: text.dropFirst(isSigned ? 1 : 0).map(TextByte.lowercased), as: UTF8.self)
    {
    case "nan": return .nan
    case "inf", "infinity": return isNegative ? -.infinity : .infinity
    default: return nil
    }
  }
}
