import OperatingSystem
import Synchronization

/// A clock that goes on by the same amount whenever it is asked, so that what depends on time is
/// the same in every run.
final class ScriptedClock: Clock {
  private let seconds: Mutex<Double>
  private let tickSeconds: Double

  /// - Parameter tickSeconds: an update asks five times and more.
  init(startSeconds: Double = 1000, tickSeconds: Double = 0.01) {
    seconds = Mutex(startSeconds)
    self.tickSeconds = tickSeconds
  }

  func advance(by amount: Double) {
    seconds.withLock { $0 += amount }
  }

  func wallSeconds() -> Double {
    seconds.withLock { 1_700_000_000 + $0 }
  }

  func monotonicSeconds() -> Double {
    seconds.withLock { seconds in
      seconds += tickSeconds
      return seconds
    }
  }
}
