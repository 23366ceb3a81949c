import Glibc
import OperatingSystem

/// This program on a pseudo-terminal, with an empty memory of earlier output.
final class BenchTerminal {
  let processIdentifier: Int32
  private let master: Int32
  private let clock = SystemClock()

  init(arguments: [String], rows: Int, columns: Int) throws {
    let kept = Environment.list.filter {
      !$0.hasPrefix("TERM=") && !$0.hasPrefix("LC_ALL=") && !$0.hasPrefix("NO_COLOR=")
    }
    let started = try PseudoTerminal.start(
      Environment.ownProgram, arguments: arguments,
      environment: kept + ["TERM=xterm-256color", "LC_ALL=C.UTF-8"], rows: rows, columns: columns)
    (processIdentifier, master) = (started.processIdentifier, started.master)
  }

  func close() {
    kill(processIdentifier, SIGTERM)
    read(forSeconds: 0.2)
    Glibc.close(master)
    var status: Int32 = 0
    waitpid(processIdentifier, &status, 0)
  }

  func write(_ text: String) {
    Output.bytes(Array(text.utf8), to: master)
  }

  /// Takes what comes for some time; the number of bytes.
  @discardableResult
  func read(forSeconds seconds: Double) -> Int {
    let end = clock.monotonicSeconds() + seconds
    var count = 0
    while true {
      let left = end - clock.monotonicSeconds()
      guard left > 0, !Readiness.wait(for: [master], timeoutSeconds: left).isEmpty else {
        return count
      }
      let bytes = readSome()
      if bytes.isEmpty { return count }
      count += bytes.count
    }
  }

  /// Takes what comes until nothing has come for some time.
  func readUntilQuiet(forSeconds seconds: Double) {
    let roundsMax = 100
    for _ in 0..<roundsMax where read(forSeconds: seconds) == 0 { return }
  }

  /// When the last byte of what comes next came, on the clock that never goes back; nil when
  /// nothing comes.
  func endOfAnswer(seconds: Double) -> Double? {
    guard waitForOutput(seconds: seconds) else { return nil }
    var last = clock.monotonicSeconds()
    let quietSeconds = 0.06
    let bytesMax = 1 << 22
    var count = 0
    while count < bytesMax,
      !Readiness.wait(for: [master], timeoutSeconds: quietSeconds).isEmpty
    {
      let bytes = readSome()
      guard !bytes.isEmpty else { break }
      count += bytes.count
      last = clock.monotonicSeconds()
    }
    return last
  }

  /// True as soon as something has come, or what has come contains some text.
  func waitForOutput(seconds: Double, containing text: String = "") -> Bool {
    let end = clock.monotonicSeconds() + seconds
    var seen = ""
    while clock.monotonicSeconds() < end {
      let left = end - clock.monotonicSeconds()
      guard !Readiness.wait(for: [master], timeoutSeconds: left).isEmpty else { return false }
      let bytes = readSome()
      if bytes.isEmpty { return false }
      seen += String(decoding: bytes, as: UTF8.self)
      if text.isEmpty || seen.contains(text) { return true }
    }
    return false
  }

  private func readSome() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(master, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }
}
