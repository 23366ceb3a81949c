import JSONText

/// The first record of a table: what its columns are called, and what stands between them.
struct CSVHeader: Sendable, Equatable {
  /// Empty where a column has no name.
  let names: [String]
  let separator: UInt8
  /// Whether it had more columns than are read.
  let isCut: Bool

  static let columnsMax = 10_000

  init(_ record: UnsafeRawBufferPointer, separator: UInt8? = nil) {
    let record = Self.withoutMark(record)
    let separator = separator ?? Self.separator(in: record)
    var cells = CSVCells(record, separator: separator)
    var names: [String] = []
    var isCut = false
    while let cell = cells.next() {
      guard names.count < Self.columnsMax else {
        isCut = true
        break
      }
      names.append(MetricRecords.cut(CSVCells.text(cell)))
    }
    (self.names, self.separator, self.isCut) = (names, separator, isCut)
  }

  /// Of a table that has none.
  init(columnCount: Int, separator: UInt8) {
    names = (0..<columnCount).map { "column \($0 + 1)" }
    self.separator = separator
    isCut = columnCount >= Self.columnsMax
  }

  /// The column that counts the steps best.
  var stepColumn: Int? {
    let ranks = names.map(StepKey.rank)
    guard let best = ranks.min(), best != StepKey.noRank else { return nil }
    return ranks.firstIndex(of: best)
  }

  /// A number in a cell; with a decimal comma where none stands between the columns.
  func number(_ cell: UnsafeRawBufferPointer) -> PrintedNumber? {
    if cell.isEmpty { return nil }
    if let number = PrintedNumber(cell) { return number }
    let comma = UInt8(ascii: ",")
    return separator == comma ? nil : PrintedNumber(cell, decimalMark: comma)
  }

  /// Whether a column is called by a number, as those are of a table without a header.
  var hasNumbers: Bool { names.contains { PrintedNumber($0) != nil } }

  /// Whether other names say that this is a header again: that of a training that went on.
  func begins(_ other: CSVHeader, stepColumn: Int?) -> Bool {
    if let first = names.first, !first.isEmpty, other.names.first == first { return true }
    guard let stepColumn, stepColumn < other.names.count else { return false }
    return other.names[stepColumn] == names[stepColumn]
  }

  /// Without a byte order mark, or the sign of a comment that NumPy writes before it.
  private static func withoutMark(_ record: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    if record.starts(with: [0xEF, 0xBB, 0xBF]) {
      return UnsafeRawBufferPointer(rebasing: record.dropFirst(3))
    }
    guard record.first == UInt8(ascii: "#") else { return record }
    return UnsafeRawBufferPointer(rebasing: record.dropFirst())
  }

  /// What stands most often outside quotes.
  private static func separator(in record: UnsafeRawBufferPointer) -> UInt8 {
    var (tabs, semicolons, commas, isQuoted) = (0, 0, 0, false)
    for byte in record {
      switch byte {
      case CSVCells.quote: isQuoted.toggle()
      case UInt8(ascii: "\t") where !isQuoted: tabs += 1
      case UInt8(ascii: ";") where !isQuoted: semicolons += 1
      case UInt8(ascii: ",") where !isQuoted: commas += 1
      default: break
      }
    }
    if tabs > max(semicolons, commas) { return UInt8(ascii: "\t") }
    return semicolons > commas ? UInt8(ascii: ";") : UInt8(ascii: ",")
  }
}
