import JSONText
import OperatingSystem
import TestSupport
import Testing

extension WithoutTerminal {
  /// Weights in a file: looked at, pruned, looked at again.
  @Suite struct PruningFilesTests {
    private static let sample = Repository.path("sample-runs/safetensors/shapes.safetensors")

    /// The tensors of a file by name.
    private func tensors(_ place: Workplace, _ path: String) async throws -> [String: JSON] {
      let output = try await place.nntopDoing("inspect", path, "--json")
      let rows = try output.split(separator: "\n").flatMap {
        try JSONReader().read(String($0)).json["tensors"]?.array ?? []
      }
      return Dictionary(
        rows.map { ($0["name"]?.string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func aCheckpointIsPrunedAndShown() async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        let name = try #require(try run.checkpointNames().filter { $0.hasPrefix("step-") }.max())
        let source = run.path("checkpoints/" + name)
        let before = try place.listing()
        let preview = try await place.nntopDoing(
          "prune", source, "--sparsity", "0.8", "-o", "out.safetensors", "--preview")
        #expect(preview.contains("80.00%"))
        #expect(try place.listing() == before)
        try await place.nntopDoing("prune", source, "--sparsity", "0.8", "-o", "out.safetensors")
        let tensors = try await tensors(place, "out.safetensors")
        let zeros = PruningScreen.layers.map { tensors[$0 + ".weight"]?["zeros"]?.integer ?? 0 }
        let wanted = PruningScreen.allWeights * 4 / 5
        #expect(zeros.reduce(0, +) == Int64(wanted), "\(zeros)")
        #expect(tensors["linear1.bias"]?["zeros"]?.integer == 0)

        for words in [
          ["snapshot", "out.safetensors", "--view", "layers", "--size", "80x24"],
          ["out.safetensors", "--once", "--view", "layers"],
        ] {
          let answer = try await place.start(words).answer()
          let screen = answer.output
          #expect(answer.status == 0, "\(answer)")
          let percentages = PruningScreen.sparsities(screen)
          #expect(abs(PruningScreen.total(percentages) - 0.8) < 0.001, "\(screen)")
          #expect(screen.contains("share of weights that are not 0"), "\(screen)")
        }
        // What was asked for is reached already.
        let again = try await place.nntop(
          "prune", "out.safetensors", "--sparsity", "0.5", "-o", "less.safetensors")
        #expect(again.status == 1 && again.errorLines.count == 1, "\(again)")
        #expect(again.errorText.contains("already"), "\(again)")
      }
    }

    @Test func foreignWeightsAreShown() async throws {
      try await Workplace.use { place in
        let text = try await place.nntopDoing("inspect", Self.sample)
        for words in ["linear1.weight", "48×64", "80.0%", "BF16"] { #expect(text.contains(words)) }
        let layers = try await place.nntopDoing(
          "snapshot", Self.sample, "--view", "layers", "--size", "120x36")
        for words in ["conv2", "linear1", "80.0%", "25.0%"] { #expect(layers.contains(words)) }
      }
    }

    @Test func aDamagedFileIsOneLine() async throws {
      try await Workplace.use { place in
        let whole = try LocalFileSystem().contents(of: Self.sample, limit: 1 << 24)
        var lying = whole
        lying[6] = 0xff
        let damaged: [(name: String, bytes: [UInt8])] = [
          ("cut.safetensors", Array(whole.prefix(500))), ("lying.safetensors", lying),
          ("short.safetensors", Array(whole.dropLast(100))), ("empty.safetensors", []),
          ("noise.safetensors", (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 167 + 13) }),
        ]
        for (name, bytes) in damaged { try place.write(bytes, to: name) }
        let before = try place.listing()
        for (name, _) in damaged {
          for words in [
            ["inspect", name], ["prune", name, "--sparsity", "0.5", "-o", "out.safetensors"],
          ] {
            let answer = try await place.start(words).answer()
            #expect(answer.status == 1 && answer.output == "", "\(words): \(answer)")
            #expect(answer.errorLines.count == 1, "\(words): \(answer)")
            #expect(answer.errorText.contains(name), "\(words): \(answer)")
          }
          // The dashboard waits for a file that may still be written, and says what it misses.
          for words in [[name, "--once"], ["snapshot", name, "--view", "layers"]] {
            let answer = try await place.start(words).answer()
            #expect(answer.status == 0 || answer.errorLines.count == 1, "\(words): \(answer)")
            #expect((answer.output + answer.errorText).contains(name), "\(words): \(answer)")
          }
        }
        #expect(try place.listing() == before)
      }
    }
  }
}
