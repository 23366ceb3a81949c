extension EventMessage {
  /// What one record tells.
  enum Fact {
    /// A number under a tag, whose bytes lie in the record.
    case number(UnsafeRawBufferPointer, step: Int64, wallTime: Double, Float)
    case event(RunEvent)
    /// Something that says to be a number, a text, … and cannot be used as that.
    case unusable(reason: String)
  }

  /// The facts in one record. Throws when the bytes are no Event; what an Event holds beyond our
  /// interest is passed over.
  /// - Parameter plugin: the plugin of a tag, given the one that stands here (or "").
  static func read(
    _ payload: UnsafeRawBufferPointer,
    plugin: (_ tag: UnsafeRawBufferPointer, _ first: String) -> String = { $1 }
  ) throws(ProtobufReader.Malformed) -> [Fact] {
    var wallTime = 0.0
    var step: Int64 = 0
    var summary: UnsafeRawBufferPointer?
    var session: UnsafeRawBufferPointer?
    var reader = ProtobufReader(payload)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: wallTime = value.double ?? wallTime
      case 2: step = value.integer ?? step
      case 5: (summary, session) = (value.data, nil)
      case 7: (summary, session) = (nil, value.data)
      default: break
      }
    }
    guard wallTime.isFinite else { return [.unusable(reason: "its time is no number")] }
    if let session { return try readSession(session, step: step, wallTime: wallTime) }
    guard let summary else { return [] }
    var facts: [Fact] = []
    var values = ProtobufReader(summary)
    while let (field, value) = try values.next() {
      guard field == 1, let data = value.data else { continue }
      let one = try SummaryValue(data)
      let name = plugin(one.tag, one.plugin)
      if let fact = try one.fact(plugin: name, step: step, wallTime: wallTime) {
        facts.append(fact)
      }
    }
    return facts
  }

  private static func readSession(
    _ data: UnsafeRawBufferPointer, step: Int64, wallTime: Double
  ) throws(ProtobufReader.Malformed) -> [Fact] {
    var status: Int64 = 0
    var reader = ProtobufReader(data)
    while let (field, value) = try reader.next() {
      if field == 1 { status = value.integer ?? status }
    }
    return status == 1 ? [.event(.sessionStarted(step: step, wallTime: wallTime))] : []
  }
}
