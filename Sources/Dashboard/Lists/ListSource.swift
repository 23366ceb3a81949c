import TerminalUI

/// Where the rows of a list come from, by their numbers from 0 in their natural order. A row is
/// made only to be shown or looked at; sorting and filtering ask for values.
protocol ListSource: FilterableRows, Sendable {
  var columns: [ListColumn] { get }
  func row(_ row: Int) -> ListRow
  /// What a row is known by while others come and go.
  func id(_ row: Int) -> String
  /// The row of an id, in a time that does not depend on how many there are.
  func row(ofID id: String) -> Int?
  /// A key for each row: the smaller one comes first, and equal ones stay in their order.
  func sortKeys(_ column: Int, isReversed: Bool) -> [SortKey]
}

extension ListSource {
  func filterText(_ row: Int) -> String { self.row(row).filterText }

  func filterNumber(_ row: Int, _ column: String) -> Double? { self.row(row).filterNumber(column) }

  func filterWord(_ row: Int, _ column: String) -> String? { self.row(row).filterWord(column) }
}

/// Rows that were made all at once: for lists that are never long.
struct ListRowArray: ListSource {
  let columns: [ListColumn]
  let rows: [ListRow]
  private let places: [String: Int]

  init(_ columns: [ListColumn], _ rows: [ListRow]) {
    self.columns = columns
    self.rows = rows
    places = Dictionary(rows.enumerated().map { ($1.id, $0) }, uniquingKeysWith: min)
  }

  var count: Int { rows.count }
  func row(_ row: Int) -> ListRow { rows[row] }
  func id(_ row: Int) -> String { rows[row].id }
  func row(ofID id: String) -> Int? { places[id] }

  func sortKeys(_ column: Int, isReversed: Bool) -> [SortKey] {
    let values = rows.map { $0.values.indices.contains(column) ? $0.values[column] : .none }
    return SortKey.keys(values, isReversed: isReversed)
  }
}

/// The rows of a list that its filter leaves, in its order.
struct ListRows: RandomAccessCollection, Sendable {
  let source: any ListSource
  /// Numbers of rows; nil: all, as they come.
  private let order: [Int32]?
  /// Where each row stands in the order; -1: nowhere.
  private let places: [Int32]

  init(_ source: any ListSource, order: [Int32]? = nil) {
    self.source = source
    self.order = order
    var places = Array(repeating: Int32(-1), count: order == nil ? 0 : source.count)
    for (place, row) in (order ?? []).enumerated() { places[Int(row)] = Int32(place) }
    self.places = places
  }

  var startIndex: Int { 0 }
  var endIndex: Int { order?.count ?? source.count }

  subscript(place: Int) -> ListRow { source.row(row(at: place)) }

  func id(_ place: Int) -> String { source.id(row(at: place)) }

  /// Where the row of an id stands; nil where there is none, or the filter leaves it out.
  func place(ofID id: String) -> Int? {
    guard let row = source.row(ofID: id) else { return nil }
    guard order != nil else { return row }
    return places[row] < 0 ? nil : Int(places[row])
  }

  private func row(at place: Int) -> Int { order.map { Int($0[place]) } ?? place }
}
