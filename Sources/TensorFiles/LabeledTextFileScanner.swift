/// Cuts a text into records and their fields, by RFC 4180: a field in quotes may hold separators,
/// line ends and doubled quotes. Empty lines are left out.
struct LabeledTextFileScanner {
  /// More columns than any table has; bounds what one line without an end can take.
  static let columnsMax = 1_000_000

  /// A field's bytes, without its quotes.
  struct Field {
    var bytes: Range<Int>
    var hasDoubledQuotes: Bool
  }
  /// The fields of the present record.
  private(set) var fields: [Field] = []

  private let bytes: [UInt8]
  private let path: String
  private let separator: UInt8
  private var position: Int
  private var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  init(_ bytes: [UInt8], path: String) throws(TensorFileError) {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw TensorFileError(
        path: path, problem: "it is UTF-16 text, only UTF-8 can be read",
        advice: "save it as UTF-8")
    }
    self.bytes = bytes
    self.path = path
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    separator = Self.separator(bytes[position...])
  }

  /// A tab or a semicolon in the first line separates, since commas then are decimal or in texts.
  private static func separator(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    let tab = UInt8(ascii: "\t")
    let semicolon = UInt8(ascii: ";")
    var (isQuoted, isBlank, hasSemicolon) = (false, true, false)
    for byte in bytes {
      if byte == quote { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == tab { return tab }
      if byte == newline && !isBlank { break }
      hasSemicolon = hasSemicolon || byte == semicolon
      isBlank = isBlank && (byte == newline || byte == carriageReturn)
    }
    return hasSemicolon ? semicolon : UInt8(ascii: ",")
  }

  /// Goes to the next record.
  /// - Returns: the line in which it begins; nil at the end.
  mutating func next() throws(TensorFileError) -> Int? {
    skipEmptyLines()
    guard position < bytes.count else { return nil }
    let first = line
    fields.removeAll(keepingCapacity: true)
    while true {
      guard fields.count < Self.columnsMax else {
        throw TensorFileError(
          path: "\(path):\(first)", problem: "more than \(Self.columnsMax) columns",
          advice: "is it a table?")
      }
      try appendField()
      guard position < bytes.count else { return first }
      let end = bytes[position]
      position += 1
      if end == separator { continue }
      // Only a separator or the end of the line stops a field.
      if end == Self.carriageReturn, position < bytes.count, bytes[position] == Self.newline {
        position += 1
      }
      line += 1
      return first
    }
  }

  /// A field of the present record as text, without the spaces around it.
  func text(_ index: Int) -> String {
    let field = fields[index]
    var range = field.bytes
    while let first = range.first, isSpace(bytes[first]) { range = (first + 1)..<range.upperBound }
    while let last = range.last, isSpace(bytes[last]) { range = range.lowerBound..<last }
    guard field.hasDoubledQuotes else { return String(decoding: bytes[range], as: UTF8.self) }
    var text: [UInt8] = []
    var place = range.lowerBound
    while place < range.upperBound {
      text.append(bytes[place])
      place += bytes[place] == Self.quote ? 2 : 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func skipEmptyLines() {
    var place = position
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == Self.newline {
        line += 1
        position = place
      } else if byte == Self.carriageReturn {
        position = place
      } else if byte != UInt8(ascii: " ") {
        return
      }
    }
    position = bytes.count
  }

  private mutating func appendField() throws(TensorFileError) {
    var start = position
    while start < bytes.count, isSpace(bytes[start]) { start += 1 }
    if start < bytes.count, bytes[start] == Self.quote {
      position = start + 1
      try appendQuotedField()
      return
    }
    start = position
    while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
    fields.append(Field(bytes: start..<position, hasDoubledQuotes: false))
  }

  private mutating func appendQuotedField() throws(TensorFileError) {
    let (start, firstLine) = (position, line)
    var hasDoubledQuotes = false
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == Self.newline { line += 1 }
      guard byte == Self.quote else { continue }
      if position < bytes.count, bytes[position] == Self.quote {
        hasDoubledQuotes = true
        position += 1
        continue
      }
      fields.append(Field(bytes: start..<(position - 1), hasDoubledQuotes: hasDoubledQuotes))
      while position < bytes.count, isSpace(bytes[position]) { position += 1 }
      guard position == bytes.count || isEnd(bytes[position]) else {
        throw TensorFileError(
          path: "\(path):\(line)", problem: "text follows a closing quote",
          advice: "double the quotes within quotes")
      }
      return
    }
    throw TensorFileError(
      path: "\(path):\(firstLine)", problem: "a quote is not closed", advice: "close it")
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") && separator != UInt8(ascii: "\t")
  }

  private func isEnd(_ byte: UInt8) -> Bool {
    byte == separator || byte == Self.newline || byte == Self.carriageReturn
  }
}
