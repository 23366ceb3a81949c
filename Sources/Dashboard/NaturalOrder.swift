/// The order that people expect of names with numbers: metric2 before metric10.
enum NaturalOrder {
  static func comes(_ first: String, before second: String) -> Bool {
    var (one, two) = (first, second)
    let order = one.withUTF8 { left -> Int in
      two.withUTF8 { right -> Int in self.order(left, right) }
    }
    return order == 0 ? first < second : order < 0
  }

  /// Negative where the first comes before the second.
  private static func order(
    _ one: UnsafeBufferPointer<UInt8>, _ two: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var (left, right) = (0, 0)
    while left < one.count, right < two.count {
      if isDigit(one[left]), isDigit(two[right]) {
        let (number, other) = (takeNumber(one, &left), takeNumber(two, &right))
        if number.count != other.count { return number.count - other.count }
        for (digit, otherDigit) in zip(number, other) where digit != otherDigit {
          return Int(digit) - Int(otherDigit)
        }
      } else {
        if one[left] != two[right] { return Int(one[left]) - Int(two[right]) }
        left += 1
        right += 1
      }
    }
    return (one.count - left).signum() - (two.count - right).signum()
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// The digits from a place on, without leading zeros; the place goes behind them.
  private static func takeNumber(
    _ text: UnsafeBufferPointer<UInt8>, _ place: inout Int
  ) -> Slice<UnsafeBufferPointer<UInt8>> {
    while place < text.count, text[place] == 0x30 { place += 1 }
    let start = place
    while place < text.count, isDigit(text[place]) { place += 1 }
    return text[start..<place]
  }
}
