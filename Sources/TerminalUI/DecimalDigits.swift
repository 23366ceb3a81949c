/// The shortest decimal digits that name a number, to be rounded and laid out by `NumberText`.
struct DecimalDigits {
  /// Whether the number is below zero.
  let isNegative: Bool
  /// Digits 0 to 9, the first one not zero; empty for zero.
  private(set) var digits: [UInt8]
  /// The power of ten of the first digit.
  private(set) var exponent: Int

  /// The digits of a finite number.
  init(_ value: Double) {
    isNegative = value < 0
    digits = []
    exponent = -1
    var scale = 0
    var sawPoint = false
    let parts = value.magnitude.description.split(separator: "e")
    for byte in (parts.first ?? "").utf8 {
      if byte == UInt8(ascii: ".") {
        sawPoint = true
      } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        let digit = byte - UInt8(ascii: "0")
        if digits.isEmpty && digit == 0 {
          if sawPoint { scale -= 1 }
          continue
        }
        digits.append(digit)
        if !sawPoint { scale += 1 }
      }
    }
    if digits.isEmpty { return }
    exponent = scale - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    trim()
  }

  /// Keeps at most `count` digits, the last one rounded half away from zero.
  mutating func round(toDigits count: Int) {
    guard count < digits.count else { return }
    if count < 0 {
      digits = []
      return
    }
    let roundsUp = digits[count] >= 5
    digits.removeLast(digits.count - count)
    if roundsUp {
      var index = count - 1
      while index >= 0, digits[index] == 9 {
        digits[index] = 0
        index -= 1
      }
      if index >= 0 {
        digits[index] += 1
      } else {
        digits.insert(1, at: 0)
        exponent += 1
      }
    }
    trim()
  }

  /// The digits with a point, `decimals` of them after it, zeros filled in; no sign.
  func fixed(decimals: Int) -> String {
    var text = ""
    for place in stride(from: max(exponent, 0), through: -decimals, by: -1) {
      if place == -1 { text += "." }
      let index = exponent - place
      text += String(index >= 0 && index < digits.count ? digits[index] : 0)
    }
    return text
  }

  /// The number of digits after the point that it takes to write all of them.
  var decimals: Int { digits.isEmpty ? 0 : max(0, digits.count - 1 - exponent) }

  private mutating func trim() {
    while digits.last == 0 { digits.removeLast() }
  }
}
