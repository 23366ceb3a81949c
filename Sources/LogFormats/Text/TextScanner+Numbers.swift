extension TextScanner {
  private static let unitSizeMax = 16

  /// Reads what begins with a digit, or with a sign or a point before one.
  mutating func readNumber() {
    let start = index
    let before = start > 0 ? text[start - 1] : UInt8(ascii: " ")
    // Behind a letter that is not ASCII it is part of a word already.
    let isGlued =
      before < 0x80
      && (TextByte.isWordByte(before) || before == UInt8(ascii: "@")
        || before == UInt8(ascii: "."))
    if isGlued {
      index += 1
      return skipWordBytes()
    }
    let digits = text.skippingDigits(from: start)
    let next = text.byte(digits)
    if next == 58 || next == UInt8(ascii: "-") || next == UInt8(ascii: "/"), skipTime(start) {
      return
    }
    if next == UInt8(ascii: "/") || next == UInt8(ascii: " "), readFraction(start, digits) {
      return
    }
    if next == UInt8(ascii: ","), readThousands(start, digits) { return }
    if next == UInt8(ascii: "x") && digits == start + 1 && text[start] == UInt8(ascii: "0") {
      skipWordBytes()
      return delimit()
    }
    guard let number = TextNumber(text, at: start) else {
      index += 1
      return delimit()
    }
    let behind = text.byte(number.end)
    if behind == UInt8(ascii: "."), TextByte.isDigit(text.byte(number.end + 1)) {
      return skipVersion(number.end)
    }
    if behind == UInt8(ascii: "%"), text.byte(number.end + 1) == UInt8(ascii: "|"),
      readBar(number.end + 1)
    {
      return
    }
    readUnit(of: number, from: start)
  }

  /// A date, a time or a duration.
  private mutating func skipTime(_ start: Int) -> Bool {
    guard let end = time.read(text, at: start)?.end ?? TextTime.clockEnd(text, start) else {
      return false
    }
    index = end
    delimit()
    return true
  }

  /// 1.2.3 or 10.0.0.1:8080
  private mutating func skipVersion(_ end: Int) {
    index = end
    skipWordBytes()
    if text.byte(index) == 58, TextByte.isDigit(text.byte(index + 1)) {
      index = text.skippingDigits(from: index + 1)
    }
    delimit()
  }

  /// 12,345,678: no space behind the commas, and not among brackets, where it is a list.
  private mutating func readThousands(_ start: Int, _ digits: Int) -> Bool {
    guard bracketDepth <= 0, !isInSecond, 1...3 ~= digits - start else { return false }
    var end = digits
    var plain = Array(text[start..<digits])
    let groupsMax = 6
    while text.byte(end) == UInt8(ascii: ","), text.skippingDigits(from: end + 1) == end + 4,
      plain.count <= groupsMax * 3
    {
      plain.append(contentsOf: text[end + 1..<end + 4])
      end += 4
    }
    guard end > digits, text.byte(end) != UInt8(ascii: "."), let number = TextNumber(plain, at: 0)
    else { return false }
    index = end
    take(TextToken(value: number.value, integer: number.integer))
    return true
  }

  /// 10/312, 200/ 2983 or 100 / 2000.
  private mutating func readFraction(_ start: Int, _ digits: Int) -> Bool {
    let slash = text.skippingSpaces(from: digits)
    guard text.byte(slash) == UInt8(ascii: "/") else { return false }
    let second = text.skippingSpaces(from: slash + 1)
    let end = text.skippingDigits(from: second)
    let behind = text.byte(end)
    let isFraction =
      end > second && !TextByte.isLetter(behind) && behind != UInt8(ascii: "/")
      && !(behind == UInt8(ascii: ".") && TextByte.isDigit(text.byte(end + 1)))
    guard isFraction, let count = TextNumber(text, at: start)?.integer,
      let total = TextNumber(text, at: second)?.integer
    else { return false }
    index = end
    // "10/18 17:05:11" is a date without a year.
    if behind == UInt8(ascii: " "), let clock = TextTime.clockEnd(text, end + 1) {
      index = clock
      delimit()
      return true
    }
    // "2500/10042 = 0.2490": the number says it all.
    if text.byte(text.skippingSpaces(from: end)) == UInt8(ascii: "=") { return true }
    take(count, of: total)
    return true
  }

  /// A number with its unit, or a word that begins with digits.
  private mutating func readUnit(of number: TextNumber, from start: Int) {
    var end = number.end
    var letters = 0
    while end - number.end < Self.unitSizeMax {
      let byte = text.byte(end)
      let isSlash =
        byte == UInt8(ascii: "/") && TextByte.isLetter(text.byte(end + 1))
      // µ is two bytes.
      guard
        TextByte.isLetter(byte) || byte == UInt8(ascii: "%") || isSlash || byte == 0xc2
          || byte == 0xb5
      else { break }
      if TextByte.isLetter(byte) { letters += 1 }
      end += 1
    }
    let behind = text.byte(end)
    let isLabel = letters > 0 && (behind == 58 || behind == UInt8(ascii: "="))
    let isWord =
      letters > 0
      && (TextByte.isDigit(behind) || behind == UInt8(ascii: "_") || behind == UInt8(ascii: "@"))
    if isLabel || isWord || TextByte.isLetter(behind) {
      index = end
      skipWordBytes()
      return push(start..<index)
    }
    let unit = text[number.end..<end]
    index = end
    if unit.elementsEqual("it".utf8), text.has(" [", at: end),
      TextTime.clockEnd(text, end + 2) != nil, let count = number.integer
    {
      // tqdm without a total.
      forgetBarWords()
      reading.add(.batch, count)
      return
    }
    take(Self.token(number, unit: unit))
  }

  private static func token(_ number: TextNumber, unit: ArraySlice<UInt8>) -> TextToken {
    guard let first = unit.first else {
      return TextToken(value: number.value, integer: number.integer)
    }
    var token = TextToken(value: number.value, hasUnit: true)
    guard unit.count == 1 else { return token }
    switch first {
    case UInt8(ascii: "k"), UInt8(ascii: "K"): token.value *= 1e3
    case UInt8(ascii: "M"): token.value *= 1e6
    case UInt8(ascii: "z"): token.isScore = true
    default: break
    }
    return token
  }

  // MARK: - Bars

  /// tqdm: `NN%|bar| n/total [elapsed<remaining, rate, …]`, whose bar begins at `open`.
  private mutating func readBar(_ open: Int) -> Bool {
    guard let close = text[(open + 1)...].firstIndex(of: UInt8(ascii: "|")) else { return false }
    let start = text.skippingSpaces(from: close + 1)
    guard let (count, slash) = scaled(at: start), text.byte(slash) == UInt8(ascii: "/"),
      let (total, end) = scaled(at: slash + 1), text.has(" [", at: end)
    else { return false }
    let isOther = forgetBarWords()
    index = end
    reading.add(.batch, count, of: total)
    reading.bar = TextReading.Bar(
      count: TextReading.Count(counter: .batch, value: count, total: total), isOther: isOther)
    return true
  }

  /// What stands before a bar says what it is about. Returns whether that is not the training.
  @discardableResult
  private mutating func forgetBarWords() -> Bool {
    let hasWords = !words.isEmpty
    delimit()
    if let part = reading.part { return !part.isTraining }
    return hasWords && reading.count(.epoch) == nil
  }

  /// An integer of a bar, which tqdm may write as 1.20k.
  private func scaled(at start: Int) -> (value: Int64, end: Int)? {
    guard let number = TextNumber(text, at: start) else { return nil }
    if let integer = number.integer, !TextByte.isLetter(text.byte(number.end)) {
      return (integer, number.end)
    }
    let factor: Double
    switch text.byte(number.end) {
    case UInt8(ascii: "k"): factor = 1e3
    case UInt8(ascii: "M"): factor = 1e6
    case UInt8(ascii: "G"): factor = 1e9
    default: return Int64(exactly: number.value.rounded()).map { ($0, number.end) }
    }
    return Int64(exactly: (number.value * factor).rounded()).map { ($0, number.end + 1) }
  }

  /// `elapsed<remaining, rate` or `elapsed, rate` behind the bracket of a bar.
  mutating func skipBarTimes() {
    guard let elapsed = durationEnd(index) else { return }
    var end = elapsed
    if text.byte(end) == UInt8(ascii: "<") {
      end = fieldEnd(durationEnd(end + 1) ?? end + 1)
    }
    if text.byte(end) == UInt8(ascii: ",") { end = fieldEnd(end + 1) }
    if text.byte(end) == UInt8(ascii: ",") || text.byte(end) == UInt8(ascii: "]") { index = end }
  }

  /// The next comma or bracket, when it is near.
  private func fieldEnd(_ start: Int) -> Int {
    let sizeMax = 40
    var end = start
    while end < min(text.count, start + sizeMax), text[end] != UInt8(ascii: ","),
      text[end] != UInt8(ascii: "]")
    {
      end += 1
    }
    return end
  }

  /// The end of a duration such as `00:05` or `1 day, 2:03:04`.
  private func durationEnd(_ start: Int) -> Int? {
    var clock = start
    let days = text.skippingDigits(from: start)
    if days > start, text.has(" day", at: days) {
      guard let comma = text[days...].prefix(8).firstIndex(of: UInt8(ascii: ",")) else {
        return nil
      }
      clock = comma + 2
    }
    return TextTime.clockEnd(text, clock)
  }
}
