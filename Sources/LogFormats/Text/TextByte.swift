/// What the bytes of a printed line are.
enum TextByte {
  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

  /// Letters, digits, the underscore, and all that is not ASCII.
  @inline(__always)
  static func isWordByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 9 }

  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }
}

/// A line that is being looked at: behind its end stand zeros, which no cleaned line holds.
extension [UInt8] {
  @inline(__always)
  func byte(_ index: Int) -> UInt8 { index < count ? self[index] : 0 }

  /// The first place at or behind `index` that is no space.
  @inline(__always)
  func skippingSpaces(from index: Int) -> Int {
    var index = index
    while byte(index) == UInt8(ascii: " ") { index += 1 }
    return index
  }

  /// The first place at or behind `index` that is no digit.
  @inline(__always)
  func skippingDigits(from index: Int) -> Int {
    var index = index
    while TextByte.isDigit(byte(index)) { index += 1 }
    return index
  }

  /// Whether some ASCII text stands at a place.
  func has(_ text: StaticString, at index: Int) -> Bool {
    let size = text.utf8CodeUnitCount
    guard index >= 0, index + size <= count else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(self[index..<index + size]) }
  }

  /// Whether nothing stands there but blanks.
  var isBlank: Bool { allSatisfy(TextByte.isBlank) }
}
