import JSONText
import RunLog

extension LogFormat {
  /// A table with a header, as the CSV loggers of Lightning, Keras, ultralytics, timm and
  /// stable-baselines3 write it, and everybody's own scripts.
  static let csv = LogFormat(
    name: "csv", title: "CSV table of metrics", recognizes: { CSVParser.recognizes($0) },
    parser: { CSVParser() })
}

/// Reads a table of metrics, a row a record. Cells that hold no number are absent.
struct CSVParser: LogParser {
  private(set) var skipped = SkippedRecords()
  private var records = MetricRecords()
  private var lines = LineCutter()
  private var header: CSVHeader?
  /// The field of each column; -1 where none is.
  private var columns: [Int] = []
  private var stepColumn: Int?
  /// Set when a quote was never closed: from then on a line break ends a record in any case.
  private var ignoresQuotedLineBreaks = false

  mutating func take(_ piece: LogPiece, into events: inout [RunEvent]) -> Int {
    var entries: [ScalarBlock.Entry] = []
    var index = 0
    cutting: while true {
      switch nextRecord(in: piece, from: &index) {
      case .none: break cutting
      case .tooLong: skipped.note("it is longer than 1 MiB", at: "line \(lines.number)")
      case .line(let range):
        let record = UnsafeRawBufferPointer(rebasing: piece.bytes[range])
        let mayBeTorn = piece.isProvisional && range.upperBound == piece.bytes.count
        take(record, piece.wallTime, mayBeTorn: mayBeTorn, into: &entries)
      }
    }
    if !entries.isEmpty {
      events.append(.scalars(ScalarBlock(tags: records.tags, entries: entries)))
    }
    return index
  }

  /// The next record: a line, or several where line breaks stand in quotes.
  private mutating func nextRecord(in piece: LogPiece, from index: inout Int) -> LineCutter.Cut {
    let before = (index: index, lines: lines)
    let cut = lines.next(in: piece.bytes, from: &index, isEnd: piece.isEnd)
    guard case .line(let first) = cut, !ignoresQuotedLineBreaks else { return cut }
    var quotes = CSVQuotes()
    quotes.scan(piece.bytes[first], separator: header?.separator)
    guard quotes.areOpen else { return cut }
    let afterFirst = (index: index, lines: lines)
    var end = first.upperBound
    joining: while quotes.areOpen, end - first.lowerBound < LineCutter.lineSizeMax {
      switch lines.next(in: piece.bytes, from: &index, isEnd: piece.isEnd) {
      case .line(let next):
        quotes.scan(piece.bytes[next], separator: header?.separator)
        end = next.upperBound
      case .none where piece.isEnd && !piece.isProvisional:
        return .line(first.lowerBound..<end)
      case .none where piece.bytes.count - first.lowerBound < LineCutter.lineSizeMax:
        (index, lines) = before
        return .none
      case .none, .tooLong: break joining
      }
    }
    if !quotes.areOpen && end - first.lowerBound < LineCutter.lineSizeMax {
      return .line(first.lowerBound..<end)
    }
    (index, lines) = afterFirst
    ignoresQuotedLineBreaks = true
    skipped.note("a quote is never closed", at: "line \(lines.number)")
    return cut
  }

  // MARK: Rows

  /// - Parameter mayBeTorn: whether its last cell may go on.
  private mutating func take(
    _ record: UnsafeRawBufferPointer, _ wallTime: Double, mayBeTorn: Bool = false,
    into entries: inout [ScalarBlock.Entry]
  ) {
    guard let header else { return begin(with: record, wallTime, into: &entries) }
    var cells = CSVCells(record, separator: header.separator)
    var (column, numbers, words, extra) = (0, 0, 0, 0)
    while let cell = cells.next() {
      if column >= columns.count {
        if !cell.isEmpty { extra += 1 }
      } else if let number = header.number(cell) {
        numbers += 1
        if columns[column] >= 0 { records.add(number, to: columns[column]) }
      } else if !Self.isAbsent(cell) {
        words += 1
      }
      column += 1
    }
    if extra > 0 && !header.isCut {
      skipped.note("it has more cells than the header", at: "line \(lines.number)")
    }
    // Half a step would be an earlier one, and take back what was told of those behind it.
    if mayBeTorn && (column < columns.count || stepColumn == columns.count - 1) {
      records.discard()
    } else if numbers > 0 {
      records.finish(wallTime: wallTime, into: &entries)
    } else if words > 0 {
      takeWords(CSVHeader(record, separator: header.separator), after: header)
    }
  }

  /// What programs write where a number is missing.
  private static let absent = ["NA", "N/A", "None", "none", "null", "-"].map { Array($0.utf8) }

  private static func isAbsent(_ cell: UnsafeRawBufferPointer) -> Bool {
    cell.isEmpty || cell.count <= 4 && absent.contains { cell.elementsEqual($0) }
  }

  /// A row without a number is a header again, or nothing.
  private mutating func takeWords(_ other: CSVHeader, after header: CSVHeader) {
    if header.begins(other, stepColumn: stepColumn) {
      use(other)
    } else {
      skipped.note("it holds no numbers", at: "line \(lines.number)")
    }
  }

  // MARK: Header

  private mutating func begin(
    with record: UnsafeRawBufferPointer, _ wallTime: Double,
    into entries: inout [ScalarBlock.Entry]
  ) {
    let header = CSVHeader(record)
    guard header.names.contains(where: { !$0.isEmpty }) else { return }
    guard header.names.allSatisfy({ $0.isEmpty || PrintedNumber($0) != nil }) else {
      if header.isCut {
        skipped.note(
          "it has more than \(CSVHeader.columnsMax) columns", at: "line \(lines.number)")
      }
      return use(header)
    }
    use(CSVHeader(columnCount: header.names.count, separator: header.separator))
    take(record, wallTime, into: &entries)
  }

  private mutating func use(_ header: CSVHeader) {
    self.header = header
    stepColumn = header.stepColumn
    var used: Set<String> = [""]
    columns = header.names.map { used.insert($0).inserted ? records.field($0) ?? -1 : -1 }
    // The index that pandas writes has no name.
    if stepColumn == nil, header.names.first == "" {
      columns[0] = records.field("step") ?? -1
    }
  }

  // MARK: Recognition

  static func recognizes(_ head: LogHead) -> Bool {
    guard head.isText else { return false }
    let name = head.name.lowercased()
    let isTable = name.hasSuffix(".csv") || name.hasSuffix(".tsv")
    return head.bytes.withUnsafeBytes { bytes in
      var first = firstRecords(in: bytes, isEnd: head.isWhole).makeIterator()
      guard let record = first.next() else { return false }
      let header = CSVHeader(record)
      guard header.names.count >= 2, !header.hasNumbers else { return false }
      guard head.isNamed || header.names.contains(where: MetricWords.tellsOfTraining) else {
        return false
      }
      if isTable { return true }
      guard let row = first.next() else { return header.stepColumn != nil }
      return isRow(row, of: header)
    }
  }

  /// The first two lines that are not blank.
  private static func firstRecords(
    in bytes: UnsafeRawBufferPointer, isEnd: Bool
  ) -> [UnsafeRawBufferPointer] {
    var (lines, index) = (LineCutter(), 0)
    var records: [UnsafeRawBufferPointer] = []
    while records.count < 2,
      case .line(let range) = lines.next(in: bytes, from: &index, isEnd: isEnd)
    {
      let line = UnsafeRawBufferPointer(rebasing: bytes[range])
      if !line.allSatisfy({ $0 <= UInt8(ascii: " ") }) { records.append(line) }
    }
    return records
  }

  /// Whether a line has a cell for each column, and numbers in half of those that it fills.
  private static func isRow(_ row: UnsafeRawBufferPointer, of header: CSVHeader) -> Bool {
    var cells = CSVCells(row, separator: header.separator)
    var (count, numbers, words) = (0, 0, 0)
    while let cell = cells.next() {
      count += 1
      if header.number(cell) != nil {
        numbers += 1
      } else if !isAbsent(cell) {
        words += 1
      }
    }
    return count == header.names.count && numbers > 0 && numbers >= words
  }
}
