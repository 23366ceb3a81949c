/// The walk over the bytes of one JSON text. `JSONScanner+Strings` and `JSONScanner+Numbers` hold
/// the two hard tokens.
///
/// No byte is read without `index < count`; lines change only in blanks and comments, because
/// strings cannot hold raw control characters.
struct JSONScanner {
  let base: UnsafePointer<UInt8>
  let count: Int
  let options: JSONReader.Options
  let depthMax: Int
  var index: Int
  /// Where the current line stands, to tell columns without walking back.
  var line = 1
  var lineStart: Int
  /// UTF-8 continuation bytes of the current line before `index`: they are no columns.
  var continuationBytes = 0

  /// - Parameter text: not empty.
  init(_ text: UnsafeBufferPointer<UInt8>, options: JSONReader.Options) {
    guard let base = text.baseAddress else { preconditionFailure("an empty text has no bytes") }
    self.base = base
    count = text.count
    self.options = options
    depthMax = min(options.depthMax, JSONReader.depthMaxCeiling)
    index = Self.hasByteOrderMark(text) ? 3 : 0
    lineStart = index
  }

  static func hasByteOrderMark(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
  }

  mutating func readText() throws(JSONError) -> JSONNode {
    try skipBlanks()
    let node = try readValue(depth: 0)
    try skipBlanks()
    guard index == count else { throw unexpected("the end of the text") }
    return node
  }

  /// The byte at `index`; 0 at the end, which is no token either.
  @inline(__always)
  var byte: UInt8 { index < count ? base[index] : 0 }

  /// The position of `index`, between tokens.
  @inline(__always)
  var position: JSONPosition {
    JSONPosition(
      line: line, column: index &- lineStart &- continuationBytes &+ 1, offset: index)
  }

  // MARK: Values

  private mutating func readValue(depth: Int) throws(JSONError) -> JSONNode {
    let start = position
    switch byte {
    case UInt8(ascii: "\""):
      return JSONNode(kind: .string(try readString()), position: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      return JSONNode(kind: try readNumber(), position: start)
    case UInt8(ascii: "{"):
      return JSONNode(kind: .object(try readMembers(depth: depth + 1)), position: start)
    case UInt8(ascii: "["):
      return JSONNode(kind: .array(try readElements(depth: depth + 1)), position: start)
    default:
      return JSONNode(kind: try readWord(), position: start)
    }
  }

  private mutating func readWord() throws(JSONError) -> JSONNode.Kind {
    if skipWord("null") { return .null }
    if skipWord("true") { return .boolean(true) }
    if skipWord("false") { return .boolean(false) }
    if options.allowsNonFinite {
      if skipWord("NaN") { return .number(.nan) }
      if skipWord("Infinity") { return .number(.infinity) }
    }
    throw unexpected("a value")
  }

  /// Skips the word if it stands here and ends here.
  mutating func skipWord(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard count - index >= length else { return false }
    for position in 0..<length where base[index + position] != word.utf8Start[position] {
      return false
    }
    if count - index > length, Self.isWordByte(base[index + length]) { return false }
    index += length
    return true
  }

  private mutating func readElements(depth: Int) throws(JSONError) -> [JSONNode] {
    try enter(depth: depth)
    var nodes: [JSONNode] = []
    if byte == UInt8(ascii: "]") {
      index += 1
      return nodes
    }
    while true {
      nodes.append(try readValue(depth: depth))
      if try !skipSeparator(closing: UInt8(ascii: "]"), expected: "a ',' or ']'") { return nodes }
    }
  }

  private mutating func readMembers(depth: Int) throws(JSONError) -> [JSONNode.Member] {
    try enter(depth: depth)
    if byte == UInt8(ascii: "}") {
      index += 1
      return []
    }
    var names = JSONNameIndex()
    var members: [JSONNode.Member] = []
    members.reserveCapacity(4)
    while true {
      let namePosition = position
      guard byte == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
      let name = try readString()
      let earlier = names.insert(name, at: members.count, in: members)
      if earlier != nil, options.duplicateNames == .rejected {
        throw JSONError(
          position: namePosition, reason: "the name \(Self.quoted(name)) appears twice")
      }
      try skipBlanks()
      guard byte == UInt8(ascii: ":") else { throw unexpected("a ':'") }
      index += 1
      try skipBlanks()
      let member = JSONNode.Member(
        name: name, namePosition: namePosition, node: try readValue(depth: depth))
      if let earlier { members[earlier] = member } else { members.append(member) }
      if try !skipSeparator(closing: UInt8(ascii: "}"), expected: "a ',' or '}'") {
        return members
      }
    }
  }

  /// Steps over the opening bracket at `index` and the blanks after it.
  private mutating func enter(depth: Int) throws(JSONError) {
    guard depth <= depthMax else {
      throw JSONError(position: position, reason: "nested deeper than \(depthMax) levels")
    }
    index += 1
    try skipBlanks()
  }

  /// Steps over what follows an element. Returns false after the closing bracket.
  @inline(__always)
  private mutating func skipSeparator(
    closing: UInt8, expected: StaticString
  ) throws(JSONError) -> Bool {
    try skipBlanks()
    if byte == UInt8(ascii: ",") {
      index += 1
      try skipBlanks()
      guard options.allowsTrailingCommas, byte == closing else { return true }
    }
    guard byte == closing else { throw unexpected("\(expected)") }
    index += 1
    return false
  }

  // MARK: Blanks and comments

  @inline(__always)
  mutating func skipBlanks() throws(JSONError) {
    if index < count, base[index] > UInt8(ascii: " "), base[index] != UInt8(ascii: "/") { return }
    try skipBlankRun()
  }

  private mutating func skipBlankRun() throws(JSONError) {
    while index < count {
      switch base[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        index += 1
      case UInt8(ascii: "\n"):
        endLine()
      case UInt8(ascii: "/"):
        guard options.allowsComments else { return }
        try skipComment()
      default:
        return
      }
    }
  }

  private mutating func endLine() {
    index += 1
    line += 1
    lineStart = index
    continuationBytes = 0
  }

  private mutating func skipComment() throws(JSONError) {
    let start = index
    let second = index + 1 < count ? base[index + 1] : 0
    guard second == UInt8(ascii: "/") || second == UInt8(ascii: "*") else {
      throw unexpected("a value or a comment")
    }
    index += 2
    while index < count {
      let byte = base[index]
      if byte == UInt8(ascii: "\n") {
        if second == UInt8(ascii: "/") { return }
        endLine()
        continue
      }
      if byte & 0xC0 == 0x80 { continuationBytes += 1 }
      index += 1
      if byte == UInt8(ascii: "*"), second == UInt8(ascii: "*"), self.byte == UInt8(ascii: "/") {
        index += 1
        return
      }
    }
    if second == UInt8(ascii: "*") { throw error(at: start, "a comment is never closed") }
  }

  // MARK: Complaints

  /// The exact position of any byte, inside tokens too; walks the text once.
  func error(at offset: Int, _ reason: String) -> JSONError {
    JSONError(
      position: JSONPosition(
        offset: offset, in: UnsafeBufferPointer(start: base, count: count)),
      reason: reason)
  }

  /// "`expected` was expected, found …" at `index`.
  func unexpected(_ expected: String) -> JSONError {
    error(at: index, "\(expected) was expected, found \(found(at: index))")
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// What stands at the offset, safe to show on a terminal.
  func found(at offset: Int) -> String {
    guard offset < count else { return "the end of the text" }
    var end = offset
    let wordLengthMax = 24
    while end < count, end - offset < wordLengthMax, Self.isWordByte(base[end]) { end += 1 }
    if end > offset {
      let word = UnsafeBufferPointer(start: base + offset, count: end - offset)
      return "'\(String(decoding: word, as: UTF8.self))'"
    }
    let rest = UnsafeBufferPointer(start: base + offset, count: min(4, count - offset))
    var iterator = rest.makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
      return "the byte 0x\(Self.hexadecimal(UInt32(base[offset]), digits: 2))"
    }
    return Self.isShown(scalar)
      ? "'\(scalar)'" : "U+\(Self.hexadecimal(scalar.value, digits: 4))"
  }

  /// A name from the text for a message: shortened, and nothing a terminal would obey.
  static func quoted(_ name: String) -> String {
    let scalarsMax = 60
    var shown = "'"
    for (count, scalar) in name.unicodeScalars.enumerated() {
      guard count < scalarsMax else {
        shown += "…"
        break
      }
      shown.unicodeScalars.append(isShown(scalar) ? scalar : "\u{FFFD}")
    }
    return shown + "'"
  }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }

  static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
