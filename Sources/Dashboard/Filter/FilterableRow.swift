/// A row of a list, or a chart of a grid, as filters see it.
public protocol FilterableRow {
  /// What plain words and patterns are looked for in.
  var filterText: String { get }
  /// The number in a column, in the column's unit (seconds, bytes, shares of one); nil when the
  /// column holds none here. `column` is one of the names that the filter was made with.
  func filterNumber(_ column: String) -> Double?
  /// The word in a column; nil when the column holds none here.
  func filterWord(_ column: String) -> String?
}

/// Rows as filters see them, by their numbers from 0. What can look at whole columns at once
/// answers the last two questions itself.
protocol FilterableRows {
  var count: Int { get }
  func filterText(_ row: Int) -> String
  func filterNumber(_ row: Int, _ column: String) -> Double?
  func filterWord(_ row: Int, _ column: String) -> String?
  /// Those of some rows whose text has a word: the bytes of a lower-case text.
  func rows(_ rows: [Int32], containing word: [UInt8]) -> [Int32]
  /// Those of some rows for which a comparison holds.
  func rows(_ rows: [Int32], where comparison: FilterComparison) -> [Int32]
}

extension FilterableRows {
  func rows(_ rows: [Int32], containing word: [UInt8]) -> [Int32] {
    rows.filter { row in
      let text = filterText(Int(row)).lowercased()
      return ByteSearch.finds(word, in: Array(text.utf8.prefix(RowFilter.rowBytesMax)))
    }
  }

  func rows(_ rows: [Int32], where comparison: FilterComparison) -> [Int32] {
    rows.filter { row in
      comparison.matches(
        number: { filterNumber(Int(row), comparison.column) },
        word: { filterWord(Int(row), comparison.column) })
    }
  }
}

/// Rows that exist one by one.
struct FilterableArray<Row: FilterableRow>: FilterableRows {
  let rows: [Row]

  var count: Int { rows.count }
  func filterText(_ row: Int) -> String { rows[row].filterText }
  func filterNumber(_ row: Int, _ column: String) -> Double? { rows[row].filterNumber(column) }
  func filterWord(_ row: Int, _ column: String) -> String? { rows[row].filterWord(column) }
}
