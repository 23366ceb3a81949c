import Glibc
import OperatingSystem
import RunLog
import Testing

extension InTerminal {
  /// Names that somebody chose to do harm, or by mistake.
  @Suite struct DashboardTestsHostile {
    private static let evil =
      "evil\u{1b}]2;pwned\u{07}\u{1b}[31;45m"
      + "\u{9b}7m\u{85}\u{202e}\u{2066}\u{200b}\u{feff}\r\t\u{7f}"
    private static let long = evil + String(repeating: "x", count: 10_000)
    /// A directory's name that is no UTF-8.
    private static let bytes: [UInt8] = [
      0x7a, 0xff, 0xfe, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xc3, 0x28, 0x80,
    ]

    /// Runs with such names: in the manifest, as the directory, in both, and of no encoding.
    private static func use(_ body: (Workplace) async throws -> Void) async throws {
      try await Workplace.use { place in
        try place.sample("runs/a", called: long)
        try place.sample("runs/b" + evil, called: "plain")
        try Self.foreignLog(place, "runs/c" + evil)
        let named = Array(place.path("runs/").utf8) + bytes
        try place.sample("runs/d", called: "bytes")
        try #require(Self.rename(Array(place.path("runs/d").utf8), named))
        defer { _ = Self.rename(named, Array(place.path("runs/d").utf8)) }
        try await body(place)
      }
    }

    private static func rename(_ old: [UInt8], _ new: [UInt8]) -> Bool {
      let (old, new) = ((old + [0]).map(CChar.init(bitPattern:)), new + [0])
      return Glibc.rename(old, new.map(CChar.init(bitPattern:))) == 0
    }

    /// A log whose metrics and texts have such names.
    private static func foreignLog(_ place: Workplace, _ path: String) throws {
      try LocalFileSystem().createDirectories(place.path(path))
      let events = try EventFileWriter(
        path: Path.join(place.path(path), "events.out.tfevents.1000000000.test.1.0"),
        files: LocalFileSystem(), firstStep: 0, wallTime: 1e9)
      defer { events.close() }
      for step in 1...20 {
        events.scalars(
          [("train/\(evil)", 1 / Float(step)), ("density/\(evil)", 0.5)], step: Int64(step),
          wallTime: 1e9 + Double(step))
      }
      events.text(evil, tag: evil, step: 20, wallTime: 1e9 + 20)
      try events.flush()
    }

    private static func expectHarmless(_ text: String, _ comment: Comment) {
      #expect(DashboardFrame.dangerous(text) == [], comment)
    }

    @Test func noNameReachesTheTerminalAsItIs() async throws {
      try await Self.use { place in
        let session = try TerminalSession(place, columns: 120, rows: 40, "runs", "--view", "runs")
        try await session.wait(forBytes: "evil\\x1b]2;pwned\\x07", "\u{1B}[?2026l")
        for _ in 0..<3 {
          for view in DashboardFrame.views {
            let before = session.bytes.count
            session.type(view.key + "G\u{C}")
            try await session.wait(forBytes: "6 System", "\u{1B}[?2026l", after: before)
          }
          session.type("[")
        }
        session.type("q")
        #expect(try await session.status() == 0)
        session.expectAsFound("hostile names")
        // What the program itself sends has escapes; none of theirs is among them.
        let text = session.text
        for sequence in ["\u{1b}]2;pwned", "\u{1b}[31;45m", "\u{1b}[31m(", "\u{9b}"] {
          #expect(!text.contains(sequence))
        }
        let allowed: [Unicode.Scalar] = ["\u{1b}", "\r", "\t", "\u{8}", "\u{7}", "\u{e}", "\u{f}"]
        #expect(DashboardFrame.dangerous(text).filter { !allowed.contains($0) } == [])
        #expect(String(validating: session.bytes, as: UTF8.self) != nil)
      }
    }

    @Test func theWindowTitleIsClean() async throws {
      try await Self.use { place in
        let screen = try Screen(place, "runs/a")
        try await screen.wait(forText: "finished", "evil\\x1b]2;pwned")
        try await eventually("the title", else: try screen.title()) {
          try screen.title().hasPrefix("nntop: evil")
        }
        let title = try screen.title()
        Self.expectHarmless(title, "\(title)")
        #expect(title.hasPrefix("nntop: evil\\x1b]2;pwned\\x07") && title.count < 120)
        try screen.press("q")
        try await screen.wait(forText: "left with status 0")
      }
    }

    @Test func noNameReachesAPipeAsItIs() async throws {
      try await Self.use { place in
        Self.expectHarmless(try await place.nntopDoing("runs", "--once"), "--once")
        Self.expectHarmless(try await place.nntopDoing("ls", "runs"), "ls")
        let targets = ["runs/a", "runs/b" + Self.evil, "runs/c" + Self.evil]
        for (target, view) in zip(targets + targets, DashboardFrame.views) {
          for format in ["text", "ansi", "svg", "json"] {
            let output = try await place.nntopDoing(
              "snapshot", target, "--view", view.name, "--format", format)
            let text = format == "ansi" ? DashboardFrame.withoutStyles(output) : output
            Self.expectHarmless(text, "\(view.name) as \(format)")
          }
        }
      }
    }
  }
}
