/// Reads tables: a line of names above lines of numbers, as fastai, skorch and ultralytics print
/// them, and boxes of names beside numbers, as stable-baselines3 does.
struct TextTables: Sendable {
  /// The columns' names.
  private var header: [Int32] = []
  /// What a box said so far: its step may come last.
  private var box: [(key: Int32, token: TextToken)] = []
  private var section: [UInt8] = []

  private static let columnsMin = 2
  private static let columnsMax = 200
  private static let rowsMax = 1000
  private static let bar = UInt8(ascii: "|")

  mutating func removeAll() {
    (header, box, section) = ([], [], [])
  }

  /// Reads the scanner's line into its reading, if the line is a table's.
  mutating func read(_ scanner: inout TextScanner) -> Bool {
    guard let first = scanner.text.first(where: { !TextByte.isBlank($0) }) else { return false }
    if first == UInt8(ascii: "-"), !box.isEmpty, Self.isRule(scanner.text) {
      scanner.reading.removeAll()
      endBox(&scanner)
      return true
    }
    let isBarred = first == Self.bar
    if isBarred, takeBox(&scanner) { return true }
    (box, section) = ([], [])
    if !header.isEmpty, isBarred || TextByte.isDigit(first), takeRow(&scanner) { return true }
    if isBarred || TextByte.isLetter(first) { noteHeader(&scanner) }
    return false
  }

  private static func isRule(_ text: [UInt8]) -> Bool {
    text.allSatisfy { $0 == UInt8(ascii: "-") || TextByte.isBlank($0) }
  }

  /// The cells of a line: between bars where it begins with one, else between blanks.
  private static func cells(_ text: [UInt8]) -> [Range<Int>] {
    let isBarred = text.first { !TextByte.isBlank($0) } == bar
    let pieces = text.split(maxSplits: columnsMax + 1) {
      isBarred ? $0 == bar : TextByte.isBlank($0)
    }
    return pieces.map { piece in
      let start = piece.firstIndex { !TextByte.isBlank($0) } ?? piece.startIndex
      let end = (piece.lastIndex { !TextByte.isBlank($0) } ?? start - 1) + 1
      return start..<end
    }.filter { !isBarred || !$0.isEmpty }
  }

  // MARK: - Names above numbers

  private mutating func noteHeader(_ scanner: inout TextScanner) {
    let text = scanner.text
    // The first name counts something: most lines are seen to be no header by that.
    let start = text.firstIndex { TextByte.isLetter($0) } ?? text.count
    var end = start
    while TextByte.isWordByte(text.byte(end)) { end += 1 }
    let sizeMax = 20
    let next = text[end...].firstIndex { !TextByte.isBlank($0) && $0 != Self.bar } ?? text.count
    guard TextByte.isLetter(text.byte(next)), end > start, end - start <= sizeMax,
      Self.counter(text[start..<end]) != nil
    else { return }
    let cells = Self.cells(text)
    guard Self.columnsMin...Self.columnsMax ~= cells.count,
      cells.allSatisfy({ TextByte.isLetter(text[$0.lowerBound]) && !Self.hasSeparator(text[$0]) })
    else { return }
    let names = cells.compactMap { scanner.keys.number(of: text[$0].map(TextByte.lowercased)) }
    guard names.count == cells.count, names.contains(where: { scanner.keys[$0].isMetric }) else {
      return
    }
    header = names
  }

  private static func counter(_ name: ArraySlice<UInt8>) -> TextReading.Counter? {
    TextNames.counter(String(decoding: name.map(TextByte.lowercased), as: UTF8.self))
  }

  private static func hasSeparator(_ cell: ArraySlice<UInt8>) -> Bool {
    cell.contains { $0 == 58 || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ",") }
  }

  private mutating func takeRow(_ scanner: inout TextScanner) -> Bool {
    let text = scanner.text
    var row: [(key: Int32, token: TextToken, total: Int64?)] = []
    for (column, cell) in Self.cells(text).enumerated() {
      guard column < header.count else { return false }
      let isLast = text[cell].last == 58
      guard let found = Self.value(text, isLast ? cell.dropLast() : cell) else { return false }
      if let token = found.token { row.append((header[column], token, found.total)) }
      // ultralytics prints a bar behind the last column's colon.
      if isLast && column + 1 == header.count { break }
      if isLast { return false }
    }
    guard let first = row.first, first.key == header[0], first.token.integer != nil,
      row.count > 1
    else { return false }
    scanner.reading.removeAll()
    for (key, token, total) in row { Self.add(token, total, key, &scanner) }
    scanner.reading.isKnown = true
    return true
  }

  /// The number in a cell; no token for what has none, nil when it is something else.
  private static func value(
    _ text: [UInt8], _ cell: Range<Int>
  ) -> (token: TextToken?, total: Int64?)? {
    let content = Array(text[cell])
    let cellSizeMax = 64
    guard content.count <= cellSizeMax, !content.isEmpty else { return nil }
    if content == [UInt8(ascii: "-")] || TextTime.clockEnd(content, 0) == content.count {
      return (nil, nil)
    }
    if let value = TextRecord.notFinite(content) { return (TextToken(value: value), nil) }
    guard let number = TextNumber(content, at: 0) else { return nil }
    if content.byte(number.end) == UInt8(ascii: "/"),
      let total = TextNumber(content, at: number.end + 1), total.end == content.count
    {
      return (TextToken(value: number.value, integer: number.integer), total.integer)
    }
    let unitSizeMax = 4
    guard content.count - number.end <= unitSizeMax,
      content[number.end...].allSatisfy({ TextByte.isLetter($0) || $0 == UInt8(ascii: "%") })
    else { return nil }
    let hasUnit = number.end < content.count
    return (
      TextToken(
        value: number.value, integer: hasUnit ? nil : number.integer, hasUnit: hasUnit), nil
    )
  }

  private static func add(
    _ token: TextToken, _ total: Int64?, _ key: Int32, _ scanner: inout TextScanner
  ) {
    if let counter = scanner.keys[key].counter, let integer = token.integer {
      return scanner.reading.add(counter, integer, of: total)
    }
    scanner.reading.add(
      TextReading.Value(
        key: key, part: nil, nearPart: nil, isSecond: false, isScore: false,
        number: token.value))
  }

  // MARK: - Names beside numbers

  /// Takes `| name | number |`, or `| section/ | |`, whose name stands before those that follow.
  private mutating func takeBox(_ scanner: inout TextScanner) -> Bool {
    let text = scanner.text
    let cells = Self.cells(text)
    guard let name = cells.first, TextByte.isLetter(text[name.lowerBound]), box.count < Self.rowsMax
    else { return false }
    if cells.count == 1, text[name].last == UInt8(ascii: "/") {
      section = Array(text[name])
      scanner.reading.removeAll()
      return true
    }
    let sizeMax = TextKeys.nameSizeMax
    guard cells.count == 2, section.count + name.count <= sizeMax,
      text[name].allSatisfy({ $0 != UInt8(ascii: " ") }),
      let token = Self.value(text, cells[1])?.token
    else { return false }
    let isCounter = Self.counter(text[name]) != nil
    let whole = isCounter ? Array(text[name]) : section + text[name]
    guard let key = scanner.keys.number(of: whole) else { return false }
    box.append((key, token))
    scanner.reading.removeAll()
    return true
  }

  private mutating func endBox(_ scanner: inout TextScanner) {
    for (key, token) in box { Self.add(token, nil, key, &scanner) }
    (box, section) = ([], [])
  }
}
