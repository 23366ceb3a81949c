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
