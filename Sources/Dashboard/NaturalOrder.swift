/// The order that people expect of names with numbers: metric2 before metric10.
enum NaturalOrder {
  static func comes(_ first: String, before second: String) -> Bool {
    var (one, two) = (first.utf8[...], second.utf8[...])
    while let left = one.first, let right = two.first {
      if isDigit(left), isDigit(right) {
        let (number, other) = (takeNumber(&one), takeNumber(&two))
        if number.count != other.count { return number.count < other.count }
        if !number.elementsEqual(other) { return number.lexicographicallyPrecedes(other) }
      } else {
        if left != right { return left < right }
        one.removeFirst()
        two.removeFirst()
      }
    }
    return one.isEmpty == two.isEmpty ? first < second : one.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The digits at the beginning without leading zeros.
  private static func takeNumber(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
    let digits = text.prefix(while: isDigit)
    text = text[digits.endIndex...]
    return digits.drop { $0 == 0x30 }
  }
}
