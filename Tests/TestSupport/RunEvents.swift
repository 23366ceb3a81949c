import RunLog

extension [RunEvent] {
  /// The same with each point as an event of its own, however they came together.
  public var separated: [RunEvent] {
    flatMap { event -> [RunEvent] in
      guard case .scalars(let block) = event else { return [event] }
      return block.points.map { RunEvent.scalar($0) }
    }
  }
}

extension Sequence<RunEvent> {
  /// The candidates among some events, in the order in which they came first: of each field the
  /// newest value.
  public var candidates: [(id: String, fields: [String: String])] {
    var found: [(id: String, fields: [String: String])] = []
    var places: [String: Int] = [:]
    for event in self {
      guard case .candidates(let block) = event else { continue }
      for index in 0..<block.ids.count {
        let id = block.ids[index] ?? ""
        let place = places[id] ?? found.count
        if place == found.count { found.append((id, [:])) }
        places[id] = place
        for column in block.columns {
          if let text = column.text(index) { found[place].fields[column.name] = text }
        }
      }
    }
    return found
  }
}

extension CandidateBlock.Column {
  /// nil where there is no value.
  fileprivate func text(_ index: Int) -> String? {
    switch values {
    case .numbers(let numbers):
      CandidateBlock.isMissing(numbers[index]) ? nil : "\(numbers[index])"
    case .words(let words): words[index]
    }
  }
}
