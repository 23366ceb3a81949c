/// Reads numbers as people type them.
enum FilterQuantity {
  /// The longest number in characters.
  static let lengthMax = 64

  private static let factors: [String: Double] = [
    "": 1, "%": 0.01, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
    "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824, "TiB": 1_099_511_627_776,
  ]
  private static let seconds: [String: Double] = [
    "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400,
  ]

  /// `12`, `-0.5`, `1e-3`, `20k`, `80%`, `64MiB`, `10m`, `1h30m`, `nan`, `inf`; nil when the text
  /// is none of these. Shares are of one, durations in seconds; `m` is minutes and `M` a million.
  static func value(of text: String) -> Double? {
    guard text.utf8.count <= lengthMax else { return nil }
    var rest = text[...]
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    guard let magnitude = magnitude(of: rest) else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  private static func magnitude(of text: Substring) -> Double? {
    switch text.lowercased() {
    case "nan": return .nan
    case "inf", "infinity": return .infinity
    default: break
    }
    var rest = text
    guard let first = takeNumber(&rest) else { return nil }
    let unit = takeUnit(&rest)
    if rest.isEmpty, let factor = factors[unit] { return first * factor }
    guard let factor = seconds[unit] else { return nil }
    var sum = first * factor
    while !rest.isEmpty {
      guard let next = takeNumber(&rest), let factor = seconds[takeUnit(&rest)] else { return nil }
      sum += next * factor
    }
    return sum
  }

  private static func takeUnit(_ rest: inout Substring) -> String {
    let unit = rest.prefix { !$0.isASCII || $0.isLetter || $0 == "%" }
    rest = rest.dropFirst(unit.count)
    return String(unit)
  }

  /// Digits with a point and an exponent, from the start.
  private static func takeNumber(_ rest: inout Substring) -> Double? {
    var index = rest.startIndex
    let text = rest
    func skipDigits() -> Int {
      let digits = text[index...].prefix { ("0"..."9").contains($0) }
      index = digits.endIndex
      return digits.count
    }
    var digits = skipDigits()
    if text[index...].first == "." {
      index = text.index(after: index)
      digits += skipDigits()
    }
    guard digits > 0 else { return nil }
    if let letter = text[index...].first, letter == "e" || letter == "E" {
      index = text.index(after: index)
      if let sign = text[index...].first, sign == "-" || sign == "+" {
        index = text.index(after: index)
      }
      if skipDigits() == 0 { return nil }
    }
    defer { rest = text[index...] }
    return Double(text[..<index])
  }
}
