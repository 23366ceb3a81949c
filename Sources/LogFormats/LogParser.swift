import RunLog

/// Turns the bytes of one log, as they come, into events. The same parser serves a file that grows,
/// a pipe, and a file that was finished long ago.
protocol LogParser: Sendable {
  /// Bytes of the longest record: when nothing could be used of some bytes, more come, up to this.
  var recordSizeMax: Int { get }
  /// Records that could not be used, and what is known of the first of them.
  var skipped: SkippedRecords { get }
  /// Set when the log cannot be read on: where and why.
  var unreadable: (offset: Int, reason: String)? { get }

  /// Takes what it can use of the bytes that follow the last ones it used; returns how many bytes
  /// it used up. The rest comes again, with more behind it.
  mutating func take(_ piece: LogPiece, into events: inout [RunEvent]) -> Int
}

extension LogParser {
  var recordSizeMax: Int { 1 << 20 }
  var unreadable: (offset: Int, reason: String)? { nil }
}

/// Bytes of a log.
struct LogPiece {
  let bytes: UnsafeRawBufferPointer
  /// Where in the log they begin.
  let offset: Int
  /// When they were written, as far as that is known: for records that carry no time of their own.
  /// Seconds since 1970.
  let wallTime: Double
  /// True when nothing follows: a last line counts without its line break.
  let isEnd: Bool
  /// True when that is only because nothing followed for a while: what is not complete may come
  /// again with more behind it.
  let isProvisional: Bool

  init(
    _ bytes: UnsafeRawBufferPointer, offset: Int = 0, wallTime: Double = 0, isEnd: Bool = false,
    isProvisional: Bool = false
  ) {
    self.bytes = bytes
    self.offset = offset
    self.wallTime = wallTime
    self.isEnd = isEnd
    self.isProvisional = isProvisional
  }
}

/// Counts what could not be used, and remembers what was wrong with the first.
struct SkippedRecords: Sendable, Equatable {
  private(set) var count: Int
  private(set) var reason: String

  init(count: Int = 0, reason: String = "") {
    self.count = count
    self.reason = reason
  }

  /// - Parameters:
  ///   - reason: such as "it is no JSON object".
  ///   - place: such as "line 17" or "byte 4096".
  mutating func note(_ reason: String, at place: @autoclosure () -> String) {
    if count == 0 { self.reason = "the first at \(place()): \(reason)" }
    count += 1
  }
}
