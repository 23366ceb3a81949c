import TerminalUI

/// A column of a list: how it is laid out, and what it is called in a filter.
struct ListColumn: Sendable, Equatable {
  let name: String
  /// Another name that a filter may use, such as the word in the heading.
  let alias: String?
  var column: TableColumn

  init(
    _ name: String, _ title: String, _ alignment: TableColumn.Alignment = .left, width: Int,
    flex: Int = 0, priority: Int = 0, alias: String? = nil
  ) {
    self.name = name
    self.alias = alias
    column = TableColumn(
      title: title, alignment: alignment, width: width, flex: flex, priority: priority)
  }
}

extension ListColumn {
  /// All names that a filter may use.
  static func names(_ columns: [ListColumn]) -> [String] {
    columns.map(\.name) + columns.compactMap(\.alias)
  }
}

/// A value by which a row is sorted and filtered.
enum ListValue: Sendable, Equatable {
  case number(Double)
  case word(String)
  case none

  init(_ number: Double?) { self = number.map { .number($0) } ?? .none }

  /// Numbers by size, then words by letters; what is nothing, and what is no number, comes last in
  /// either direction.
  func comes(before other: ListValue, isReversed: Bool) -> Bool {
    switch (self, other) {
    case (.number(let one), .number(let two)):
      if one.isNaN || two.isNaN { return !one.isNaN && two.isNaN }
      return isReversed ? one > two : one < two
    case (.word(let one), .word(let two)): return isReversed ? one > two : one < two
    case (.none, _): return false
    case (_, .none): return true
    case (.number, .word): return true
    case (.word, .number): return false
    }
  }
}

/// A row of a list: one cell and one value a column.
struct ListRow: Sendable, Equatable, FilterableRow {
  /// What it is known by while others come and go.
  let id: String
  let cells: [TableCell]
  let values: [ListValue]
  /// The names of the columns, the same for all rows of a list.
  let names: [String]
  private let aliases: [String?]
  /// The step that it is about, if any.
  var step: Int64?

  /// A row from the cells of a list's columns.
  init(
    id: String, columns: [ListColumn], _ cells: [(cell: TableCell, value: ListValue)],
    step: Int64? = nil
  ) {
    self.id = id
    self.cells = cells.map(\.cell)
    values = cells.map(\.value)
    names = columns.map(\.name)
    aliases = columns.map(\.alias)
    self.step = step
  }

  func value(_ column: String) -> ListValue {
    guard let index = index(of: column), index < values.count else { return .none }
    return values[index]
  }

  private func index(of column: String) -> Int? {
    names.firstIndex(of: column) ?? aliases.firstIndex(of: column)
  }

  var filterText: String { cells.map(\.text).joined(separator: " ") }

  func filterNumber(_ column: String) -> Double? {
    if case .number(let number) = value(column) { number } else { nil }
  }

  func filterWord(_ column: String) -> String? {
    if case .word(let word) = value(column) { return word }
    guard let index = index(of: column), index < cells.count else { return nil }
    return cells[index].text
  }
}
