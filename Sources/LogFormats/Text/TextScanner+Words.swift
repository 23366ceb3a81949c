extension TextScanner {
  private static let sourceSuffixes: Set<String> = [
    "py", "cc", "cpp", "c", "cu", "h", "rs", "go", "jl", "swift", "ipynb",
  ]
  /// What Python prints around a number.
  private static let wrappers: Set<String> = [
    "tensor", "array", "np.float64", "np.float32", "np.float16", "float", "jnp.array", "variable",
  ]

  /// Reads what begins with a letter.
  mutating func readWord() {
    let start = index
    var end = start
    while true {
      let byte = text.byte(end)
      if TextByte.isLetter(byte) || TextByte.isDigit(byte) || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: "%") || byte >= 0x80 && isForeignLetter(byte, at: end)
      {
        end += 1
      } else if isJoint(byte), TextByte.isWordByte(text.byte(end + 1)) {
        end += 1
      } else {
        break
      }
    }
    guard end > start else {
      index += 1
      return
    }
    if let behind = notFiniteEnd(start), behind == end, isNumber(before: behind) {
      return takeNotFinite(behind)
    }
    index = end
    if text.byte(end) == 58, skipPlaceInSource(start..<end) { return }
    if text.byte(end) == UInt8(ascii: "("), readCall(start..<end) { return }
    push(start..<end)
  }

  private func isJoint(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "+")
  }

  /// Not of a sign such as an arrow or a box.
  private func isForeignLetter(_ byte: UInt8, at place: Int) -> Bool {
    switch byte {
    case 0xe2, 0xef, 0xf0...: false
    case 0xe3: text.byte(place + 1) != 0x80
    case 0xc2: text.byte(place + 1) == 0xb5
    default: true
    }
  }

  /// train.py:228, or module:function:228.
  private mutating func skipPlaceInSource(_ word: Range<Int>) -> Bool {
    var end = word.upperBound + 1
    if !TextByte.isDigit(text.byte(end)) {
      while TextByte.isWordByte(text.byte(end)) || text.byte(end) == UInt8(ascii: "<")
        || text.byte(end) == UInt8(ascii: ">") || text.byte(end) == UInt8(ascii: ".")
      {
        end += 1
      }
      guard end > word.upperBound + 1, text.byte(end) == 58,
        TextByte.isDigit(text.byte(end + 1))
      else { return false }
      end += 1
    } else {
      guard let dot = text[word].lastIndex(of: UInt8(ascii: ".")),
        Self.sourceSuffixes.contains(
          String(decoding: text[(dot + 1)..<word.upperBound], as: UTF8.self))
      else { return false }
    }
    end = text.skippingDigits(from: end)
    if text.byte(end) == 58, TextByte.isLetter(text.byte(end + 1)) {
      end += 1
      while TextByte.isWordByte(text.byte(end)) { end += 1 }
    }
    index = end
    delimit()
    return true
  }

  /// `tensor(0.5)` is its number; `Linear(in_features=3` and `Conv2d(3, 64` are code.
  private mutating func readCall(_ word: Range<Int>) -> Bool {
    let inside = word.upperBound + 1
    var end = inside
    while TextByte.isWordByte(text.byte(end)) { end += 1 }
    let first = text.byte(inside)
    let isArgument =
      TextByte.isDigit(first) && text.byte(end) == UInt8(ascii: ",")
      || TextByte.isLetter(first) && text.byte(end) == UInt8(ascii: "=")
    let isNumber = !TextByte.isLetter(first) && first != UInt8(ascii: "_")
    guard isArgument || isNumber else { return false }
    let name = String(decoding: text[word].map(TextByte.lowercased), as: UTF8.self)
    if Self.wrappers.contains(name) {
      index = inside
      return true
    }
    if isArgument && !TextNames.isMetric(name) { reading.isSettings = true }
    return false
  }

  // MARK: - nan and inf

  /// The end of nan, inf or infinity; nil when another word stands there.
  func notFiniteEnd(_ start: Int) -> Int? {
    let first = TextByte.lowercased(text.byte(start))
    guard first == UInt8(ascii: "n") || first == UInt8(ascii: "i") else { return nil }
    var end = start
    let sizeMax = 9
    while TextByte.isWordByte(text.byte(end)), end - start < sizeMax { end += 1 }
    return TextRecord.notFinite(Array(text[start..<end])) == nil ? nil : end
  }

  /// Whether nan is a number, not a word: "number of nan iterations".
  private func isNumber(before end: Int) -> Bool {
    if isAfterSeparator { return true }
    let next = text.byte(text.skippingSpaces(from: end))
    return !(TextByte.isLetter(next) || next == UInt8(ascii: "_") || next >= 0x80)
  }

  /// Takes nan or inf with the sign before it.
  mutating func takeNotFinite(_ end: Int) {
    let value = TextRecord.notFinite(Array(text[index..<end])) ?? .nan
    index = end
    take(TextToken(value: value))
  }
}
