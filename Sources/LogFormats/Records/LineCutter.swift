import Glibc

/// Cuts a log into its lines as it comes. A line that is too long is passed over in bounded memory.
struct LineCutter: Sendable {
  /// The line that was cut last, counted from 1.
  private(set) var number = 0
  private var isInLongLine = false

  /// Bytes of a line with its line break.
  static let lineSizeMax = 1 << 20

  enum Cut {
    /// Without its line break.
    case line(Range<Int>)
    /// A line that is passed over.
    case tooLong
    /// No line is complete.
    case none
  }

  /// The next line at or behind an index, which is moved behind it.
  /// - Parameter isEnd: whether what stands behind the last line break is a line.
  mutating func next(
    in bytes: UnsafeRawBufferPointer, from index: inout Int, isEnd: Bool
  ) -> Cut {
    while index < bytes.count {
      let start = index
      guard let lineEnd = Self.lineBreak(in: bytes, from: start) else {
        let isTooLong = bytes.count - start >= Self.lineSizeMax
        guard isTooLong || isEnd || isInLongLine else { return .none }
        index = bytes.count
        if isInLongLine { return .none }
        number += 1
        isInLongLine = isTooLong
        return isTooLong ? .tooLong : .line(start..<bytes.count)
      }
      index = lineEnd + 1
      if isInLongLine {
        isInLongLine = false
        continue
      }
      number += 1
      return lineEnd - start < Self.lineSizeMax ? .line(start..<lineEnd) : .tooLong
    }
    return .none
  }

  private static func lineBreak(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress,
      let found = memchr(base + start, CInt(UInt8(ascii: "\n")), bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}
