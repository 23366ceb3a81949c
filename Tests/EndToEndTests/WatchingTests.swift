import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// A training that somebody watches.
  @Suite struct WatchingTests {
    @Test func runTrainsAndShowsAndGoesOnWithoutItsDashboard() async throws {
      try await Workplace.use { place in
        let screen = try Screen(place, "run")
        let first = try await screen.wait(for: "a training dashboard") {
          $0.contains("training") && $0.contains("─ accuracy ─") && $0.contains("q Quit")
            && ScreenText.step($0) ?? 0 > 0 && ScreenText.value("loss", $0) != nil
            && $0.unicodeScalars.contains { (0x2801...0x28ff).contains($0.value) }
        }
        #expect(try screen.modes() == Screen.modesOfDashboard)
        let step = try #require(ScreenText.step(first))
        let loss = try #require(ScreenText.value("loss", first))
        try await screen.wait(for: "a later step and a smaller loss than \(loss)") {
          ScreenText.step($0) ?? 0 > step && ScreenText.value("loss", $0) ?? .infinity < loss / 1.5
        }

        try screen.press("q")
        let left = try await screen.wait(forText: "left with status 0", "extproc")
        #expect(left.contains(" icanon") && left.contains(" echo "))
        #expect(try screen.modes() == Screen.modesOfShell)
        let before = try await onlyRun(place)
        #expect(before["state"]?.string == "training")
        #expect(before["name"]?.string?.hasSuffix("-glyphs") == true)
        let stepBefore = try #require(before["step"]?.integer)
        try await eventually("the training going on") {
          try await onlyRun(place)["step"]?.integer ?? 0 > stepBefore
        }
        #expect(try place.processes.engines.count == 1)

        let again = try Screen(place)
        try await again.wait(for: "the same run at a later step") {
          $0.contains("training") && ScreenText.step($0) ?? 0 > Int(stepBefore)
        }
      }
    }

    private func onlyRun(_ place: Workplace) async throws -> JSON {
      let list = try JSONReader().read(try await place.nntopDoing("ls", "--json")).json
      #expect(list["schema"]?.integer == 1)
      let runs = try #require(list["runs"]?.array)
      #expect(runs.count == 1)
      return try #require(runs.first)
    }

    @Test func theStartScreenStartsTheBuiltInExperiment() async throws {
      try await Workplace.use { place in
        let screen = try Screen(place)
        try await screen.wait(forText: "There is no run in runs.", "Enter")
        #expect(try place.listing() == [])
        try screen.press("Enter")
        try await screen.wait(for: "a training") {
          $0.contains("training") && ScreenText.step($0) ?? 0 > 0
        }
        #expect(try place.processes.engines.count == 1)
      }
    }

    @Test func everySizeOfTheTerminalIsDrawnWhole() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let screen = try Screen(place, "runs/run")
        try await screen.wait(forText: "training", "q Quit")
        for (columns, rows) in [(200, 60), (40, 10), (10, 3), (1, 1), (40, 10)] {
          try screen.resize(columns: columns, rows: rows)
          guard columns >= 40 else {
            try await screen.wait(for: "something on \(columns)x\(rows)") {
              $0.contains { !$0.isWhitespace }
            }
            continue
          }
          try await screen.wait(for: "a frame of \(columns)x\(rows)") { text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.first?.contains("run ● training ") == true
              && lines.first?.contains("step ") == true
              && lines.dropFirst(rows - 1).first?.contains("q Quit") == true
              && (text.contains("─ loss ─") || text.contains("═ loss ═"))
          }
        }
        try screen.resize(columns: 80, rows: 24)
        try await place.nntopDoing("ctl", "runs/run", "pause")
        try await expectSnapshot(screen, place, run, "80x24")
        try screen.press("q")
        try await screen.wait(forText: "left with status 0")
      }
    }

    @Test(arguments: ["80x24", "200x60", "60x15", "30x8"])
    func aSnapshotIsWhatTheScreenShows(size: String) async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        let numbers = size.split(separator: "x").compactMap { Int($0) }
        let screen = try Screen(place, columns: numbers[0], rows: numbers[1], "runs/run")
        try await screen.wait(for: "the run") { $0.contains("finished") || $0.contains("run ") }
        try await expectSnapshot(screen, place, run, size)
        let first = try await place.nntopDoing("snapshot", run.path, "--size", size)
        let second = try await place.nntopDoing("snapshot", run.path, "--size", size)
        #expect(first == second)
        #expect(!first.unicodeScalars.contains("\u{1b}"))
      }
    }

    /// Waits until the screen shows what `nntop snapshot` prints.
    private func expectSnapshot(
      _ screen: Screen, _ place: Workplace, _ run: RunOnDisk, _ size: String
    ) async throws {
      let snapshot = try await place.nntopDoing("snapshot", run.path, "--size", size)
      let expected = Self.lines(snapshot)
      try await screen.wait(for: "on the screen what the snapshot shows:\n\(snapshot)") {
        Self.lines($0) == expected
      }
    }

    /// Lines without the blanks at the end.
    private static func lines(_ text: String) -> [Substring] {
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for index in lines.indices {
        while lines[index].last == " " { lines[index].removeLast() }
      }
      while lines.last?.isEmpty == true { lines.removeLast() }
      return lines
    }
  }
}
