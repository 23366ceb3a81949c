import OperatingSystem
import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: Clock {
  private let time: Mutex<(wall: Double, monotonic: Double)>

  public init(wallSeconds: Double = 1_700_000_000, monotonicSeconds: Double = 0) {
    time = Mutex((wallSeconds, monotonicSeconds))
  }

  public func wallSeconds() -> Double { time.withLock { $0.wall } }
  public func monotonicSeconds() -> Double { time.withLock { $0.monotonic } }

  /// Lets time pass.
  public func advance(bySeconds seconds: Double) {
    time.withLock { $0 = ($0.wall + seconds, $0.monotonic + seconds) }
  }

  /// Sets the calendar's clock alone, as an administrator does.
  public func setWall(toSeconds seconds: Double) {
    time.withLock { $0.wall = seconds }
  }
}
