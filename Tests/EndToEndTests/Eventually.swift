import OperatingSystem

/// Something did not come in time.
struct Overdue: Error, CustomStringConvertible {
  let description: String
}

/// How long the tests wait before they give up: long enough for a machine that has much to do.
enum Patience {
  static let seconds = 60.0
  static let pollSeconds = 0.05
}

/// Looks again and again until there is something to see, and returns it.
/// - Parameter last: says, for the message, what was there instead.
func eventually<Value>(
  _ what: String, within seconds: Double = Patience.seconds,
  else last: @autoclosure () throws -> String = "", _ look: () async throws -> Value?
) async throws -> Value {
  let clock = SystemClock()
  let deadline = clock.monotonicSeconds() + seconds
  while true {
    if let found = try await look() { return found }
    guard clock.monotonicSeconds() < deadline else {
      throw Overdue(description: "not within \(Int(seconds)) s: \(what)\n\(try last())")
    }
    try await Task.sleep(nanoseconds: UInt64(Patience.pollSeconds * 1e9))
  }
}

/// Waits until something holds.
func eventually(
  _ what: String, within seconds: Double = Patience.seconds,
  else last: @autoclosure () throws -> String = "", _ isTrue: () async throws -> Bool
) async throws {
  let _: Bool = try await eventually(what, within: seconds, else: try last()) {
    try await isTrue() ? true : nil
  }
}
