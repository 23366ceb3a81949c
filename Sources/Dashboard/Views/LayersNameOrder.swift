/// Orders names as people count: `layer2` before `layer10`.
enum LayersNameOrder {
  static func comesBefore(_ one: String, _ other: String) -> Bool {
    var (first, second) = (Substring(one), Substring(other))
    while let left = first.first, let right = second.first {
      if left.isNumber && right.isNumber {
        let (leftDigits, rightDigits) = (digits(&first), digits(&second))
        if leftDigits.count != rightDigits.count { return leftDigits.count < rightDigits.count }
        if leftDigits != rightDigits { return leftDigits < rightDigits }
      } else {
        if left != right { return left < right }
        first.removeFirst()
        second.removeFirst()
      }
    }
    if first.isEmpty != second.isEmpty { return first.isEmpty }
    return one < other
  }

  /// Takes the digits at the front, without leading zeros.
  private static func digits(_ text: inout Substring) -> Substring {
    let digits = text.prefix { $0.isNumber }
    text = text.dropFirst(digits.count)
    return digits.drop { $0 == "0" }
  }
}
