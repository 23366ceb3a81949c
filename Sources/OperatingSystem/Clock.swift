import Glibc

/// Time, passed in so that tests can set it.
public protocol Clock: Sendable {
  /// Seconds since 1970, as the calendar has it; may jump.
  func wallSeconds() -> Double
  /// Seconds since some moment; never goes back.
  func monotonicSeconds() -> Double
}

public struct SystemClock: Clock {
  public init() {}

  public func wallSeconds() -> Double { Self.seconds(of: CLOCK_REALTIME) }
  public func monotonicSeconds() -> Double { Self.seconds(of: CLOCK_MONOTONIC) }

  private static func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// A moment as a person's calendar and clock show it.
public struct LocalTime: Sendable {
  private let year, month, day, hour, minute, second: Int32

  /// - Parameter wallSeconds: seconds since 1970.
  public init(wallSeconds: Double) {
    var seconds = time_t(wallSeconds.isFinite ? max(-1e11, min(1e11, wallSeconds)) : 0)
    var parts = tm()
    localtime_r(&seconds, &parts)
    (year, month, day) = (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    (hour, minute, second) = (parts.tm_hour, parts.tm_min, parts.tm_sec)
  }

  /// What local time is ahead of UTC at a moment, in seconds.
  public static func offsetSeconds(wallSeconds: Double) -> Int {
    var seconds = time_t(wallSeconds.isFinite ? max(-1e11, min(1e11, wallSeconds)) : 0)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return parts.tm_gmtoff
  }

  /// "20260131-235959"
  public var compact: String {
    padded(year, 4) + padded(month) + padded(day) + "-" + padded(hour) + padded(minute)
      + padded(second)
  }

  /// "23:59:59"
  public var clock: String {
    "\(padded(hour)):\(padded(minute)):\(padded(second))"
  }

  private func padded(_ number: Int32, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
