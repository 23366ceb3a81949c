import JSONText
import Testing

@testable import RunLog

/// The rules of reference/log-formats.md §1.6 about what stands in a record.
struct EventMessageReadingTests {
  /// Reads a file of one record between two sound ones.
  private func read(_ payload: [UInt8]) throws -> (events: [RunEvent], skipped: Int) {
    let file = scalarRecord("first", 1, 1) + record(payload) + scalarRecord("last", 2, 2)
    let (events, reader) = try readFile(file)
    try #require(events.first == scalar("first", 1, 1))
    try #require(events.last == scalar("last", 2, 2))
    #expect(reader.unreadable == nil)
    return (Array(events[1..<events.count - 1]), reader.skippedRecords)
  }

  private func point(_ payload: [UInt8]) throws -> ScalarPoint {
    let (events, skipped) = try read(payload)
    #expect(skipped == 0)
    guard events.count == 1, let point = events.points.first else {
      throw Missing()
    }
    return point
  }

  private struct Missing: Error {}

  @Test func anEmptyPayloadIsAnEmptyEvent() throws {
    let (events, skipped) = try read([])
    #expect(events == [])
    #expect(skipped == 0)
  }

  @Test(arguments: [
    "0f", "07", "00", "0200", "2a7f00", "2a8080808080808080808001", "08ffffffffffffffffffffff01",
    "088080808080808080808001", "0900", "2a", "23", "2324", "232c", "0d0000", "2a030a0200",
    "2a020a07", "08",
  ])
  func aBrokenMessageCostsItsRecord(hexadecimal: String) throws {
    let (events, skipped) = try read(bytes(hexadecimal))
    #expect(events == [])
    #expect(skipped == (hexadecimal == "2324" ? 0 : 1), "an empty group is sound")
  }

  @Test func nestingIsLimited() throws {
    let groups = [UInt8](repeating: 0x63, count: 100_000)
    #expect(try read(groups).skipped == 1)
  }

  @Test func fieldsMayComeInAnyOrderAndTwice() throws {
    var event = ProtobufWriter()
    event.string(99, "unknown")
    event.message(5) { summary in
      summary.message(1) { value in
        value.float(2, 1)
        value.string(1, "old")
        value.string(1, "new")
        value.float(2, 8)
      }
    }
    event.integer(2, 3)
    event.integer(2, 5)
    event.double(1, 10)
    #expect(try read(event.bytes).events == [scalar("new", 5, 8)])
  }

  @Test func theLastOfSeveralKindsCounts() throws {
    var event = ProtobufWriter()
    event.double(1, 10)
    event.message(5) { $0.message(1) { $0.float(2, 1) } }
    event.message(7) { $0.integer(1, 1) }
    #expect(try read(event.bytes).events == [.sessionStarted(step: 0, wallTime: 10)])
    event.message(5) { $0.message(1) { $0.float(2, 1) } }
    #expect(try read(event.bytes).events == [scalar("", 0, 1)])
  }

  @Test func anEventMayHoldSeveralValues() throws {
    let values: [(tag: String, value: Float)] = [("a", 1), ("b", .infinity), ("c", -2)]
    let payload = EventMessage.scalars(values, step: 4, wallTime: 10)
    #expect(
      try read(payload).events
        == [scalar("a", 4, 1), scalar("b", 4, .infinity), scalar("c", 4, -2)])
  }

  @Test(arguments: [-1, 0, .min, .max, 1 << 53 + 1] as [Int64])
  func stepsKeepAllTheirBits(step: Int64) throws {
    #expect(try point(EventMessage.scalars([("a", 1)], step: step, wallTime: 10)).step == step)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, -0.0, .greatestFiniteMagnitude])
  func valuesKeepAllTheirBits(value: Float) throws {
    let point = try point(EventMessage.scalars([("a", value)], step: 1, wallTime: 10))
    #expect(point.value.bitPattern == value.bitPattern)
  }

  @Test(arguments: [Double.nan, .infinity])
  func anEventWithoutATimeIsPassedOver(wallTime: Double) throws {
    let payload = EventMessage.scalars([("a", 1)], step: 1, wallTime: wallTime)
    #expect(try read(payload).events == [])
  }

  @Test func tagsMayBeAnything() throws {
    for tag in ["", "a\u{1b}[31m\r\0b", "größe/λ", String(repeating: "x", count: 100_000)] {
      let read = try point(EventMessage.scalars([(tag, 1)], step: 1, wallTime: 10)).tag
      #expect(read == String(tag.prefix(TagTable.tagSizeMax)))
    }
    let payload = summary { value in
      value.data(1, [0x61, 0xff, 0xfe, 0x62])
      value.float(2, 1)
    }
    #expect(try point(payload).tag == "a\u{fffd}\u{fffd}b")
  }

  @Test func doubleScalarsAreShown() throws {
    let listed = tensor(plugin: "scalars", type: 2, shape: []) { $0.double(6, 0.75) }
    #expect(try point(listed).value == 0.75)
    let content = withUnsafeBytes(of: 0.75.bitPattern.littleEndian) { Array($0) }
    let raw = tensor(plugin: "scalars", type: 2, shape: [1]) { $0.data(4, content) }
    #expect(try point(raw).value == 0.75)
    let packed = tensor(plugin: "scalars", type: 2, shape: []) { $0.data(6, content) }
    #expect(try point(packed).value == 0.75)
  }

  @Test func tensorsThatLieAreDropped() throws {
    let content = [UInt8](repeating: 0, count: 24)
    let lies: [(String, Int64, [Int64], [UInt8])] = [
      ("scalars", 1, [2], Array(content[..<8])), ("scalars", 1, [2], Array(content[..<4])),
      ("scalars", 1, [], Array(content[..<3])),
      ("scalars", 2, [], Array(content[..<4])), ("scalars", 7, [], Array(content[..<4])),
      ("histograms", 2, [1 << 40, 3], content), ("histograms", 2, [1, 2], content),
      ("histograms", 2, [.max, 3], content), ("histograms", 2, [-1, -3], content),
      ("histograms", 2, [2, 3], content), ("histograms", 2, [1, 3, 1], content),
      ("histograms", 1, [1, 3], content), ("nntop_density", 1, [1 << 62, 4], content),
      ("nntop_density", 1, [6], content), ("nntop_density", 1, [2, 4], content),
      ("nntop_density", 1, [-2, -3], content), ("text", 7, [1], content),
      ("unknown", 1, [6], content),
    ]
    for (plugin, type, shape, content) in lies {
      let payload = tensor(plugin: plugin, type: type, shape: shape) { $0.data(4, content) }
      #expect(try read(payload).events == [], "\(plugin) \(shape)")
    }
    let tooMany = tensor(plugin: "scalars", type: 1, shape: []) { tensor in
      for _ in 0..<1000 { tensor.float(5, 1) }
    }
    #expect(try read(tooMany).events == [])
  }

  @Test func emptyTensorsAreSound() throws {
    let histogram = tensor(plugin: "histograms", type: 2, shape: [0, 3]) { $0.data(4, []) }
    #expect(
      try read(histogram).events
        == [.histogram(tag: "tensor", step: 1, wallTime: 10, Histogram(bins: []))])
  }

  @Test func textKeepsItsTag() throws {
    let payload = tensor(plugin: "text", type: 7, shape: [2]) { tensor in
      tensor.string(8, "one")
      tensor.string(8, "two")
    }
    #expect(
      try read(payload).events == [.text(tag: "tensor", step: 1, wallTime: 10, "one\ntwo")])
  }

  @Test func sessionsThatStopAreNoStart() throws {
    for status in [0, 2, 3] as [Int64] {
      var event = ProtobufWriter()
      event.double(1, 10)
      event.message(7) { $0.integer(1, status) }
      #expect(try read(event.bytes).events == [])
    }
  }

  /// Any damage at all to a payload, its checksum made to fit: no trap, and the rest goes on.
  @Test func noByteIsDangerous() throws {
    let sound = [
      EventMessage.grid(Grid(rows: 1, columns: 2, values: [1, 2]), tag: "g", step: 1, wallTime: 1),
      EventMessage.hyperparameters(
        [Hyperparameter(name: "a", value: 1)], group: "", wallTime: 1),
      EventMessage.text("hello", tag: "t", step: 3, wallTime: 4),
    ]
    for payload in sound {
      for place in payload.indices {
        var file: [UInt8] = []
        for bit in 0..<8 {
          var damaged = payload
          damaged[place] ^= 1 << UInt8(bit)
          TFRecord.append(damaged, to: &file)
        }
        TFRecord.append(Array(payload[..<place]), to: &file)
        let (events, reader) = try readFile(file + scalarRecord("last", 1, 1))
        #expect(events.last == scalar("last", 1, 1))
        #expect(reader.unreadable == nil)
      }
    }
  }
}
