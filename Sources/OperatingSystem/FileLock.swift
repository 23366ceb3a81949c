import CSystem
import Glibc

/// An exclusive lock on a file, held until `release` or the end of the process, however it ends.
public struct FileLock: Sendable {
  private let descriptor: Int32

  public enum Probe: Sendable, Equatable {
    /// Some living process holds the lock.
    case held
    /// Nobody holds it, or there is no such file.
    case free
    /// Locks do not work here (some network file systems).
    case unknown
  }

  /// Takes the lock, trying for `patienceSeconds`; nil when another process keeps it.
  public static func take(
    _ path: String, patienceSeconds: Double
  ) throws(SystemError) -> FileLock? {
    let descriptor = nn_open(path, O_RDWR | O_CREAT, 0o666)
    guard descriptor >= 0 else {
      throw SystemError(operation: "lock", path: path, code: errno)
    }
    let attemptPauseMicroseconds: UInt32 = 20_000
    var attemptsLeft = max(1, Int(patienceSeconds * 1e6) / Int(attemptPauseMicroseconds))
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        let code = errno
        close(descriptor)
        throw SystemError(operation: "lock", path: path, code: code)
      }
      attemptsLeft -= 1
      if attemptsLeft == 0 {
        close(descriptor)
        return nil
      }
      usleep(attemptPauseMicroseconds)
    }
    return FileLock(descriptor: descriptor)
  }

  /// Asks whether somebody holds the lock, and lets go at once.
  public static func probe(_ path: String) -> Probe {
    let descriptor = nn_open(path, O_RDONLY | O_NONBLOCK, 0)
    guard descriptor >= 0 else { return errno == ENOENT ? .free : .unknown }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
      flock(descriptor, LOCK_UN)
      return .free
    }
    return errno == EWOULDBLOCK ? .held : .unknown
  }

  public func release() {
    close(descriptor)
  }
}
