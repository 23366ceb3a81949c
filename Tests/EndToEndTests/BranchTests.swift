import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// `B`: a second run from the present state of one that trains.
  @Suite struct BranchTests {
    @Test func aBranchTrainsBesideItsParent() async throws {
      try await Workplace.use { place in
        let parent = try await place.startEngine()
        let screen = try Screen(place, columns: 120, rows: 30, "runs")
        try await screen.wait(for: "a training") {
          $0.contains("● training") && ScreenText.step($0) ?? 0 > 0
        }
        try screen.type("B")
        try await screen.wait(forText: "─ Branch ─", "x0.5", "Enter starts it")
        try screen.press("Enter")
        try await screen.wait(forText: "run-branch-1 goes on from here")
        let branch = place.run("run-branch-1")
        try await eventually("the branch's training") {
          try branch.lastPhase() == "training" && branch.isAlive
        }
        let manifest = try JSONReader().read(try place.contents(of: branch.path("run.json"))).json
        #expect(manifest["parent"]?["run"]?.string == "run")
        #expect(parent.isAlive)
        #expect(try place.processes.engines.count == 2)
        let old = try #require(try await place.status(parent)["learningRate"]?.double)
        let new = try #require(try await place.status(branch)["learningRate"]?.double)
        #expect(abs(new - old / 2) < 1e-9)

        try await screen.wait(forText: "1 more run", "0.02", "0.01")
        try screen.type("4")
        try await screen.wait(for: "both trainings") { text in
          text.contains("run-branch-1") && text.ranges(of: "● training").count >= 3
        }
      }
    }
  }
}
