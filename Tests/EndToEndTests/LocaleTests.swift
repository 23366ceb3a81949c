import OperatingSystem
import Testing

extension InTerminal {
  /// Terminals and locales of all kinds.
  @Suite struct LocaleTests {
    @Test func theCLocaleGetsASCIIOnly() async throws {
      try await Workplace.use { place in
        _ = try await place.startEngine()
        let terminal = try RawTerminal(
          place, environment: ["LANG": "C", "LC_ALL": "C"], "runs/run")
        let screen = try Screen(place, environment: ["LANG": "C", "LC_ALL": "C"], "runs/run")
        let text = try await screen.wait(for: "charts in ASCII") { text in
          let chart = text.split(separator: "\n").dropFirst(3).prefix(8)
          let marks = chart.joined().filter { "*#.:+'".contains($0) }.count
          return text.contains("loss") && text.contains("q Quit") && marks > 10
        }
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        try await terminal.waitForBytes("loss")
        try await terminal.drain(seconds: 1)
        #expect(terminal.bytes.allSatisfy { $0 < 0x80 })
      }
    }

    @Test func noColorMeansNoColor() async throws {
      try await Workplace.use { place in
        _ = try await place.finishedRun()
        let colored = try Screen(place, "runs/run")
        try await colored.wait(forText: "finished", "q Quit")
        #expect(Self.hasColor(try colored.textWithEscapes()))
        let plain = try Screen(place, environment: ["NO_COLOR": "1"], "runs/run")
        try await plain.wait(forText: "finished", "q Quit")
        let text = try plain.textWithEscapes()
        #expect(!Self.hasColor(text))
        #expect(text.contains("\u{1b}[1m"))
      }
    }

    @Test func aVT100GetsTheSameWithoutColor() async throws {
      try await Workplace.use { place in
        _ = try await place.finishedRun()
        let screen = try Screen(place, environment: ["TERM": "vt100"], "runs/run")
        try await screen.wait(forText: "run √ finished", "─ accuracy ─", "q Quit")
        #expect(!Self.hasColor(try screen.textWithEscapes()))
        try screen.press("q")
        try await screen.wait(forText: "left with status 0")
      }
    }

    @Test func anUnknownTerminalIsTold() async throws {
      try await Workplace.use { place in
        _ = try await place.finishedRun()
        let screen = try Screen(place, environment: ["TERM": "nosuchterm"], "runs/run")
        try await screen.wait(
          forText: "terminal type \"nosuchterm\" is unknown here; using ", "q Quit")
        try screen.press("q")
        try await screen.wait(forText: "left with status 0")
      }
    }

    @Test func aDumbTerminalGetsAPlainFrame() async throws {
      try await Workplace.use { place in
        _ = try await place.finishedRun()
        let terminal = try RawTerminal(place, environment: ["TERM": "dumb"], "runs/run")
        try await terminal.waitForEnd()
        #expect(!terminal.bytes.contains(0x1b))
        #expect(terminal.text.contains("finished") && terminal.text.contains("loss"))
        let training = try RawTerminal(
          place, environment: ["TERM": "dumb"], "run", "--name", "other", "--set", "epochs=2",
          "--set", "data.trainingCount=512")
        try await training.waitForEnd()
        #expect(training.text.contains("finished runs/other"))
      }
    }

    /// Whether a captured screen sets a colour.
    private static func hasColor(_ text: String) -> Bool {
      text.split(separator: "\u{1b}[").dropFirst().contains { part in
        guard let end = part.firstIndex(where: { $0.isLetter }), part[end] == "m" else {
          return false
        }
        let numbers = part[..<end].split(separator: ";").compactMap { Int($0) }
        return numbers.contains { (30...38).contains($0) || (40...48).contains($0) || $0 >= 90 }
      }
    }
  }
}
