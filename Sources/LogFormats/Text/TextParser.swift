import RunLog

/// Reads what a training prints, in whatever form: lines, redrawn bars, dicts, tables.
///
/// Names become tags as `TextNames.tag` says, steps as `TextAxis` says, and `TextKinds` tells
/// metrics from prose. Of a line that is redrawn, each text is read, up to some number; what it
/// ends as is told as a line. Where several processes write, the points of the lowest rank that was
/// seen count.
struct TextParser: LogParser {
  private(set) var skipped = SkippedRecords()

  private var segments = TextSegments()
  private var scanner = TextScanner()
  private var tables = TextTables()
  private var kinds = TextKinds()
  private var axis = TextAxis()
  private var isBegun = false
  private var lineNumber: Int64 = 1
  /// The last text of the line that was not blank.
  private var held: [UInt8] = []
  private var isHeldRead = false
  private var isHeldUnfinishedBar = false
  private var heldWallTime = 0.0
  private var redraws = 0
  /// Whether the cursor went to another line before.
  private var hasNestedBars = false
  private var lowestRank = Int64.max
  /// What the last line with metrics was about.
  private var lastPart: TextPart?
  private var toldFinalStep: Int64?
  private var clock = LineClock()
  private var deferred: Deferred?
  private var entries: [ScalarBlock.Entry] = []

  /// A line whose step a bar tells that is drawn anew behind it: how far it had come when the line
  /// was printed is not always what it showed before.
  private struct Deferred: Sendable {
    let reading: TextReading
    let wallTime: Double
    let lineNumber: Int64
    var text: String?
  }

  /// So many redraws of a line are all read; of more, one in `redrawStride` and the last.
  private static let redrawsReadMax = 4096
  private static let redrawStride = 16
  private static let lineCharactersMax = 4096

  mutating func take(_ piece: LogPiece, into events: inout [RunEvent]) -> Int {
    var index = 0
    var others: [RunEvent] = []
    while let end = segments.next(in: piece.bytes, from: &index, isEnd: piece.isEnd) {
      takeText(end, piece, into: &others)
    }
    // A line that ends in a redraw has no text behind it.
    if piece.isEnd {
      if !held.isEmpty { endLine(piece, into: &others) }
      tellDeferred(into: &others)
    }
    if !entries.isEmpty {
      events.append(.scalars(ScalarBlock(tags: scanner.keys.tags.names, entries: entries)))
      entries.removeAll(keepingCapacity: true)
    }
    events += others
    return index
  }

  /// Takes the text that was cut.
  private mutating func takeText(
    _ end: TextSegments.End, _ piece: LogPiece, into others: inout [RunEvent]
  ) {
    removeByteOrderMark()
    if segments.isShortened {
      skipped.note(
        "it is longer than \(TextSegments.sizeMax) bytes; its end was left out",
        at: "line \(lineNumber)")
    }
    if !segments.text.isBlank {
      swap(&held, &segments.text)
      isHeldRead = false
      if end == .redraw { redraws += 1 }
      if end != .redraw || redraws <= Self.redrawsReadMax || redraws % Self.redrawStride == 0 {
        read(piece, into: &others)
      }
      if end == .redraw { lineNumber += 1 }
    }
    switch end {
    case .redraw: return
    case .otherLine:
      // It is drawn again and again; the last time it ends by itself.
      hasNestedBars = true
      if !isHeldRead && !held.isEmpty { read(piece, into: &others) }
      forgetLine()
    case .lineBreak, .end: endLine(piece, into: &others)
    }
  }

  private mutating func removeByteOrderMark() {
    if !isBegun && segments.text.starts(with: [0xef, 0xbb, 0xbf]) {
      segments.text.removeFirst(3)
    }
    isBegun = true
  }

  private mutating func endLine(_ piece: LogPiece, into others: inout [RunEvent]) {
    if !isHeldRead && !held.isEmpty { read(piece, into: &others) }
    let isRedrawn = hasNestedBars && isHeldUnfinishedBar
    // Without a line break it may come again with more behind it.
    if !held.isEmpty, !isRedrawn, !piece.isProvisional {
      let text = Self.shown(held)
      if deferred == nil {
        others.append(.line(step: axis.newest, wallTime: heldWallTime, text))
      } else {
        deferred?.text = text
      }
    }
    lineNumber += 1
    forgetLine()
  }

  private mutating func forgetLine() {
    held.removeAll(keepingCapacity: true)
    (isHeldRead, isHeldUnfinishedBar, redraws) = (false, false, 0)
  }

  private static func shown(_ line: [UInt8]) -> String {
    let end = line.lastIndex { !TextByte.isBlank($0) } ?? -1
    let text = String(decoding: line[...end], as: UTF8.self)
    return text.utf8.count <= lineCharactersMax ? text : String(text.prefix(lineCharactersMax))
  }

  /// Reads the text that is held.
  private mutating func read(_ piece: LogPiece, into others: inout [RunEvent]) {
    swap(&scanner.text, &held)
    defer { swap(&scanner.text, &held) }
    isHeldRead = true
    if !tables.read(&scanner) { scanner.read() }
    isHeldUnfinishedBar = scanner.reading.bar.map { $0.count.value != $0.count.total } ?? false
    if scanner.keys.isFull { tellDeferred(into: &others) }
    if scanner.keys.makeRoom() {
      kinds.removeAll()
      tables.removeAll()
      if !tables.read(&scanner) { scanner.read() }
    }
    heldWallTime = clock.seconds(of: scanner.reading.wallTime, piece.wallTime)
    if let rank = scanner.reading.rank {
      lowestRank = min(lowestRank, rank)
      if rank > lowestRank { return }
    }
    inheritPart()
    if scanner.reading.bar != nil { axis.note(scanner.reading) }
    tellDeferred(into: &others)
    if axis.isByBar(scanner.reading) {
      deferred = Deferred(
        reading: scanner.reading, wallTime: heldWallTime, lineNumber: lineNumber)
    } else {
      tell(scanner.reading, heldWallTime, lineNumber)
      tellFinalStep(into: &others)
    }
  }

  /// A summary such as " * Acc@1 93.4" is about what the lines before it were.
  private mutating func inheritPart() {
    guard scanner.text.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "*"),
      scanner.reading.part == nil, scanner.reading.counts.isEmpty
    else { return }
    scanner.reading.part = lastPart
    for index in scanner.reading.values.indices where scanner.reading.values[index].part == nil {
      scanner.reading.values[index].part = lastPart
    }
  }

  private mutating func tell(_ reading: TextReading, _ wallTime: Double, _ line: Int64) {
    guard let kind = kinds.kind(of: reading, scanner.keys) else { return axis.note(reading) }
    lastPart = reading.part
    let step = axis.step(of: reading, &kinds[place: kind], line: line)
    for value in reading.values {
      guard let tag = scanner.keys.tag(for: value) else { continue }
      entries.append(
        ScalarBlock.Entry(tag: tag, step: step, wallTime: wallTime, value: Float(value.number)))
    }
  }

  private mutating func tellDeferred(into others: inout [RunEvent]) {
    guard let deferred else { return }
    self.deferred = nil
    tell(deferred.reading, deferred.wallTime, deferred.lineNumber)
    tellFinalStep(into: &others)
    if let text = deferred.text {
      others.append(.line(step: axis.newest, wallTime: deferred.wallTime, text))
    }
  }

  private mutating func tellFinalStep(into others: inout [RunEvent]) {
    guard let final = axis.finalStep, final != toldFinalStep, final > 0 else { return }
    toldFinalStep = final
    others.append(.expected(finalStep: final))
  }
}

/// The times of lines. Those that tell none are as old as the last that did, where at least every
/// fourth does; else they were written when the log was.
private struct LineClock: Sendable {
  private var last: Double?
  private var count = 0
  private var toldCount = 0

  /// A clock in another zone cannot be ahead by more.
  private static let aheadSecondsMax = 26 * 3600.0
  private static let share = 4

  /// - Parameters:
  ///   - told: what the line tells.
  ///   - written: when the log was.
  mutating func seconds(of told: Double?, _ written: Double) -> Double {
    count += 1
    if let told, written <= 0 || told <= written + Self.aheadSecondsMax {
      toldCount += 1
      last = told
      return told
    }
    guard let last, toldCount * Self.share >= count else { return written }
    return last
  }
}
