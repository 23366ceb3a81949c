import RunLog
import TestSupport

@testable import LogFormats

/// A parser driven as its callers drive it: what it leaves comes again with more behind it.
struct ParserDrive {
  private var parser: any LogParser
  private var rest: [UInt8] = []
  private var offset = 0
  private(set) var events: [RunEvent] = []

  static let wallTime = 1_700_000_000.0

  init(_ parser: any LogParser) {
    self.parser = parser
  }

  var skipped: SkippedRecords { parser.skipped }
  var points: [ScalarPoint] { events.points }
  /// Bytes that were given and not used.
  var restCount: Int { rest.count }
  /// Each point as "tag step value".
  var lines: [String] { points.map { "\($0.tag) \($0.step) \($0.value)" } }

  mutating func take(_ bytes: [UInt8], isEnd: Bool = false) {
    rest += bytes
    let used = rest.withUnsafeBytes {
      parser.take(
        LogPiece($0, offset: offset, wallTime: Self.wallTime, isEnd: isEnd), into: &events)
    }
    offset += used
    rest.removeFirst(used)
  }

  /// All that a parser finds in a text that comes at once.
  static func whole(_ parser: any LogParser, _ text: String) -> ParserDrive {
    whole(parser, Array(text.utf8))
  }

  static func whole(_ parser: any LogParser, _ bytes: [UInt8]) -> ParserDrive {
    var drive = ParserDrive(parser)
    drive.take(bytes, isEnd: true)
    return drive
  }

  /// What is found when a text comes in pieces that end at some places.
  static func pieces(
    _ parser: any LogParser, _ bytes: [UInt8], cuts: some Sequence<Int>
  ) -> ParserDrive {
    var drive = ParserDrive(parser)
    var start = 0
    for cut in cuts {
      drive.take(Array(bytes[start..<cut]))
      start = cut
    }
    drive.take(Array(bytes[start...]), isEnd: true)
    return drive
  }

  /// Says how the events differ when a text does not come at once: cut once at each byte, byte by
  /// byte, in random pieces, and torn at each byte.
  static func differences(_ make: () -> any LogParser, _ text: String) -> [String] {
    let bytes = Array(text.utf8)
    let whole = whole(make(), bytes)
    var found: [String] = []
    func compare(_ drive: ParserDrive, _ name: String) {
      let isSame =
        "\(drive.events.separated)" == "\(whole.events.separated)"
        && drive.skipped == whole.skipped && drive.restCount == 0
      if !isSame { found.append(name) }
    }
    for cut in bytes.indices { compare(pieces(make(), bytes, cuts: [cut]), "cut at \(cut)") }
    compare(pieces(make(), bytes, cuts: bytes.indices.dropFirst()), "byte by byte")
    var random = SeededGenerator(seed: 5)
    for round in 0..<20 {
      let cuts = bytes.indices.filter { _ in Int.random(in: 0..<7, using: &random) == 0 }
      compare(pieces(make(), bytes, cuts: cuts), "in pieces, round \(round)")
    }
    for cut in bytes.indices {
      var torn = ParserDrive(make())
      torn.take(Array(bytes[..<cut]))
      if !whole.lines.starts(with: torn.lines) { found.append("torn at \(cut)") }
    }
    return found
  }
}
