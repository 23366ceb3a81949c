/// A command to a terminal among what a program printed.
struct TextEscape {
  enum Effect {
    /// Colours, titles and the like.
    case none
    /// What follows is written over the line.
    case redraw
    /// What follows stands in another line.
    case otherLine
  }

  let effect: Effect
  /// The first byte behind it.
  let end: Int

  /// Bytes of the longest that is looked for; of a longer one only its first two bytes count.
  static let sizeMax = 4096
  private static let parametersMax = 64
  private static let escape: UInt8 = 0x1b

  private init(_ effect: Effect, _ end: Int) {
    self.effect = effect
    self.end = end
  }

  /// Reads the command whose ESC stands at `start`; nil when more bytes have to come first.
  init?(_ bytes: UnsafeRawBufferPointer, at start: Int) {
    guard start + 1 < bytes.count else { return nil }
    switch bytes[start + 1] {
    case UInt8(ascii: "["): self.init(controlSequence: bytes, at: start)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      self.init(string: bytes, at: start)
    case UInt8(ascii: "D"), UInt8(ascii: "E"), UInt8(ascii: "M"):
      self.init(.otherLine, start + 2)
    case 0x20...0x2f:
      guard start + 2 < bytes.count else { return nil }
      self.init(.none, 0x30...0x7e ~= bytes[start + 2] ? start + 3 : start + 2)
    case 0x30...0x7e: self.init(.none, start + 2)
    default: self.init(.none, start + 1)
    }
  }

  /// ESC [ parameters letter.
  private init?(controlSequence bytes: UnsafeRawBufferPointer, at start: Int) {
    var index = start + 2
    while index < bytes.count, 0x20...0x3f ~= bytes[index],
      index - start < Self.parametersMax
    {
      index += 1
    }
    guard index < bytes.count else { return nil }
    guard 0x40...0x7e ~= bytes[index] else {
      (effect, end) = (.none, index)
      return
    }
    end = index + 1
    switch bytes[index] {
    case UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "E"), UInt8(ascii: "F"),
      UInt8(ascii: "H"), UInt8(ascii: "d"), UInt8(ascii: "f"):
      effect = .otherLine
    case UInt8(ascii: "G"): effect = .redraw
    default: effect = .none
    }
  }

  /// ESC ] and the like: text to BEL or ESC \. A line's end ends it, too.
  private init?(string bytes: UnsafeRawBufferPointer, at start: Int) {
    effect = .none
    var index = start + 2
    while index < bytes.count {
      guard index - start < Self.sizeMax else {
        end = start + 2
        return
      }
      switch bytes[index] {
      case 7:
        end = index + 1
        return
      case 10, 13:
        end = index
        return
      case Self.escape:
        guard index + 1 < bytes.count else { return nil }
        end = bytes[index + 1] == UInt8(ascii: "\\") ? index + 2 : index
        return
      default: index += 1
      }
    }
    return nil
  }
}
