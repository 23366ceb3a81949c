import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// `X` and `U`: what would happen is shown before it does, and is taken back.
  @Suite struct PruningKeysTests {
    @Test(arguments: PruningScreen.Terminal.all)
    func weightsArePreviewedPrunedAndBroughtBack(terminal: PruningScreen.Terminal) async throws {
      try await Workplace.use { place in
        let pruning = try await PruningScreen.onPausedRun(place, terminal)
        let screen = pruning.screen
        try await pruning.prune("magnitude 80%")
        let preview = try await screen.wait(forText: PruningScreen.previewed, "threshold")
        #expect(preview.contains("magnitude to 80.0% of the weights"))
        let planned = PruningScreen.layers.map {
          PruningScreen.percentages(Self.previewRow($0, preview))
        }
        #expect(planned.allSatisfy { $0.count >= 2 && $0.first == 0 }, "\(preview)")
        let targets = planned.compactMap { $0.dropFirst().first }
        #expect(abs(PruningScreen.total(targets) - 0.8) < 0.001, "\(preview)")
        let left = PruningScreen.allWeights / 5
        #expect(PruningScreen.ungrouped(preview).contains(" \(left) "), "\(preview)")
        #expect(ScreenText.value("sparsity", preview) == 0)
        try await pruning.expectUnchanged()

        try screen.press("Enter")
        let pruned = try await pruning.wait(forSparsity: 80)
        try await screen.wait(forText: "pruned magnitude", "80.0% at step ")
        let sparsities = PruningScreen.sparsities(pruned)
        #expect(sparsities.count == targets.count, "\(pruned)")
        // Of one value on a half, which the log holds in single precision.
        let rounding = 0.11
        #expect(zip(sparsities, targets).allSatisfy { abs($0 - $1) < rounding }, "\(pruned)")
        for (layer, target) in zip(PruningScreen.layers, targets) {
          let cells = PruningScreen.filledCells(PruningScreen.row(layer, pruned))
          #expect(abs(Double(cells) - target / 100 * 12) <= 2.5, "\(layer): \(pruned)")
        }
        try await pruning.expectUnchanged(sparsity: 0.8, prunes: 1)

        try await pruning.undo()
        let undone = try await pruning.wait(forSparsity: 0)
        #expect(PruningScreen.sparsities(undone) == [0, 0, 0], "\(undone)")
        try await screen.wait(forText: "undid: ")
        let status = try await place.status(pruning.run)
        #expect(status["sparsity"]?.double == 0)
      }
    }

    /// The row of a layer in the dialog, not that of the view behind it.
    static func previewRow(_ layer: String, _ text: String) -> Substring? {
      text.split(separator: "\n").first { row in
        (row.contains("% →") || row.contains("% >")) && row.contains(" \(layer) ")
      }
    }

    private static let channelTerminals = [
      PruningScreen.Terminal(columns: 200, rows: 60),
      PruningScreen.Terminal(columns: 200, rows: 60, locale: "C"),
    ]

    @Test(arguments: channelTerminals)
    func channelsGoAndTheNetworkIsSmaller(terminal: PruningScreen.Terminal) async throws {
      try await Workplace.use { place in
        let pruning = try await PruningScreen.onPausedRun(place, terminal)
        let screen = pruning.screen
        try await pruning.prune("l2 50%")
        let preview = try await screen.wait(forText: PruningScreen.previewed, "channels")
        #expect(preview.contains("l2 to 50.0% of the channels"))
        // 150 and 50 units are left, so 784·150, 150·50 and 50·10 weights.
        let left = [784 * 150, 150 * 50, 50 * 10]
        let words = PruningScreen.ungrouped(preview)
        for count in left + [left.reduce(0, +)] {
          #expect(words.contains(" \(count) "), "\(count): \(preview)")
        }
        #expect(preview.contains("300 ") && preview.contains(" 150 "), "\(preview)")
        try await pruning.expectUnchanged()

        try screen.press("Enter")
        let times = terminal.locale == "C" ? "x" : "×"
        try await screen.wait(
          forText: "150\(times)784 of 300\(times)784", "50\(times)150 of 100\(times)300",
          "10\(times)50 of 10\(times)100", "pruned l2")
        let share = 1 - Double(left.reduce(0, +)) / Double(PruningScreen.allWeights)
        let pruned = try await pruning.wait(forSparsity: (share * 1000).rounded() / 10)
        #expect(PruningScreen.sparsities(pruned) == [50, 75, 50], "\(pruned)")
        let slim = try await place.status(pruning.run)
        let biases = 150 + 50 + 10
        #expect(slim["parameters"]?.integer == Int64(left.reduce(0, +) + biases))
        // Two operations a weight, and little else, in either.
        let record = try #require(try pruning.run.journal(of: "prune").last)
        let dense = try #require(record["size_before"])
        let flops = (
          before: try #require(dense["flops"]?.double), after: try #require(slim["flops"]?.double)
        )
        #expect(abs(flops.after / flops.before - (1 - share)) < 0.01, "\(flops)")

        // The smaller network trains on.
        let step = try await place.step(pruning.run)
        try screen.type("P")
        try await screen.wait(for: "more steps") { ScreenText.step($0) ?? 0 > Int(step) }
        try await pruning.undo()
        _ = try await pruning.wait(forSparsity: 0)
        try await screen.wait(for: "the shapes of before") {
          $0.contains("300\(times)784") && !$0.contains(" of 300")
        }
        #expect(
          try await place.status(pruning.run)["parameters"]?.integer
            == Int64(PruningScreen.allWeights + 300 + 100 + 10))
      }
    }

    @Test func onlyMarkedLayersArePruned() async throws {
      try await Workplace.use { place in
        let pruning = try await PruningScreen.onPausedRun(place)
        let screen = pruning.screen
        // Space marks a row and goes on to the next; relu1 stands between the layers.
        for key in ["g", "Space", "Down", "Space"] { try screen.press(key) }
        try await screen.wait(for: "two marks") { text in
          PruningScreen.layers.map { layer in
            PruningScreen.row(layer, text)?.contains("●") ?? false
          } == [true, true, false]
        }
        try await pruning.prune("magnitude 60%", keys: "Tab", "Right", "Right")
        let preview = try await screen.wait(forText: PruningScreen.previewed)
        #expect(preview.contains("60.0% of the weights of linear1, linear2"), "\(preview)")
        try await pruning.expectUnchanged()
        try screen.press("Enter")
        let scope = Double(PruningScreen.weights[0] + PruningScreen.weights[1])
        let share = 0.6 * scope / Double(PruningScreen.allWeights)
        let pruned = try await pruning.wait(forSparsity: (share * 1000).rounded() / 10)
        let sparsities = PruningScreen.sparsities(pruned)
        #expect(sparsities.count == 3 && sparsities.last == 0, "\(pruned)")
        #expect(abs(PruningScreen.total(sparsities) - share) < 0.001, "\(pruned)")
      }
    }

    @Test func whatCannotBeIsALineInTheDialog() async throws {
      try await Workplace.use { place in
        let pruning = try await PruningScreen.onPausedRun(place)
        let screen = pruning.screen
        try await pruning.prune("magnitude 80%")
        try await screen.wait(forText: PruningScreen.previewed)
        try screen.press("Enter")
        try await pruning.wait(forSparsity: 80)
        let wrong = [
          ("50%", "pruned already"), ("magnitude 90% strength=3", "strength: unknown"),
          ("magnitude 90% perLayer=3", "perLayer: found"), ("magnitdue 90%", "magnitdue"),
          ("magnitude 90% layer=linear9", "linear9"), ("many", "type a sparsity between 0 and 1"),
          ("150%", "between 0 and 1"), ("nan", "type a sparsity"), ("100%", "1"),
          ("gradual 90% end=2", "end: found 2"),
        ]
        for (typed, says) in wrong {
          try await pruning.prune(typed)
          let text = try await screen.wait(for: "a refusal of \(typed)") {
            Self.unwrapped($0).contains(says) && !$0.contains("asking the engine")
          }
          #expect(text.contains("Enter previews"), "\(text)")
          #expect(ScreenText.value("sparsity", text) == 80)
          try await pruning.expectUnchanged(sparsity: 0.8, prunes: 1)
          try screen.press("Escape")
          try await screen.wait(for: "no dialog") { !$0.contains("Enter previews") }
        }
      }
    }

    /// The words of a dialog, without its frame and the view behind it.
    static func unwrapped(_ text: String) -> String {
      text.split(separator: "\n").map { line in
        line.split(separator: "│").map { $0.split(separator: " ").joined(separator: " ") }
          .joined(separator: " ")
      }.joined(separator: " ")
    }
  }
}
