import JSONText
import RunLog

extension LogFormat {
  /// A JSON object a line, as mmengine, detectron2, torchtune, stable-baselines3 and most people's
  /// own scripts write it; also behind a prefix, as fairseq does.
  static let jsonLines = LogFormat(
    name: "jsonl", title: "JSON lines of metrics",
    recognizes: { JSONLinesParser.recognizes($0) }, parser: { JSONLinesParser() })
}

/// Reads a JSON object a line. Nested names are joined by "/"; numbers count, also as strings;
/// arrays, booleans and other strings do not.
struct JSONLinesParser: LogParser {
  private(set) var skipped = SkippedRecords()
  private var records = MetricRecords()
  private var lines = LineCutter()
  private var hasBegun = false
  /// Whether the objects stand behind other text, so that lines without one are nothing broken.
  private var isPrefixed = false
  private var hasToldDuplicate = false
  private var hasToldConfiguration = false

  /// Two lines: the first may have to wait for the second.
  var recordSizeMax: Int { 2 * LineCutter.lineSizeMax }

  /// Names that settings stand under. Under the first they are none of the metrics anywhere.
  private static let settingsNames = ["config", "hparams", "args", "params"]

  mutating func take(_ piece: LogPiece, into events: inout [RunEvent]) -> Int {
    var entries: [ScalarBlock.Entry] = []
    var index = 0
    cutting: while true {
      let before = (index: index, lines: lines)
      switch lines.next(in: piece.bytes, from: &index, isEnd: piece.isEnd) {
      case .none: break cutting
      case .tooLong:
        skipped.note("it is longer than 1 MiB", at: "line \(lines.number)")
      case .line(let range):
        let text = JSONLine(UnsafeRawBufferPointer(rebasing: piece.bytes[range]))
        if text.bytes.isEmpty { continue }
        let found = objects(in: text)
        if !hasBegun, !found.isEmpty {
          guard let isHeader = isHeader(found, before: piece, index, lines) else {
            (index, lines) = before
            break cutting
          }
          (hasBegun, isPrefixed) = (true, text.isPrefixed)
          if isHeader {
            takeSettings(of: found[0], into: &events)
            continue
          }
        }
        for members in found {
          if take(members, piece.wallTime, into: &entries), !hasToldConfiguration {
            takeSettings(of: members, into: &events)
          }
        }
      }
    }
    if !entries.isEmpty {
      events.append(.scalars(ScalarBlock(tags: records.tags, entries: entries)))
    }
    return index
  }

  // MARK: Records

  /// Whether the first objects of a log only say how the training is set up: they have no step, and
  /// the objects of the next line have. Nil while that line is missing.
  private mutating func isHeader(
    _ first: [[JSONNode.Member]], before piece: LogPiece, _ index: Int, _ lines: LineCutter
  ) -> Bool? {
    guard first.count == 1, !hasStep(first[0]) else { return false }
    if Self.settings(of: first[0]).count == first[0].count { return true }
    var (index, lines) = (index, lines)
    while true {
      switch lines.next(in: piece.bytes, from: &index, isEnd: piece.isEnd) {
      case .none:
        let isOver = piece.isEnd && !piece.isProvisional
        let mayCome = !isOver && piece.bytes.count - index < LineCutter.lineSizeMax
        return mayCome ? nil : false
      case .tooLong: return false
      case .line(let range):
        let text = JSONLine(UnsafeRawBufferPointer(rebasing: piece.bytes[range]))
        if text.bytes.isEmpty { continue }
        let second = JSONObjects(text.bytes).objects
        return second.contains { hasStep($0) }
      }
    }
  }

  private mutating func hasStep(_ members: [JSONNode.Member]) -> Bool {
    add(members, below: "")
    defer { records.discard() }
    return records.hasStep
  }

  /// The objects in a line; counts what is wrong with it.
  private mutating func objects(in line: JSONLine) -> [[JSONNode.Member]] {
    let read = JSONObjects(line.bytes)
    if read.hasDuplicates && !hasToldDuplicate {
      hasToldDuplicate = true
      skipped.note("a name stands in it twice; the last counts", at: "line \(lines.number)")
    }
    if let trouble = read.trouble, !isPrefixed || line.isPrefixed {
      skipped.note(trouble, at: "line \(lines.number)")
    }
    return read.objects
  }

  /// Returns whether the record holds a configuration beside its numbers.
  private mutating func take(
    _ members: [JSONNode.Member], _ wallTime: Double, into entries: inout [ScalarBlock.Entry]
  ) -> Bool {
    let hasConfiguration = add(members, below: "")
    records.finish(wallTime: wallTime, into: &entries)
    return hasConfiguration
  }

  /// Adds an object's numbers to the record; returns whether a configuration was left out.
  @discardableResult
  private mutating func add(_ members: [JSONNode.Member], below prefix: String) -> Bool {
    var hasConfiguration = false
    for member in members {
      if let value = PrintedNumber(member.node) {
        let name = prefix.isEmpty ? member.name : prefix + member.name
        if let field = records.field(MetricRecords.cut(name)) { records.add(value, to: field) }
      } else if let inner = member.node.members {
        if prefix.isEmpty, member.name == Self.settingsNames[0] {
          hasConfiguration = true
        } else {
          add(inner, below: MetricRecords.cut(prefix + member.name) + "/")
        }
      }
    }
    return hasConfiguration
  }

  // MARK: Settings

  private static func settings(of members: [JSONNode.Member]) -> [JSONNode.Member] {
    members.filter { settingsNames.contains($0.name) && $0.node.members != nil }
  }

  private mutating func takeSettings(of members: [JSONNode.Member], into events: inout [RunEvent]) {
    var list = HyperparameterList()
    for member in Self.settings(of: members) { list.add(member.node.members ?? []) }
    guard !list.hyperparameters.isEmpty else { return }
    hasToldConfiguration = true
    events.append(.hyperparameters(list.hyperparameters))
  }

  // MARK: Recognition

  static func recognizes(_ head: LogHead) -> Bool {
    guard head.isText else { return false }
    return head.bytes.withUnsafeBytes { bytes in
      var (lines, index) = (LineCutter(), 0)
      while case .line(let range) = lines.next(in: bytes, from: &index, isEnd: head.isWhole) {
        let line = JSONLine(UnsafeRawBufferPointer(rebasing: bytes[range]))
        if line.bytes.isEmpty { continue }
        let objects = JSONObjects(line.bytes).objects
        guard !objects.isEmpty, !line.isPrefixed || line.hasColumns else { return false }
        return head.isNamed || tellsOfTraining(bytes, isEnd: head.isWhole)
      }
      // A first line of so many bytes is no metrics, but what its name says it is.
      let isCut = !head.isWhole && lines.number == 0 && bytes.first == UInt8(ascii: "{")
      return isCut && (head.name.hasSuffix(".jsonl") || head.name.hasSuffix(".ndjson"))
    }
  }

  /// Whether the names in the first lines are those that trainings log.
  private static func tellsOfTraining(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) -> Bool {
    let linesMax = 8
    var (lines, index, parser) = (LineCutter(), 0, JSONLinesParser())
    while lines.number < linesMax,
      case .line(let range) = lines.next(in: bytes, from: &index, isEnd: isEnd)
    {
      let line = JSONLine(UnsafeRawBufferPointer(rebasing: bytes[range]))
      for members in JSONObjects(line.bytes).objects { parser.add(members, below: "") }
    }
    return parser.records.pendingNames.contains { MetricWords.tellsOfTraining($0) }
  }
}
