import Glibc

/// The cells of one record of a table, each without the blanks and quotes around it (RFC 4180).
struct CSVCells {
  private let record: UnsafeRawBufferPointer
  private let separator: UInt8
  private var index = 0
  private var isOver = false

  static let quote = UInt8(ascii: "\"")

  init(_ record: UnsafeRawBufferPointer, separator: UInt8) {
    self.record = record
    self.separator = separator
  }

  /// The next cell; inside quotes a quote stands twice. Nil behind the last.
  mutating func next() -> UnsafeRawBufferPointer? {
    guard !isOver else { return nil }
    var start = index
    while start < record.count, isBlank(record[start]) { start += 1 }
    if start < record.count, record[start] == Self.quote { return quoted(from: start + 1) }
    var end = start
    while end < record.count, record[end] != separator { end += 1 }
    step(over: end)
    while end > start, isBlank(record[end - 1]) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: record[start..<end])
  }

  private mutating func quoted(from start: Int) -> UnsafeRawBufferPointer {
    var end = start
    while end < record.count {
      if record[end] == Self.quote {
        guard end + 1 < record.count, record[end + 1] == Self.quote else { break }
        end += 1
      }
      end += 1
    }
    end = min(end, record.count)
    var next = end
    while next < record.count, record[next] != separator { next += 1 }
    step(over: next)
    return UnsafeRawBufferPointer(rebasing: record[start..<end])
  }

  private mutating func step(over end: Int) {
    isOver = end >= record.count
    index = end + 1
  }

  @inline(__always)
  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r")
      || byte == UInt8(ascii: "\t") && separator != byte
  }

  /// The text of a cell.
  static func text(_ cell: UnsafeRawBufferPointer) -> String {
    guard cell.contains(quote) else { return String(decoding: cell, as: UTF8.self) }
    var bytes: [UInt8] = []
    var isSecond = false
    for byte in cell {
      isSecond = byte == quote && !isSecond
      if !isSecond { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Whether the quotes of a record are closed, so that a line break ends it.
struct CSVQuotes {
  private(set) var areOpen = false
  private var isCellStart = true

  private static let separators: Set<UInt8> = Set(",;\t".utf8)

  /// Reads on to the end of a line.
  /// - Parameter separator: nil while it is not known: any.
  mutating func scan(_ line: Slice<UnsafeRawBufferPointer>, separator: UInt8?) {
    let line = UnsafeRawBufferPointer(rebasing: line)
    // Most lines have none.
    guard let base = line.baseAddress,
      areOpen || memchr(base, CInt(CSVCells.quote), line.count) != nil
    else { return }
    for byte in line {
      if byte == CSVCells.quote {
        // Of two quotes within quotes the first closes and the second opens again.
        if areOpen {
          areOpen = false
          isCellStart = true
        } else if isCellStart {
          areOpen = true
        }
      } else if !areOpen, byte != UInt8(ascii: " ") {
        isCellStart = separator.map { $0 == byte } ?? Self.separators.contains(byte)
      }
    }
    if !areOpen { isCellStart = true }
  }
}
