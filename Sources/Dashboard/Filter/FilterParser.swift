/// Reads the filter language; see `RowFilter`.
struct FilterParser {
  private let characters: [Character]
  private let columns: FilterColumns
  private var index = 0
  private var depth = 0

  init(_ text: String, columns: [String]) {
    // One more than allowed, so that `filter` sees what is too long without reading all of it.
    characters = Array(text.prefix(RowFilter.lengthMax + 1))
    self.columns = FilterColumns(names: columns)
  }

  mutating func filter() throws(RowFilterError) -> FilterExpression {
    guard characters.count <= RowFilter.lengthMax else {
      throw error("the filter is longer than \(RowFilter.lengthMax) characters")
    }
    skipBlanks()
    if current == nil { return .everything }
    let expression = try alternatives()
    // Only a parenthesis ends an expression before the text ends.
    guard current == nil else { throw error("there is no ( before this )") }
    return expression
  }

  // MARK: - Expressions

  private mutating func alternatives() throws(RowFilterError) -> FilterExpression {
    var terms = [try conjunction()]
    while takeConnective("or", "||") { terms.append(try conjunction()) }
    return terms.count == 1 ? terms[0] : .any(terms)
  }

  private mutating func conjunction() throws(RowFilterError) -> FilterExpression {
    var terms = [try term()]
    while true {
      skipBlanks()
      if current == nil || current == ")" || isConnective("or", "||") { break }
      // A blank says the same.
      _ = takeConnective("and", "&&")
      terms.append(try term())
    }
    return terms.count == 1 ? terms[0] : .all(terms)
  }

  private mutating func term() throws(RowFilterError) -> FilterExpression {
    var isNegated = false
    while takeNegation() { isNegated.toggle() }
    let expression = try operand()
    return isNegated ? .not(expression) : expression
  }

  private mutating func operand() throws(RowFilterError) -> FilterExpression {
    skipBlanks()
    switch current {
    case nil: throw error("something is missing at the end")
    case "(": return try parenthesized()
    case ")": throw error("something is missing before this )")
    case "/": return .pattern(try pattern())
    default: break
    }
    let start = index
    if isConnective("or", "||") || isConnective("and", "&&") {
      throw error("something is missing before this")
    }
    if let comparison = takeOperator() {
      throw error("a column is missing before \(comparison.rawValue)", at: start)
    }
    let word = current == "\"" ? try quotedText() : takeWord()
    let afterWord = index
    skipBlanks()
    if let comparison = takeOperator() {
      return try self.comparison(of: word, comparison, at: start)
    }
    index = afterWord
    if current == ":", isColumnColon(after: start) {
      index += 1
      return try comparison(of: word, .contains, at: start)
    }
    if current == ":" { return .text(Array((word + takeValue()).lowercased().utf8)) }
    return .text(Array(word.lowercased().utf8))
  }

  private mutating func parenthesized() throws(RowFilterError) -> FilterExpression {
    let start = index
    guard depth < RowFilter.depthMax else {
      throw error("more than \(RowFilter.depthMax) parentheses within each other")
    }
    depth += 1
    defer { depth -= 1 }
    index += 1
    let expression = try alternatives()
    guard current == ")" else { throw error("this ( has no )", at: start) }
    index += 1
    return expression
  }

  // MARK: - Comparisons

  private mutating func comparison(
    of name: String, _ comparison: FilterComparison.Operator, at start: Int
  ) throws(RowFilterError) -> FilterExpression {
    let column = try columns.column(for: name, at: start)
    skipBlanks()
    let valueStart = index
    let isQuoted = current == "\""
    let value = isQuoted ? try quotedText() : takeValue()
    guard isQuoted || !value.isEmpty else {
      throw error("a value is missing after \(comparison.rawValue)")
    }
    let number = isQuoted ? nil : FilterQuantity.value(of: value)
    if !comparison.takesWords {
      guard let number else {
        throw error(
          "\(comparison.rawValue) needs a number, found \(RowFilterError.quoted(value))",
          at: valueStart)
      }
      if number.isNaN { throw error("nan can only be compared by = and !=", at: valueStart) }
    }
    return .comparison(
      FilterComparison(
        column: column, comparison: comparison, word: value.lowercased(), number: number))
  }

  /// Whether the colon at `index` ends a column's name: not in `12:30`, `WARN: …`, `a::b`,
  /// `http://…`.
  private func isColumnColon(after start: Int) -> Bool {
    guard !columns.names.isEmpty, characters[start].isLetter || characters[start] == "\"",
      index + 1 < characters.count
    else { return false }
    let next = characters[index + 1]
    let isAddress =
      next == "/" && index + 2 < characters.count && characters[index + 2] == "/"
    return !Self.endsValue(next) && next != ":" && !isAddress
  }

  /// The operator at `index`, without the colon, which blanks around it make a part of the text.
  private mutating func takeOperator() -> FilterComparison.Operator? {
    let found = FilterComparison.Operator.allCases.first {
      $0 != .contains && starts(with: $0.rawValue)
    }
    if let found { index += found.rawValue.count }
    return found
  }

  // MARK: - Words

  /// Characters up to a blank, a parenthesis, a colon, a connective or an operator.
  private mutating func takeWord() -> String {
    let start = index
    while let character = current, !endsWord(character) { index += 1 }
    return String(characters[start..<index])
  }

  /// Characters up to a blank, a parenthesis or a connective: `12:30` and `a=b` are one value.
  private mutating func takeValue() -> String {
    let start = index
    while let character = current, !Self.endsValue(character), !starts(with: "&&"),
      !starts(with: "||")
    {
      index += 1
    }
    return String(characters[start..<index])
  }

  private func endsWord(_ character: Character) -> Bool {
    switch character {
    case ":", "<", ">", "=": true
    case "!": starts(with: "!=")
    case "&": starts(with: "&&")
    case "|": starts(with: "||")
    default: Self.endsValue(character)
    }
  }

  private static func endsValue(_ character: Character) -> Bool {
    character.isWhitespace || character == "(" || character == ")"
  }

  /// What stands in quotes; within them a backslash makes the next character plain.
  private mutating func quotedText() throws(RowFilterError) -> String {
    let start = index
    var text = ""
    index += 1
    while let character = current, character != "\"" {
      if character == "\\", index + 1 < characters.count { index += 1 }
      text.append(characters[index])
      index += 1
    }
    guard current == "\"" else { throw error("this \" has no second one", at: start) }
    index += 1
    return text
  }

  /// `/pattern/` or `/pattern/i`; within it, `\/` is a slash.
  private mutating func pattern() throws(RowFilterError) -> FilterPattern {
    let start = index
    index += 1
    while let character = current, character != "/" {
      index += character == "\\" && index + 1 < characters.count ? 2 : 1
    }
    guard current == "/" else {
      throw error("this / has no second one; quotes make it plain text", at: start)
    }
    let inner = characters[(start + 1)..<index]
    index += 1
    let flagsStart = index
    let flags = takeValue()
    guard flags.isEmpty || flags == "i" else {
      throw error("only i may follow a /pattern/; quotes make it plain text", at: flagsStart)
    }
    return try FilterPattern(inner, ignoresCase: flags == "i", offset: start + 1)
  }

  // MARK: - Connectives

  private mutating func takeNegation() -> Bool {
    skipBlanks()
    if current == "!", !starts(with: "!=") {
      index += 1
      return true
    }
    guard isKeyword("not") else { return false }
    index += 3
    return true
  }

  private mutating func takeConnective(_ word: String, _ sign: String) -> Bool {
    skipBlanks()
    guard isConnective(word, sign) else { return false }
    index += starts(with: sign) ? sign.count : word.count
    return true
  }

  private func isConnective(_ word: String, _ sign: String) -> Bool {
    starts(with: sign) || isKeyword(word)
  }

  private func isKeyword(_ word: String) -> Bool {
    let end = index + word.count
    guard end <= characters.count, String(characters[index..<end]).lowercased() == word
    else { return false }
    return end == characters.count || Self.endsValue(characters[end])
  }

  // MARK: - Characters

  private var current: Character? {
    index < characters.count ? characters[index] : nil
  }

  private func starts(with text: String) -> Bool {
    characters[index...].starts(with: text)
  }

  private mutating func skipBlanks() {
    while let character = current, character.isWhitespace { index += 1 }
  }

  private func error(_ message: String, at offset: Int? = nil) -> RowFilterError {
    RowFilterError(offset: offset ?? index, message: message)
  }
}
