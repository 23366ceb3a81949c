/// Numbers as people read them. No locale: the point is a point, thousands are set off by a space.
public enum NumberText {
  /// About `digits` significant digits without trailing zeros: `0.01234`, `1.2e-05`, `12 345`.
  /// Whole numbers keep all their digits below a thousand million. `NaN`, `Inf`, `-Inf`.
  public static func significant(_ value: Double, digits: Int = 4) -> String {
    if let word = nonFinite(value) { return word }
    var decimal = DecimalDigits(value)
    let wanted = max(1, digits)
    let isWritten = decimal.exponent < wholeExponentMax
    decimal.round(toDigits: isWritten ? max(wanted, decimal.exponent + 1) : wanted)
    if decimal.digits.isEmpty { return "0" }
    let sign = decimal.isNegative ? "-" : ""
    if decimal.exponent < -4 || decimal.exponent >= wholeExponentMax {
      return sign + scientific(decimal, padded: true)
    }
    return sign + grouped(decimal.fixed(decimals: decimal.decimals))
  }

  /// Exactly `decimals` digits after the point: `12 345.60`.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    if let word = nonFinite(value) { return word }
    let places = min(max(decimals, 0), 20)
    var decimal = DecimalDigits(value)
    if decimal.exponent >= 15 { return significant(value) }
    decimal.round(toDigits: decimal.exponent + 1 + places)
    let sign = decimal.isNegative && !decimal.digits.isEmpty ? "-" : ""
    return sign + grouped(decimal.fixed(decimals: places))
  }

  /// A whole number with a space between groups of three digits: `1 240`.
  public static func grouped(_ value: Int) -> String {
    (value < 0 ? "-" : "") + grouped(String(value.magnitude))
  }

  /// A fraction as a percentage: 0.8125 is `81.3%`.
  public static func percent(_ fraction: Double, decimals: Int = 1) -> String {
    fixed(fraction * 100, decimals: decimals) + "%"
  }

  /// With a metric suffix and about three digits: `950`, `12.3k`, `4.56M`.
  public static func compact(_ value: Double) -> String {
    scaled(value, base: 1000, units: ["", "k", "M", "G", "T", "P", "E"])
  }

  /// A number of bytes: `512 B`, `1.21 MiB`.
  public static func bytes(_ count: Double) -> String {
    scaled(count, base: 1024, units: [" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"])
  }

  /// So many a second: `0.53/s`, `1 240/s`, `12.3k samples/s`.
  public static func rate(_ perSecond: Double, unit: String = "") -> String {
    let number =
      perSecond.magnitude < 10_000 ? significant(perSecond, digits: 3) : compact(perSecond)
    return number + (unit.isEmpty ? "/s" : " \(unit)/s")
  }

  /// A time span in its two largest units: `850ms`, `12s`, `3m 12s`, `1h 04m`, `3d 05h`.
  public static func duration(_ seconds: Double) -> String {
    if let word = nonFinite(seconds) { return word }
    let sign = seconds < 0 ? "-" : ""
    let span = seconds.magnitude
    if span >= 1e12 { return sign + significant(span / 86_400) + "d" }
    if span == 0 { return "0s" }
    if span < 0.001 { return sign + significant(span * 1e6, digits: 3) + "us" }
    if span < 0.9995 { return sign + significant(span * 1000, digits: 3) + "ms" }
    if span < 9.95 { return sign + fixed(span, decimals: 1) + "s" }
    let whole = Int(span.rounded())
    let (minutes, second) = (whole / 60, whole % 60)
    let (hours, minute) = (minutes / 60, minutes % 60)
    if minutes == 0 { return sign + "\(whole)s" }
    if hours == 0 { return sign + "\(minutes)m \(twoDigits(second))s" }
    if hours < 24 { return sign + "\(hours)h \(twoDigits(minute))m" }
    return sign + "\(hours / 24)d \(twoDigits(hours % 24))h"
  }

  /// A label for an axis whose ticks are `step` apart, no longer than `columns`: as many decimals
  /// as the step needs, a metric suffix or an exponent for what would be too long.
  public static func axis(_ value: Double, step: Double, columns: Int) -> String {
    if let word = nonFinite(value) { return word }
    if value.magnitude < step.magnitude * 1e-6 { return "0" }
    let stepDigits = DecimalDigits(step.isFinite ? step : 0)
    var short = stepDigits
    short.round(toDigits: 2)
    if value.magnitude >= 100_000 || step.magnitude >= 10_000 {
      let text = compact(value)
      if text.count <= columns, !text.contains("e") { return text }
    } else if short.decimals <= 6 {
      let text = fixed(value, decimals: short.decimals)
      if text.count <= columns { return text }
    }
    return narrow(value, columns: columns)
  }

  /// The most precise short form that fits: `12k`, `1.2e-5`; at worst too long for `columns`.
  public static func narrow(_ value: Double, columns: Int) -> String {
    if let word = nonFinite(value) { return word }
    for digits in stride(from: 4, through: 1, by: -1) {
      let plain = significant(value, digits: digits)
      if plain.count <= columns, !plain.contains("e") { return plain }
      var decimal = DecimalDigits(value)
      decimal.round(toDigits: digits)
      let text = (decimal.isNegative ? "-" : "") + scientific(decimal, padded: false)
      if text.count <= columns { return text }
      if value.magnitude >= 1000, compact(value).count <= columns { return compact(value) }
    }
    var decimal = DecimalDigits(value)
    decimal.round(toDigits: 1)
    return (decimal.isNegative ? "-" : "") + scientific(decimal, padded: false)
  }

  /// Whole numbers of more digits are written with an exponent.
  private static let wholeExponentMax = 9

  private static func nonFinite(_ value: Double) -> String? {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "Inf" }
    return nil
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func scientific(_ decimal: DecimalDigits, padded: Bool) -> String {
    guard let first = decimal.digits.first else { return "0" }
    let rest = decimal.digits.dropFirst().map(String.init).joined()
    let exponent = decimal.exponent.magnitude
    let digits = padded && exponent < 10 ? "0\(exponent)" : "\(exponent)"
    let sign = decimal.exponent < 0 ? "-" : (padded ? "+" : "")
    return "\(first)" + (rest.isEmpty ? "" : "." + rest) + "e" + sign + digits
  }

  /// Spaces between groups of three digits before the point, from five digits on for plain reading.
  private static func grouped(_ digits: String) -> String {
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let whole = Array(parts.first ?? "")
    guard whole.count > 3 else { return digits }
    var text = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { text.append(" ") }
      text.append(digit)
    }
    return parts.count > 1 ? text + "." + parts[1] : text
  }

  private static func scaled(_ value: Double, base: Double, units: [String]) -> String {
    if let word = nonFinite(value) { return word + (units.first ?? "") }
    var scaledValue = value
    var unit = 0
    while scaledValue.magnitude >= base * 0.9995, unit < units.count - 1 {
      scaledValue /= base
      unit += 1
    }
    if scaledValue.magnitude >= 1e6 { return significant(value, digits: 3) + (units.first ?? "") }
    return significant(scaledValue, digits: 3) + units[unit]
  }
}
