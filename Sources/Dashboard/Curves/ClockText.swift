/// Times of day and dates, from seconds since 1970 that have been shifted to local time.
enum ClockText {
  /// As much as tells places on an axis apart: `14:03:07`, `14:03`, `11-21 14:03`, `2026-11-21`.
  static func of(secondsOfLocalTime seconds: Double, span: Double) -> String {
    guard seconds.isFinite, seconds.magnitude < 1e12 else { return "?" }
    let seconds = seconds.rounded(.down)
    let day = 86_400.0
    let date = Date(daysSince1970: Int((seconds / day).rounded(.down)))
    let time = Int(seconds - (seconds / day).rounded(.down) * day)
    let clock = "\(two(time / 3600)):\(two(time / 60 % 60))"
    if span < 600 { return clock + ":" + two(time % 60) }
    if span < day { return clock }
    if span < 10 * day { return "\(two(date.month))-\(two(date.day)) \(clock)" }
    return "\(date.year)-\(two(date.month))-\(two(date.day))"
  }

  /// `2026-11-21 14:03:07`
  static func full(secondsOfLocalTime seconds: Double) -> String {
    of(secondsOfLocalTime: seconds, span: .infinity) + " "
      + of(secondsOfLocalTime: seconds, span: 0)
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  /// A day of the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms",
  /// civil_from_days).
  private struct Date {
    let year, month, day: Int

    init(daysSince1970 days: Int) {
      let shifted = days + 719_468
      let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
      let dayOfEra = shifted - era * 146_097
      let yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
      let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let monthFromMarch = (5 * dayOfYear + 2) / 153
      day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
      month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
      year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
  }
}
