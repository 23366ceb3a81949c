import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// Pruning that goes on for many steps, in a second run, or in rounds.
  @Suite struct PruningWhileTrainingTests {
    @Test func aGradualPruningShowsAndIsFinished() async throws {
      try await Workplace.use { place in
        let (pruning, screen) = try await gradual(place)
        try screen.type("X")
        try await screen.wait(forText: "Pruning goes on", "gradual prunes to 90.0%", "Enter")
        try screen.press("Enter")
        let text = try await pruning.wait(forSparsity: 90)
        try await screen.wait(for: "its end in the header") { !$0.contains("pruning gradual") }
        #expect(abs(PruningScreen.total(PruningScreen.sparsities(text)) - 0.9) < 0.002, "\(text)")
        let last = try pruning.run.journal(of: "pruning").last
        #expect(last?["over"]?.boolean ?? false)
      }
    }

    /// When the last cut is taken back, the pruning goes on, and can be finished again.
    @Test func afterTheLastCutIsUndoneItCanBeFinishedAgain() async throws {
      try await Workplace.use { place in
        let (pruning, screen) = try await gradual(place)
        try screen.type("X")
        try await screen.wait(forText: "Pruning goes on")
        try screen.press("Enter")
        try await pruning.wait(forSparsity: 90)
        try await pruning.undo()
        try await pruning.wait(forSparsity: 0)
        try await screen.wait(forText: "undid: ")
        let last = try pruning.run.journal(of: "pruning").last
        #expect(last?["over"]?.boolean == false)
        try screen.type("X")
        let dialog = try await screen.wait(for: "a dialog") {
          $0.contains("Enter previews") || $0.contains("Pruning goes on")
        }
        #expect(dialog.contains("pruning gradual"), "\(dialog)")
        #expect(dialog.contains("Pruning goes on"), "\(dialog)")
        try screen.press("Enter")
        let answer = try await screen.wait(for: "an answer") {
          ScreenText.value("sparsity", $0) == 90 || $0.contains("refused: ")
        }
        #expect(!answer.contains("refused: "), "\(answer)")
      }
    }

    private func gradual(_ place: Workplace) async throws -> (PruningScreen, Screen) {
      let pruning = try await PruningScreen.onPausedRun(place)
      let screen = pruning.screen
      // Until the run's end, which is far away.
      try await pruning.prune("gradual 90% end=1")
      let preview = try await screen.wait(forText: PruningScreen.previewed, "gradual to 90.0%")
      #expect(preview.contains("while the network learns"))
      try await pruning.expectUnchanged()
      try screen.press("Enter")
      try await screen.wait(forText: "began to prune gradual")
      try screen.type("P")
      try await screen.wait(forText: "training", "pruning gradual")
      return (pruning, screen)
    }

    @Test func aBranchIsPrunedAndBothAreOverlaid() async throws {
      try await Workplace.use { place in
        let pruning = try await PruningScreen.onPausedRun(place)
        let screen = pruning.screen
        try screen.type("B")
        try await screen.wait(forText: "─ Branch ─", "Enter starts it")
        try screen.press("C-u")
        try screen.type("l2 50%")
        try screen.press("Enter")
        try await screen.wait(forText: "run-branch-1 goes on from here")
        let branch = place.run("run-branch-1")
        try await eventually("the branch's training") {
          try branch.lastPhase() == "training" && branch.isAlive
        }
        // Until its first step it knows of its parent's only.
        let sparsity = try await eventually("the branch's sparsity") {
          try await place.status(branch)["sparsity"]?.double.flatMap { $0 > 0 ? $0 : nil }
        }
        #expect(abs(sparsity - (1 - 125_600.0 / 266_200)) < 1e-4)
        try await pruning.expectUnchanged()
        #expect(pruning.run.isAlive)
        try screen.type("1")
        try await screen.wait(forText: "1 more run", "runs ● run  ● run-branch-1")
        try screen.type("4")
        let runs = try await screen.wait(forText: "run-branch-1", "52.8%")
        #expect(ScreenText.value("sparsity", runs) == 0)
      }
    }

    /// Three epochs of four steps; 20 %, 36 %, 48.8 % and 50 % in four rounds.
    private static let rounds = [
      "--set", "epochs=3", "--set",
      #"pruning=[{"epoch": 0, "method": "imp", "sparsity": 0.5}]"#,
    ]

    @Test(arguments: PruningScreen.Terminal.all)
    func roundsStandInTheTable(terminal: PruningScreen.Terminal) async throws {
      try await Workplace.use { place in
        let answer = try await place.start(
          ["run", "--headless", "--name", "run"] + Workplace.smallRun + Self.rounds
        ).answer()
        try #require(answer.status == 0, "\(answer)")
        let run = place.run("run")
        let records = try run.journal(of: "round")
        #expect(records.compactMap { $0["epochs"]?.double } == [3, 3, 3, 3, 3])
        let screen = try Screen(
          place, columns: terminal.columns, rows: terminal.rows,
          environment: ["LANG": terminal.locale], "runs", "--view", "layers")
        try await screen.wait(forText: "finished", PruningScreen.layers[0])
        // A small screen shows one thing about the network at a time.
        let panes = 4
        var text = try screen.text()
        for _ in 0..<panes where !text.contains("before and after each prune") {
          try screen.type("v")
          try await Task.sleep(nanoseconds: 300_000_000)
          text = try screen.text()
        }
        let rows = text.split(separator: "\n")
        let sparsities = ["0.0%", "20.0%", "36.0%", "48.8%", "50.0%"]
        let names = ["dense"] + (1...4).map { "imp \($0)/4" }
        for ((name, sparsity), record) in zip(zip(names, sparsities), records) {
          let row = try #require(
            rows.first { $0.contains(" \(name) ") && $0.contains("%") }, "\(name): \(text)")
          #expect(row.contains(" \(sparsity) "), "\(row)")
          let accuracy = try #require(record["accuracy"]?.double)
          let percent = (accuracy * 1000).rounded() / 10
          #expect(PruningScreen.percentages(row).contains(percent), "\(row)")
        }
        #expect(text.contains("epochs"), "\(text)")
      }
    }
  }
}
