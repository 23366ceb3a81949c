/// What a filter asks of a row.
indirect enum FilterExpression: Equatable, Sendable {
  case everything
  case all([FilterExpression])
  case any([FilterExpression])
  case not(FilterExpression)
  /// The bytes of a lower-case text.
  case text([UInt8])
  case pattern(FilterPattern)
  case comparison(FilterComparison)

  /// Those of some rows that match, in their order: a term after the other over all rows, so that
  /// columns are looked at as a whole.
  ///
  /// - Parameter rows: their numbers, ascending.
  func matching(_ rows: [Int32], of all: some FilterableRows) -> [Int32] {
    switch self {
    case .everything: return rows
    case .all(let terms):
      return terms.reduce(rows) { left, term in
        left.isEmpty ? left : term.matching(left, of: all)
      }
    case .any(let terms):
      var found: [Int32] = []
      var rest = rows
      for term in terms where !rest.isEmpty {
        let more = term.matching(rest, of: all)
        rest = Self.difference(rest, more)
        found = found.isEmpty ? more : found + more
      }
      return terms.count > 1 ? found.sorted() : found
    case .not(let term): return Self.difference(rows, term.matching(rows, of: all))
    case .text(let word): return all.rows(rows, containing: word)
    case .pattern(let pattern): return rows.filter { pattern.matches(all.filterText(Int($0))) }
    case .comparison(let comparison): return all.rows(rows, where: comparison)
    }
  }

  /// Of ascending numbers those that are not among others, which ascend, too.
  private static func difference(_ rows: [Int32], _ others: [Int32]) -> [Int32] {
    var place = 0
    return rows.filter { row in
      guard place < others.count, others[place] == row else { return true }
      place += 1
      return false
    }
  }
}
