import Glibc
import OperatingSystem

/// A terminal of which every byte that is sent to it is kept.
final class RawTerminal {
  private(set) var bytes: [UInt8] = []
  let processIdentifier: Int32
  private let master: Int32
  private(set) var isOver = false

  init(
    _ place: Workplace, columns: Int = 80, rows: Int = 24, environment: [String: String?] = [:],
    _ arguments: String...
  ) throws {
    let started = try PseudoTerminal.start(
      "env", arguments: ["-C", place.path, Program.path] + arguments,
      environment: place.environment(environment), rows: rows, columns: columns)
    processIdentifier = started.processIdentifier
    master = started.master
  }

  deinit {
    close(master)
    kill(processIdentifier, SIGKILL)
    waitpid(processIdentifier, nil, 0)
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Takes what has been sent; the number of bytes.
  @discardableResult
  func drain() -> Int {
    let before = bytes.count
    let chunk = 1 << 16
    var piece = [UInt8](repeating: 0, count: chunk)
    while !isOver, !Readiness.wait(for: [master], timeoutSeconds: 0).isEmpty {
      let count = read(master, &piece, chunk)
      if count <= 0 { isOver = true } else { bytes += piece[..<count] }
    }
    return bytes.count - before
  }

  /// Takes what is sent during a time.
  @discardableResult
  func drain(seconds: Double) async throws -> Int {
    let clock = SystemClock()
    let end = clock.monotonicSeconds() + seconds
    var count = 0
    while clock.monotonicSeconds() < end && !isOver {
      count += drain()
      try await Task.sleep(nanoseconds: UInt64(Patience.pollSeconds * 1e9))
    }
    return count + drain()
  }

  /// Waits until the program has sent nothing for a second.
  func waitForSilence() async throws {
    try await eventually("silence on the terminal", else: text) {
      try await drain(seconds: 1) == 0 && !bytes.isEmpty
    }
  }

  /// Waits until the program has sent some words.
  func waitForBytes(_ words: String...) async throws {
    try await eventually("\(words) on the terminal", else: text) {
      drain()
      return words.allSatisfy { text.contains($0) }
    }
  }

  /// Waits until the program has left.
  func waitForEnd() async throws {
    try await eventually("the end of the program", else: text) {
      drain()
      return isOver
    }
  }
}
