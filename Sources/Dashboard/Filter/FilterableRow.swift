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
