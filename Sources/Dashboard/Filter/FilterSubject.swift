/// A row while it is looked at; its text is made once, and only when something asks for it.
struct FilterSubject<Row: FilterableRow> {
  let row: Row
  private(set) lazy var text = row.filterText
  private lazy var lowercased = Array(text.lowercased().utf8.prefix(RowFilter.rowBytesMax))

  init(row: Row) {
    self.row = row
  }

  /// - Parameter word: the bytes of a lower-case text.
  mutating func contains(_ word: [UInt8]) -> Bool {
    ByteSearch.finds(word, in: lowercased)
  }
}
