extension TextScanner {
  private static let recordsTriedMax = 8

  /// The first JSON object or Python dict in the line.
  func record() -> (open: Int, TextRecord)? {
    var (place, tried) = (index, 0)
    while let open = text[place...].firstIndex(of: UInt8(ascii: "{")) {
      let first = text.byte(text.skippingSpaces(from: open + 1))
      let isLikely = first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
      if isLikely, tried < Self.recordsTriedMax {
        tried += 1
        if let record = TextRecord(text, at: open) { return (open, record) }
      }
      place = open + 1
    }
    return nil
  }

  /// Takes the numbers of a record; of the text before it only what it counts is of use.
  mutating func take(_ record: TextRecord) {
    reading.values.removeAll(keepingCapacity: true)
    reading.isRecord = true
    for member in record.members {
      guard let key = keys.number(of: member.name) else { continue }
      if !takeCount(member, key) {
        reading.add(
          TextReading.Value(
            key: key, part: reading.part, nearPart: nil, isSecond: false, isScore: false,
            number: member.value))
      }
    }
  }

  /// Takes a member of a record that is no metric: a step or a time. The epoch is one all the same:
  /// the dashboard's axis of epochs is made of it.
  private mutating func takeCount(_ member: TextRecord.Member, _ key: Int32) -> Bool {
    let role = keys.role(of: key)
    if role.isTime, let seconds = StepKey.wallSeconds(member.value) {
      reading.wallTime = seconds
      return true
    }
    guard let counter = role.counter else { return false }
    guard let integer = member.integer else {
      if counter == .epoch { reading.hasFractionalEpoch = true }
      return false
    }
    reading.add(counter, integer)
    return counter != .epoch
  }
}
