/// Cuts what a program printed for a terminal into the texts that stood in its lines one after the
/// other, without escape sequences and control characters. Where it cuts depends on the bytes
/// alone, not on the pieces in which they come.
struct TextSegments: Sendable {
  /// How a text ended.
  enum End {
    case lineBreak
    /// The next one is written over it: a carriage return or a backspace.
    case redraw
    /// The cursor went to another line.
    case otherLine
    /// Nothing follows.
    case end
  }

  /// The text that was cut last.
  var text: [UInt8] = []
  /// Whether its end was left out.
  private(set) var isShortened = false
  private var isSkipping = false

  /// Bytes of one text; what follows to the end of the line is left out.
  static let sizeMax = 1 << 16

  /// The next text at or behind an index, which is moved behind it; nil when none is complete. A
  /// text that is longer than it may be is used up as it comes.
  mutating func next(
    in bytes: UnsafeRawBufferPointer, from index: inout Int, isEnd: Bool
  ) -> End? {
    if !isSkipping {
      text.removeAll(keepingCapacity: true)
      isShortened = false
      if let end = cut(bytes, &index, isEnd) { return end }
      guard isSkipping else { return nil }
    }
    return skip(in: bytes, from: &index, isEnd: isEnd)
  }

  /// Cuts a text; nil when it is not complete, or too long.
  private mutating func cut(
    _ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ isEnd: Bool
  ) -> End? {
    let limit = index + Self.sizeMax
    let stop = min(bytes.count, limit)
    // What stands between the two is still to be copied.
    var (kept, place) = (index, index)
    while place < stop {
      let byte = bytes[place]
      if byte >= 0x20 && byte != 0x7f && byte != 0xc2 || byte == 9 {
        place += 1
        continue
      }
      switch byte {
      case 8, 10, 13:
        guard let (end, next) = Self.end(bytes, at: place, isEnd) else { return nil }
        keep(bytes, kept, place)
        index = next
        return end
      case 0x1b:
        let escape = TextEscape(bytes, at: place)
        guard escape != nil || isEnd else { return nil }
        keep(bytes, kept, place)
        place = escape?.end ?? bytes.count
        kept = place
        guard let effect = escape?.effect, effect != .none else { continue }
        index = place
        return effect == .redraw ? .redraw : .otherLine
      default:
        let isFirstOfTwo = byte == 0xc2
        guard !isFirstOfTwo || place + 1 < bytes.count || isEnd else { return nil }
        // Of two bytes it is a control character only up to U+009F.
        if isFirstOfTwo, place + 1 >= bytes.count || !(0x80...0x9f ~= bytes[place + 1]) {
          place += 1
          continue
        }
        keep(bytes, kept, place)
        text.append(UInt8(ascii: " "))
        place += isFirstOfTwo ? 2 : 1
        kept = place
      }
    }
    guard place >= limit || isEnd && place > index else { return nil }
    keep(bytes, kept, min(place, bytes.count))
    index = min(place, bytes.count)
    isSkipping = place >= limit
    return isSkipping ? nil : .end
  }

  private mutating func keep(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) {
    if start < end { text.append(contentsOf: bytes[start..<end]) }
  }

  /// How a text ends by the byte at `place`, and where the next begins; nil when that is told by a
  /// byte that has not come.
  private static func end(
    _ bytes: UnsafeRawBufferPointer, at place: Int, _ isEnd: Bool
  ) -> (end: End, next: Int)? {
    guard bytes[place] == 13 else { return (bytes[place] == 10 ? .lineBreak : .redraw, place + 1) }
    guard place + 1 < bytes.count else { return isEnd ? (.redraw, place + 1) : nil }
    return bytes[place + 1] == 10 ? (.lineBreak, place + 2) : (.redraw, place + 1)
  }

  /// Passes over the end of a line that is too long.
  private mutating func skip(
    in bytes: UnsafeRawBufferPointer, from index: inout Int, isEnd: Bool
  ) -> End? {
    let start = index
    while index < bytes.count, bytes[index] != 10, bytes[index] != 13 { index += 1 }
    isShortened = isShortened || index > start
    if index < bytes.count {
      guard let (end, next) = Self.end(bytes, at: index, isEnd) else { return nil }
      index = next
      isSkipping = false
      return end
    }
    guard isEnd else { return nil }
    isSkipping = false
    return .end
  }
}
