import CSystem
import Glibc

/// Signals as bytes to read in a loop, instead of handlers that interrupt it.
public struct SignalPipe: Sendable {
  /// Readable when a signal has come.
  public let descriptor: Int32

  /// Call once a process.
  public init(_ signals: [Int32]) throws(SystemError) {
    descriptor = nn_signal_pipe(signals, Int32(signals.count))
    guard descriptor >= 0 else {
      throw SystemError(operation: "create", path: "a pipe for signals", code: errno)
    }
  }

  /// The signals that have come since the last call.
  public func received() -> [Int32] {
    var signals: [Int32] = []
    var byte: UInt8 = 0
    let signalsPerCallMax = 64
    while signals.count < signalsPerCallMax, Glibc.read(descriptor, &byte, 1) == 1 {
      signals.append(Int32(byte))
    }
    return signals
  }

  public static func ignore(_ signal: Int32) {
    nn_ignore_signal(signal)
  }
}
