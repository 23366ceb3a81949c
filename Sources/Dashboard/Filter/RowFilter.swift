/// The one filter of all lists and charts.
///
/// - `abc def`, `"two words"`: the row's text has all of them, without regard to case.
/// - `/lay.r[0-9]+/`, `/…/i`: a pattern, see `FilterPattern`; with `i` without regard to case.
/// - `accuracy>0.9`, `>=`, `<`, `<=`, `=`, `==`, `!=`: numbers such as `1e5`, `20k`, `80%`,
///   `64MiB`, `2h`, `1h30m`. `=` and `!=` also take words, `nan` and `inf`; `state:fin` is
///   "contains".
/// - `and`, `&&`, `or`, `||`, `not`, `!`, parentheses; a space is `and`.
///
/// Columns are named without regard to case, by their beginning, or by what follows their last
/// slash, as long as only one fits. A row without a value matches no comparison with it, and NaN
/// none but `=nan`.
public struct RowFilter: Equatable, Sendable {
  /// The longest filter in characters.
  public static let lengthMax = 1000
  /// How many parentheses may stand within each other.
  public static let depthMax = 32
  /// How many bytes of a row's text words are looked for in.
  public static let rowBytesMax = 1 << 16

  /// As it was typed.
  public let text: String
  private let expression: FilterExpression

  /// Reads a filter; a blank one matches every row.
  ///
  /// - Parameter columns: the names that comparisons may use, as the rows know them.
  public init(_ text: String, columns: [String]) throws(RowFilterError) {
    var parser = FilterParser(text, columns: columns)
    expression = try parser.filter()
    self.text = text
  }

  /// Whether this filter lets every row through.
  public var isEmpty: Bool { expression == .everything }

  /// Whether the row is to be shown.
  public func matches(_ row: some FilterableRow) -> Bool { !matching([row]).isEmpty }

  /// The rows that are to be shown, in their order.
  func matching<Row: FilterableRow>(_ rows: [Row]) -> [Row] {
    isEmpty ? rows : matching(FilterableArray(rows: rows)).map { rows[Int($0)] }
  }

  /// The numbers of the rows that are to be shown, ascending.
  func matching(_ rows: some FilterableRows) -> [Int32] {
    expression.matching(Array(0..<Int32(clamping: rows.count)), of: rows)
  }
}
