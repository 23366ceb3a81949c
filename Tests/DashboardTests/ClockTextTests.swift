import Testing

@testable import Dashboard

struct ClockTextTests {
  /// What Python's `datetime(1970, 1, 1) + timedelta(seconds=s)` says.
  private static let known: [(seconds: Double, date: String, clock: String)] = [
    (0, "1970-01-01", "00:00:00"),
    (951_782_399, "2000-02-28", "23:59:59"),
    (951_782_400, "2000-02-29", "00:00:00"),
    (951_868_799, "2000-02-29", "23:59:59"),
    (951_868_800, "2000-03-01", "00:00:00"),
    (1_078_012_800, "2004-02-29", "00:00:00"),
    (1_709_164_800, "2024-02-29", "00:00:00"),
    (1_700_000_000, "2023-11-14", "22:13:20"),
    (1_795_269_787, "2026-11-21", "14:03:07"),
    (4_102_444_799, "2099-12-31", "23:59:59"),
    (4_102_444_800, "2100-01-01", "00:00:00"),
    (4_107_542_399, "2100-02-28", "23:59:59"),
    (4_107_542_400, "2100-03-01", "00:00:00"),
    (253_402_300_799, "9999-12-31", "23:59:59"),
    (-1, "1969-12-31", "23:59:59"),
    (-86_400, "1969-12-31", "00:00:00"),
    (-86_401, "1969-12-30", "23:59:59"),
    (-2_203_891_201, "1900-02-28", "23:59:59"),
    (-2_203_891_200, "1900-03-01", "00:00:00"),
    (-2_208_988_800, "1900-01-01", "00:00:00"),
    (-11_644_473_600, "1601-01-01", "00:00:00"),
    (-12_219_292_800, "1582-10-15", "00:00:00"),
  ]

  @Test(arguments: known.indices)
  func knownDates(index: Int) {
    let (seconds, date, clock) = Self.known[index]
    #expect(ClockText.full(secondsOfLocalTime: seconds) == "\(date) \(clock)")
    #expect(ClockText.of(secondsOfLocalTime: seconds, span: .infinity) == date)
    // What is left of a second is no second yet.
    #expect(ClockText.full(secondsOfLocalTime: seconds + 0.75) == "\(date) \(clock)")
  }

  /// Only as much as tells places on the axis apart.
  @Test(arguments: [
    (0.0, "14:03:07"), (599, "14:03:07"), (600, "14:03"), (86_399, "14:03"),
    (86_400, "11-21 14:03"), (863_999, "11-21 14:03"), (864_000, "2026-11-21"),
  ])
  func theSpanDecidesHowMuchIsTold(span: Double, text: String) {
    #expect(ClockText.of(secondsOfLocalTime: 1_795_269_787, span: span) == text)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e12, -1e12, 1e300])
  func whatIsNoTimeIsAQuestion(seconds: Double) {
    #expect(ClockText.of(secondsOfLocalTime: seconds, span: 0) == "?")
    #expect(ClockText.full(secondsOfLocalTime: seconds) == "? ?")
  }
}
