/// Swift source with blanks in place of comments and the text of strings, so that what is left can
/// be searched for code. Every byte stays at its place.
struct SwiftCode {
  private let source: [UInt8]
  private var code: [UInt8]
  private var position = 0

  static func only(_ text: String) -> [UInt8] {
    var scanner = SwiftCode(source: Array(text.utf8))
    scanner.skipCode(untilParenthesis: false)
    return scanner.code
  }

  private init(source: [UInt8]) {
    self.source = source
    code = source
  }

  private func sees(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { source[position...].starts(with: $0) }
  }

  private mutating func blank(_ count: Int) {
    for _ in 0..<count where position < source.count {
      if source[position] != UInt8(ascii: "\n") { code[position] = UInt8(ascii: " ") }
      position += 1
    }
  }

  private mutating func skipCode(untilParenthesis: Bool) {
    var depth = 0
    while position < source.count {
      if sees("//") {
        while position < source.count && source[position] != UInt8(ascii: "\n") { blank(1) }
      } else if sees("/*") {
        while position < source.count && !sees("*/") { blank(1) }
        blank(2)
      } else if sees("\"") || sees("#\"") || sees("##\"") {
        skipString()
      } else {
        if sees("(") { depth += 1 }
        if sees(")") { depth -= 1 }
        position += 1
        if untilParenthesis && depth == 0 { return }
      }
    }
  }

  private mutating func skipString() {
    var hashes = 0
    while sees("#") {
      hashes += 1
      blank(1)
    }
    let quotes = sees("\"\"\"") ? 3 : 1
    // What closes the string is left as it is: a value may be called or unwrapped behind it.
    blank(quotes)
    let marks = [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
    let end = [UInt8](repeating: UInt8(ascii: "\""), count: quotes) + marks
    let escape = [UInt8(ascii: "\\")] + marks
    while position < source.count {
      if source[position...].starts(with: end) {
        position += end.count
        return
      }
      if source[position...].starts(with: escape) {
        blank(escape.count)
        if sees("(") { skipCode(untilParenthesis: true) } else { blank(1) }
      } else {
        blank(1)
      }
    }
  }
}
