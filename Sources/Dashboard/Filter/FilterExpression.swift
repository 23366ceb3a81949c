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

  func matches(_ subject: inout FilterSubject<some FilterableRow>) -> Bool {
    switch self {
    case .everything: return true
    case .all(let terms):
      for term in terms where !term.matches(&subject) { return false }
      return true
    case .any(let terms):
      for term in terms where term.matches(&subject) { return true }
      return false
    case .not(let term): return !term.matches(&subject)
    case .text(let word): return subject.contains(word)
    case .pattern(let pattern): return pattern.matches(subject.text)
    case .comparison(let comparison): return comparison.matches(subject.row)
    }
  }
}
