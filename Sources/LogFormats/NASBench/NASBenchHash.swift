/// The hash of a cell in NAS-Bench-101: the same for all cells that compute the same. 32
/// hexadecimal digits in sixteen bytes.
public struct NASBenchHash: Sendable, Hashable {
  let high, low: UInt64

  /// Characters of the text.
  static let textSize = 32

  /// nil when the text is not 32 hexadecimal digits.
  public init?(_ text: String) {
    var text = text
    guard let hash = text.withUTF8({ Self(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = hash
  }

  init?(_ text: UnsafeRawBufferPointer) {
    guard text.count == Self.textSize else { return nil }
    var (high, low) = (UInt64(0), UInt64(0))
    for (index, byte) in text.enumerated() {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      if index < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
    }
    (self.high, self.low) = (high, low)
  }

  /// 32 hexadecimal digits, small letters.
  public var text: String {
    String(unsafeUninitializedCapacity: Self.textSize) { buffer in
      for index in 0..<Self.textSize {
        let word = index < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (index & 15)) & 15)
        buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      }
      return Self.textSize
    }
  }
}
