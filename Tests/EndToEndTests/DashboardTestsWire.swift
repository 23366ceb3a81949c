import OperatingSystem
import Testing

extension InTerminal {
  /// What a dashboard sends over a slow line.
  @Suite struct DashboardTestsWire {
    private static let bytesPerSecondMax = 2048.0
    private static let framesPerSecondMin = 2.0
    private static let updatesPerSecond = 10.0
    private static let seconds = 4.0

    @Test func followingIsCheapAndStandingStillIsFree() async throws {
      try await Workplace.use { place in
        let log = try DashboardLog(place, "live", count: 1000)
        let terminal = try RawTerminal(place, "live")
        try await terminal.waitForBytes("loss", "1 000")
        try await terminal.waitForSilence()

        let clock = SystemClock()
        let (start, before) = (clock.monotonicSeconds(), terminal.bytes.count)
        while clock.monotonicSeconds() < start + Self.seconds {
          try log.write()
          try await terminal.drain(seconds: 1 / Self.updatesPerSecond)
        }
        let elapsed = clock.monotonicSeconds() - start
        let sent = terminal.bytes[before...]
        #expect(Double(sent.count) <= Self.bytesPerSecondMax * elapsed)
        let ends = String(decoding: sent, as: UTF8.self).ranges(of: "\u{1B}[?2026l")
        #expect(Double(ends.count) >= Self.framesPerSecondMin * elapsed)

        try await terminal.waitForSilence()
        #expect(terminal.text.contains("\(log.step % 1000)"))
        #expect(try await terminal.drain(seconds: 3) == 0)
      }
    }
  }
}
