import Glibc

/// Waits until something can be read.
public enum Readiness {
  /// - Parameter timeoutSeconds: nil waits for ever.
  /// - Returns: the descriptors that have something to read or whose other side is gone; empty
  ///   after the timeout.
  public static func wait(for descriptors: [Int32], timeoutSeconds: Double?) -> [Int32] {
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let milliseconds: Int32
    if let timeoutSeconds {
      milliseconds = Int32(max(0, min(timeoutSeconds * 1000, 3_600_000)).rounded(.up))
    } else {
      milliseconds = -1
    }
    guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return [] }
    return polled.filter { $0.revents != 0 }.map(\.fd)
  }
}
