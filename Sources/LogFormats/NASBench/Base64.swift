/// RFC 4648 base64 with padding.
enum Base64 {
  /// Decodes into `target`, which has room for three bytes for each four. Line breaks are passed
  /// over, as Python's decoder does.
  /// - Returns: how many bytes it made; nil when it is no base64.
  static func decode(
    _ text: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var (count, word, digits, padding) = (0, UInt32(0), 0, 0)
    for byte in text {
      let value = Self.value(of: byte)
      if value == Self.strange {
        switch byte {
        case UInt8(ascii: "="): padding += 1
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
        default: return nil
        }
        continue
      }
      guard padding == 0 else { return nil }
      word = word << 6 | value
      digits += 1
      guard digits == 4 else { continue }
      guard count + 3 <= target.count else { return nil }
      target[count] = UInt8(truncatingIfNeeded: word >> 16)
      target[count + 1] = UInt8(truncatingIfNeeded: word >> 8)
      target[count + 2] = UInt8(truncatingIfNeeded: word)
      (count, word, digits) = (count + 3, 0, 0)
    }
    switch (digits, padding) {
    case (0, 0): return count
    case (2, 2) where count + 1 <= target.count:
      target[count] = UInt8(truncatingIfNeeded: word >> 4)
      return count + 1
    case (3, 1) where count + 2 <= target.count:
      target[count] = UInt8(truncatingIfNeeded: word >> 10)
      target[count + 1] = UInt8(truncatingIfNeeded: word >> 2)
      return count + 2
    default: return nil
    }
  }

  private static let strange: UInt32 = 64

  @inline(__always)
  private static func value(of byte: UInt8) -> UInt32 {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte &- UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte &- UInt8(ascii: "a")) &+ 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0")) &+ 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: strange
    }
  }
}
