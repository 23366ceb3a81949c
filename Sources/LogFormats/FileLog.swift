import OperatingSystem
import RunLog

/// Follows a log that is one file: chooses the parser by what the file holds as soon as that can
/// be told, and begins anew when the file is replaced.
struct FileLog: LogReader {
  private var file: GrowingFile
  private let name: String
  private let formats: [LogFormat]
  /// Whether somebody asked for the file itself.
  private let isNamed: Bool
  private let files: any FileSystem
  private let clock: any Clock
  private var parser: (any LogParser)?
  private var failing = FailingFiles()
  /// When the file was last seen to change, on the clock that never goes back.
  private var changedAt: Double
  /// The size at which what stands behind the last complete record was taken for a record.
  private var settledSize = -1
  private var hasToldOrigin = false
  /// Whether the file was replaced by one that has nothing to show yet: the old one's curves stay
  /// until it has.
  private var owesRestart = false

  private static let bytesPerReadMax = 1 << 16
  /// A file that did not change for so long is complete, for now.
  private static let settleSeconds = 2.0
  /// More than this behind the last complete record is no last line.
  private static let restSizeMax = 1 << 20

  /// - Parameter formats: those it may be; one alone is not asked whether it is.
  init(
    path: String, formats: [LogFormat], isNamed: Bool = true, files: any FileSystem,
    clock: any Clock
  ) {
    self.isNamed = isNamed
    file = GrowingFile(path: path, files: files)
    name = Path.name(of: path)
    self.formats = formats
    self.files = files
    self.clock = clock
    changedAt = clock.monotonicSeconds()
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    do throws(SystemError) {
      try follow(into: &batch)
    } catch {
      failing.note(.unreadable(file: name, offset: file.offset, reason: error.reason), of: name)
    }
    if batch.isRestart || !hasToldOrigin, let host = EventFileOrigin.host(of: name) {
      batch.events.insert(.origin(host: host), at: 0)
    }
    hasToldOrigin = true
    if let status = file.status { batch.progress = .init(read: file.offset, size: status.size) }
    failing.tell(into: &batch)
    return batch
  }

  private mutating func follow(into batch: inout LogBatch) throws(SystemError) {
    if parser == nil { parser = try chosenParser() }
    guard var parser else { return }
    // One owner while it works: what a parser remembers may be large, and would be copied.
    self.parser = nil
    let before = (skipped: parser.skipped, wasReadable: parser.unreadable == nil)
    let reading: GrowingFile.Reading
    do throws(SystemError) {
      reading = try file.read(
        bytesMax: Self.bytesPerReadMax, recordSizeMax: parser.recordSizeMax
      ) { piece in
        parser.take(
          LogPiece(piece.bytes, offset: piece.offset, wallTime: piece.modifiedSeconds),
          into: &batch.events)
      }
    } catch {
      self.parser = parser
      throw error
    }
    if reading.isRestart {
      settledSize = -1
      (changedAt, owesRestart) = (clock.monotonicSeconds(), true)
      return try follow(into: &batch)
    }
    if !reading.isUnchanged { changedAt = clock.monotonicSeconds() }
    batch.hasMore = reading.hasMore && parser.unreadable == nil
    self.parser = parser
    if !batch.hasMore { try takeRest(into: &batch) }
    if owesRestart && !batch.events.isEmpty { (batch.isRestart, owesRestart) = (true, false) }
    if parser.skipped != before.skipped {
      batch.events.append(
        .trouble(
          .skippedRecords(
            file: name, count: parser.skipped.count, reason: parser.skipped.reason)))
    }
    if let unreadable = parser.unreadable, before.wasReadable {
      batch.events.append(
        .trouble(.unreadable(file: name, offset: unreadable.offset, reason: unreadable.reason)))
    }
  }

  /// The parser for what the file holds; nil while that cannot be told.
  private mutating func chosenParser() throws(SystemError) -> (any LogParser)? {
    let status = try files.status(at: file.path)
    guard status.kind == .file else { throw SystemError.notAFile(file.path) }
    guard status.size > 0 else { return nil }
    let bytes = try files.contents(of: file.path, limit: LogHead.sizeMax)
    let head = LogHead(
      name: name, bytes: bytes, isWhole: bytes.count == status.size, isNamed: isNamed)
    guard formats.count == 1 || head.isTelling || isSettled(status) else { return nil }
    guard let parser = LogFormat.parser(for: head, among: formats) else {
      failing.note(
        .unreadable(file: name, offset: 0, reason: "no format of a log begins so"), of: name)
      return nil
    }
    return parser
  }

  private func isSettled(_ status: FileStatus) -> Bool {
    clock.wallSeconds() - status.modifiedSeconds >= Self.settleSeconds
      || clock.monotonicSeconds() - changedAt >= Self.settleSeconds
  }

  /// A last line that nobody ended counts when nothing came behind it for a while. When something
  /// comes after all, it is read again as a whole.
  private mutating func takeRest(into batch: inout LogBatch) throws(SystemError) {
    guard var parser, parser.unreadable == nil, let status = file.status,
      status.size > file.offset, status.size != settledSize, isSettled(status)
    else { return }
    settledSize = status.size
    let rest = try file.rest(limit: Self.restSizeMax)
    rest.withUnsafeBytes { bytes in
      _ = parser.take(
        LogPiece(
          bytes, offset: file.offset, wallTime: status.modifiedSeconds, isEnd: true,
          isProvisional: true),
        into: &batch.events)
    }
  }
}
