import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// What a person configured, and what the program remembers.
  @Suite struct ConfigurationTests {
    private static let memory = "home/.local/state/nntop/views.json"

    private func leave(_ screen: Screen) async throws {
      try screen.press("q")
      try await screen.wait(forText: "left with status 0")
    }

    /// The header, the tabs and the first rows, above all toasts.
    private func top(_ screen: Screen) throws -> DashboardFrame.Look {
      DashboardFrame.Look(try screen.textWithEscapes(), rows: 12)
    }

    @Test func aViewIsAsItWasLeft() async throws {
      try await Workplace.use { place in
        try place.sample("one", called: "one")
        let first = try Screen(place, columns: 120, "one")
        try await first.wait(forText: "─ accuracy ─")
        let unzoomed = try top(first)
        try first.type(":theme light\r+<s2")
        try await first.wait(forText: "grad norm")
        let layers = try top(first)
        try first.type("1")
        try await first.wait(forText: "zoomed", "smoothing 0.3")
        let curves = try top(first)
        try first.type("2")
        try await first.wait(forText: "grad norm")
        try await leave(first)

        let second = try Screen(place, columns: 120, "one")
        try await second.wait(forText: "grad norm", "linear1")
        #expect(try top(second) == layers)
        try second.type("1")
        try await second.wait(forText: "zoomed", "smoothing 0.3")
        #expect(try top(second) == curves)
        try second.type("=+")
        try await second.wait(forText: "zoomed, follows")
        try await leave(second)
        let following = try Screen(place, columns: 120, "one")
        try await following.wait(forText: "smoothing 0.3")
        try await following.wait(for: "the same zoom") { $0.contains("zoomed, follows") }
        try await leave(following)

        for damage in ["{\"version\": 1, \"views\": [{\"targ", "[1, {}]\u{0}\u{1}"] {
          _ = try place.writeBeside(damage, to: Self.memory)
          let third = try Screen(place, columns: 120, "one")
          try await third.wait(forText: "─ accuracy ─", "finished")
          #expect(try top(third) == unzoomed)
          try await leave(third)
          let text = try place.contents(of: place.pathBeside(Self.memory))
          #expect(try JSONReader().read(text).json["views"]?.array?.count == 1)
        }
      }
    }

    @Test func aWrongFieldIsToldAndCostsNothingElse() async throws {
      try await Workplace.use { place in
        try place.sample("one", called: "one")
        let configuration = """
          {
            // What I like.
            "theme": "light",
            "keys": {"freeze": "F", "checkpoint": "<disabled>"},
            "defaults": {"view": "layers", "smoothing": "much"},
          }
          """
        try place.writeInHome(configuration, to: ".config/nntop/config.json")
        let screen = try Screen(place, columns: 200, "one")
        try await screen.wait(
          forText: "config.json:5: defaults.smoothing: found \"much\", expected a number",
          "grad norm", "linear1", "q Quit")
        try screen.type("z")
        try screen.type("F")
        try await screen.wait(forText: "FROZEN")
        try screen.type("F")
        let text = try await screen.wait(for: "the display going on") { !$0.contains("FROZEN") }
        #expect(text.contains("X Prune") && !text.contains("C Ckpt"))
        // A disabled key is not even refused.
        try screen.type("Cm")
        #expect(try await !screen.wait(forText: "mouse on").contains("not now"))
        try await leave(screen)
        let path = place.pathBeside("home/.config/nntop/config.json")
        #expect(try place.contents(of: path) == configuration)
      }
    }

    @Test func nextThemeGoesThroughAll() async throws {
      try await Workplace.use { place in
        try place.sample("one", called: "one")
        let json = try JSONReader().read(try await place.nntopDoing("themes", "--json")).json
        let names = (json["themes"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(names.count >= 6 && names.contains("monochrome"))
        let start = try #require(names.firstIndex(of: "standard"))
        let screen = try Screen(place, "one")
        try await screen.wait(forText: "─ accuracy ─")
        var seen = [try top(screen)]
        for offset in 1...names.count {
          try screen.type("T")
          let words = "theme \(names[(start + offset) % names.count]) "
          try await screen.wait(for: words) { text in
            text.split(separator: "\n").contains { ($0 + " ").contains(words) }
          }
          seen.append(try top(screen))
        }
        #expect(seen.first == seen.last)
        #expect(Set(seen).count == names.count)
      }
    }
  }
}
