extension JSONScanner {
  /// Reads the string whose quote stands at `index`.
  mutating func readString() throws(JSONError) -> String {
    let start = index &+ 1
    var end = start
    var all: UInt8 = 0
    while end < count {
      let byte = base[end]
      if byte == UInt8(ascii: "\"") {
        let contents = UnsafeBufferPointer(start: base + start, count: end &- start)
        if all >= 0x80 { countContinuationBytes(in: contents) }
        index = end &+ 1
        return String(decoding: contents, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") { return try readEscapedString(firstEscape: end) }
      if byte < 0x20 { throw controlCharacter(at: end) }
      all |= byte
      end &+= 1
    }
    throw error(at: index, "a string is never closed")
  }

  private func controlCharacter(at offset: Int) -> JSONError {
    let code = Self.hexadecimal(UInt32(base[offset]), digits: 4)
    return error(
      at: offset,
      base[offset] == UInt8(ascii: "\n")
        ? "a string ends at the end of its line: a '\"' was expected"
        : "the control character U+\(code) must be written as \\u\(code) in a string")
  }

  private mutating func countContinuationBytes(in bytes: UnsafeBufferPointer<UInt8>) {
    for byte in bytes where byte & 0xC0 == 0x80 { continuationBytes += 1 }
  }

  /// The slow path: a string with a backslash in it.
  private mutating func readEscapedString(firstEscape: Int) throws(JSONError) -> String {
    let start = index + 1
    var bytes = [UInt8](UnsafeBufferPointer(start: base + start, count: firstEscape - start))
    var end = firstEscape
    while end < count {
      let byte = base[end]
      if byte == UInt8(ascii: "\"") {
        countContinuationBytes(
          in: UnsafeBufferPointer(start: base + start, count: end - start))
        index = end + 1
        return String(decoding: bytes, as: UTF8.self)
      }
      if byte < 0x20 { throw controlCharacter(at: end) }
      if byte == UInt8(ascii: "\\") {
        end = try appendEscape(at: end, to: &bytes)
      } else {
        bytes.append(byte)
        end += 1
      }
    }
    throw error(at: index, "a string is never closed")
  }

  /// Appends what the escape at the offset stands for; returns the offset after it.
  private func appendEscape(at offset: Int, to bytes: inout [UInt8]) throws(JSONError) -> Int {
    let letter = offset + 1 < count ? base[offset + 1] : 0
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "u"): return try appendCodePoint(at: offset, to: &bytes)
    default:
      throw error(
        at: offset,
        "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u was expected, found '\\' and "
          + found(at: offset + 1))
    }
    return offset + 2
  }

  /// Appends the code point of `\uXXXX` or of a pair of them; U+FFFD for a lone surrogate.
  private func appendCodePoint(
    at offset: Int, to bytes: inout [UInt8]
  ) throws(JSONError) -> Int {
    guard let unit = codeUnit(at: offset) else {
      throw error(at: offset, "four hexadecimal digits were expected after \\u")
    }
    var end = offset + 6
    var code = unit
    if unit & 0xFC00 == 0xD800, let low = codeUnit(at: end), low & 0xFC00 == 0xDC00 {
      code = 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
      end += 6
    }
    let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    return end
  }

  /// The UTF-16 code unit of a `\uXXXX` at the offset.
  private func codeUnit(at offset: Int) -> UInt32? {
    guard count - offset >= 6, base[offset] == UInt8(ascii: "\\"),
      base[offset + 1] == UInt8(ascii: "u")
    else { return nil }
    var value: UInt32 = 0
    for position in offset + 2..<offset + 6 {
      let byte = base[position]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte & 0xF)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        value = value << 4 | UInt32(byte & 0xF + 9)
      default: return nil
      }
    }
    return value
  }
}
