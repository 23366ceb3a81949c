/// A place in a JSON text, as an editor shows it.
///
/// Kept in three 32-bit numbers, so that a node costs 32 bytes; `JSONReader` refuses longer texts.
public struct JSONPosition: Equatable, Sendable {
  private var line32: UInt32
  private var column32: UInt32
  private var offset32: UInt32

  /// 1-based.
  public var line: Int {
    get { Int(line32) }
    set { line32 = UInt32(clamping: newValue) }
  }

  /// 1-based, in code points. A byte order mark is not counted.
  public var column: Int {
    get { Int(column32) }
    set { column32 = UInt32(clamping: newValue) }
  }

  /// 0-based, in bytes of UTF-8.
  public var offset: Int {
    get { Int(offset32) }
    set { offset32 = UInt32(clamping: newValue) }
  }

  /// - Parameters:
  ///   - line: 1-based.
  ///   - column: 1-based, in code points.
  ///   - offset: 0-based, in bytes.
  public init(line: Int, column: Int, offset: Int) {
    line32 = UInt32(clamping: line)
    column32 = UInt32(clamping: column)
    offset32 = UInt32(clamping: offset)
  }

  /// The position of a byte, found by walking the text from its first byte.
  init(offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    var line = 1
    var lineStart = JSONScanner.hasByteOrderMark(bytes) ? 3 : 0
    var continuationBytes = 0
    var index = lineStart
    while index < offset, index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\n") {
        line += 1
        lineStart = index
        continuationBytes = 0
      } else if byte & 0xC0 == 0x80 {
        continuationBytes += 1
      }
    }
    self.init(line: line, column: index - lineStart - continuationBytes + 1, offset: offset)
  }
}
