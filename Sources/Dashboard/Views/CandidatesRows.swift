import RunLog
import RunModel
import TerminalUI

/// The candidates as rows of a list, from the best to the worst. Sorting and filtering look at
/// whole columns, and a word that many candidates share is looked at once.
struct CandidatesRows: ListSource {
  let table: CandidatesTable
  let columns: [ListColumn]
  private let contents: [CandidatesTable.Content]

  init(_ table: CandidatesTable, _ fields: [CandidatesTable.Field]) {
    self.table = table
    columns = fields.map(\.column)
    contents = fields.map(\.content)
  }

  private var candidates: CandidateTable { table.candidates }

  var count: Int { table.ranked.count }

  func id(_ row: Int) -> String { candidates.id(Int(table.ranked[row])) }

  func row(ofID id: String) -> Int? { candidates.row(ofID: id).map { Int(table.ranks[$0]) } }

  func row(_ row: Int) -> ListRow {
    let candidate = Int(table.ranked[row])
    return ListRow(
      id: candidates.id(candidate), columns: columns, contents.map { cell(candidate, $0) },
      step: candidates.step(candidate))
  }

  // MARK: Cells

  private func cell(
    _ candidate: Int, _ content: CandidatesTable.Content
  ) -> (cell: TableCell, value: ListValue) {
    let (lengthMax, style) = (200, content.isMark ? Style(.mark) : .text)
    switch value(candidate, content) {
    case .none: return ("", .none)
    case .number(let number): return (TableCell(content.text(number)), .number(number))
    case .word(let word):
      return (TableCell(SafeText.cleaned(word, maxLength: lengthMax), style), .word(word))
    }
  }

  private func value(_ candidate: Int, _ content: CandidatesTable.Content) -> ListValue {
    switch content {
    case .rank:
      return ListValue(
        table.score(candidate) == nil ? nil : Double(table.ranks[candidate]) + 1)
    case .id: return .word(candidates.id(candidate))
    case .front: return table.front.contains(Int32(candidate)) ? .word("front") : .none
    case .field(let quantity):
      if let number = quantity.value(candidate) { return .number(number) }
      return quantity.column.word(candidate).map { .word($0) } ?? .none
    }
  }

  // MARK: Order

  func sortKeys(_ column: Int, isReversed: Bool) -> [SortKey] {
    switch contents[column] {
    case .rank:
      return table.ranked.indices.map { row in
        table.score(Int(table.ranked[row])) == nil
          ? .none : SortKey(Double(row), isReversed: isReversed)
      }
    case .id:
      let ranks = candidates.idRanks
      return table.ranked.map {
        SortKey(wordRank: Int(ranks[Int($0)]), isReversed: isReversed)
      }
    case .front:
      return table.ranked.map {
        table.front.contains($0) ? SortKey(wordRank: 0, isReversed: isReversed) : .none
      }
    case .field(let quantity):
      let numbers = quantity.column.numbers(count: count)
      let words = quantity.column.hasWords ? quantity.column.wordNumbers(count: count) : []
      let ranks = words.isEmpty ? [] : candidates.words.ranks(of: words.filter { $0 >= 0 })
      return table.ranked.map { candidate in
        let number = numbers[Int(candidate)]
        if !CandidateBlock.isMissing(number) {
          return SortKey(number * quantity.factor, isReversed: isReversed)
        }
        guard !words.isEmpty, words[Int(candidate)] >= 0 else { return .none }
        return SortKey(
          wordRank: Int(ranks[Int(words[Int(candidate)])]), isReversed: isReversed)
      }
    }
  }

  // MARK: Filter

  /// The id and the words of a candidate; numbers are compared by their columns.
  func filterText(_ row: Int) -> String {
    candidates.withText(Int(table.ranked[row])) { String(decoding: $0, as: UTF8.self) }
  }

  func rows(_ rows: [Int32], containing word: [UInt8]) -> [Int32] {
    let isFound = candidates.rowsContaining(word)
    return rows.filter { isFound[Int(table.ranked[Int($0)])] }
  }

  func rows(_ rows: [Int32], where comparison: FilterComparison) -> [Int32] {
    let name = comparison.column
    guard
      let index = columns.firstIndex(where: { $0.name == name })
        ?? columns.firstIndex(where: { $0.alias == name })
    else { return [] }
    let content = contents[index]
    guard case .field(let quantity) = content else {
      return rows.filter { row in
        let value = value(Int(table.ranked[Int(row)]), content)
        return comparison.matches(
          number: { if case .number(let number) = value { number } else { nil } },
          word: { if case .word(let word) = value { word } else { nil } })
      }
    }
    let comparesNumbers = comparison.number != nil && comparison.comparison != .contains
    let numbers = quantity.column.numbers(count: count)
    var known: [Int: Bool] = [:]
    return rows.filter { row in
      let candidate = Int(table.ranked[Int(row)])
      if !CandidateBlock.isMissing(numbers[candidate]) {
        let number = numbers[candidate] * quantity.factor
        return comparesNumbers
          ? comparison.matches(number: number)
          : comparison.matches(number: { number }, word: { content.text(number) })
      }
      guard let word = quantity.column.wordNumber(candidate) else { return false }
      if let isMatch = known[word] { return isMatch }
      let isMatch = comparison.matches(word: candidates.words[word])
      known[word] = isMatch
      return isMatch
    }
  }
}

extension CandidateTable.Column {
  /// Whether any row has a word.
  var hasWords: Bool { !isNumeric && valueCount > 0 }
}
