import Glibc

/// When a line was written, as far as it tells.
struct TextTime: Sendable {
  /// The minute that was told last, and when that was.
  private var minute: [UInt8] = []
  private var minuteSeconds = 0.0
  private var zone: Int?

  /// A date and time in a line.
  struct Found {
    /// The first byte behind it.
    let end: Int
    /// Seconds since 1970; nil when it is a date without a time.
    let seconds: Double?
  }

  /// Reads `2026-11-21 16:48:45,625`, `2026/11/21T16:48:45Z` and the like, whose first digit stands
  /// at `start`. A time without a zone is one of this machine's.
  mutating func read(_ text: [UInt8], at start: Int) -> Found? {
    guard let date = Self.dateEnd(text, start) else { return nil }
    let year = Self.integer(text, start..<start + 4) ?? 0
    var index = date
    if text.byte(index) == UInt8(ascii: "T") || text.byte(index) == UInt8(ascii: " ")
      || text.byte(index) == UInt8(ascii: "_")
    {
      index += 1
    }
    // The form that sorts: two digits each.
    guard date == start + 10, let end = Self.clockEnd(text, index), text.byte(index + 2) == 58,
      1990...2200 ~= year
    else { return Found(end: Self.clockEnd(text, index) ?? date, seconds: nil) }
    var seconds = 0.0
    if index + 6 < end, let whole = TextNumber(text, at: index + 6) {
      // Python's logging writes a comma before the thousandths.
      let hasComma = text.byte(whole.end) == UInt8(ascii: ",") && whole.end < end
      let fraction = hasComma ? Self.integer(text, whole.end + 1..<end) : nil
      seconds = whole.value + Double(fraction ?? 0) / Self.powerOfTen(end - whole.end - 1)
    }
    let (zone, behind) = Self.zone(text, at: end)
    if minute.elementsEqual(text[start..<index + 5]), zone == self.zone {
      return Found(end: behind, seconds: minuteSeconds + seconds)
    }
    guard let found = Self.seconds(text, start, index, year, zone) else {
      return Found(end: behind, seconds: nil)
    }
    (minute, minuteSeconds, self.zone) = (Array(text[start..<index + 5]), found, zone)
    return Found(end: behind, seconds: found + seconds)
  }

  private static func seconds(
    _ text: [UInt8], _ date: Int, _ clock: Int, _ year: Int, _ zone: Int?
  ) -> Double? {
    guard let month = integer(text, date + 5..<date + 7), 1...12 ~= month,
      let day = integer(text, date + 8..<date + 10), 1...31 ~= day,
      let hour = integer(text, clock..<clock + 2), hour < 24,
      let minute = integer(text, clock + 3..<clock + 5), minute < 60
    else { return nil }
    var parts = tm()
    parts.tm_year = CInt(year - 1900)
    parts.tm_mon = CInt(month - 1)
    parts.tm_mday = CInt(day)
    parts.tm_hour = CInt(hour)
    parts.tm_min = CInt(minute)
    // Whether it is summer there is found out.
    parts.tm_isdst = -1
    if let zone { return Double(timegm(&parts)) - Double(zone) }
    return Double(mktime(&parts))
  }

  /// The zone behind a time, in seconds east of Greenwich.
  private static func zone(_ text: [UInt8], at end: Int) -> (zone: Int?, end: Int) {
    if text.byte(end) == UInt8(ascii: "Z") { return (0, end + 1) }
    let sign = text.byte(end)
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      let hours = integer(text, end + 1..<end + 3)
    else { return (nil, end) }
    let minutes = end + 3 + (text.byte(end + 3) == 58 ? 1 : 0)
    guard let rest = integer(text, minutes..<minutes + 2) else { return (nil, end) }
    let seconds = hours * 3600 + rest * 60
    return (sign == UInt8(ascii: "-") ? -seconds : seconds, minutes + 2)
  }

  /// The end of a date of three numbers between dashes or slashes; nil where none stands.
  static func dateEnd(_ text: [UInt8], _ start: Int) -> Int? {
    let year = text.skippingDigits(from: start)
    let separator = text.byte(year)
    guard 1...4 ~= year - start, separator == UInt8(ascii: "-") || separator == UInt8(ascii: "/")
    else { return nil }
    let month = text.skippingDigits(from: year + 1)
    guard 1...2 ~= month - year - 1, text.byte(month) == separator else { return nil }
    let day = text.skippingDigits(from: month + 1)
    guard year - start == 4 ? 1...2 ~= day - month - 1 : day - month - 1 == 4 else { return nil }
    return day
  }

  /// The end of a time of day or a duration such as 1:02:03.5 or 12:30; nil where none stands.
  static func clockEnd(_ text: [UInt8], _ start: Int) -> Int? {
    var index = text.skippingDigits(from: start)
    guard 1...4 ~= index - start else { return nil }
    var groups = 0
    while text.byte(index) == 58, TextByte.isDigit(text.byte(index + 1)),
      TextByte.isDigit(text.byte(index + 2)), !TextByte.isDigit(text.byte(index + 3)), groups < 2
    {
      index += 3
      groups += 1
    }
    guard groups > 0 else { return nil }
    let isComma = text.byte(index) == UInt8(ascii: ",") && groups == 2
    if isComma || text.byte(index) == UInt8(ascii: "."), TextByte.isDigit(text.byte(index + 1)) {
      index = text.skippingDigits(from: index + 1)
    }
    return index
  }

  private static func integer(_ text: [UInt8], _ range: Range<Int>) -> Int? {
    guard range.upperBound <= text.count, 1...9 ~= range.count else { return nil }
    var value = 0
    for byte in text[range] {
      guard TextByte.isDigit(byte) else { return nil }
      value = value * 10 + Int(byte &- UInt8(ascii: "0"))
    }
    return value
  }

  private static func powerOfTen(_ exponent: Int) -> Double {
    (0..<max(0, min(exponent, 9))).reduce(1.0) { power, _ in power * 10 }
  }
}
