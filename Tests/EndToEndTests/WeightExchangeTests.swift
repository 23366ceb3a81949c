import OperatingSystem
import Testing

extension PythonLoop {
  /// A Python that has the packages torch and safetensors.
  static let pythonWithSafetensors: String? = {
    guard let python = pythonWithTorch else { return nil }
    do throws(SystemError) {
      let outputMax = 1 << 16
      let answer = try ChildProcess.run(
        python, arguments: ["-c", "import safetensors.torch"], outputLimit: outputMax)
      return answer.ending == .exited(0) ? python : nil
    } catch { return nil }
  }()
}

extension WithoutTerminal {
  /// Weights that go from PyTorch to nntop and back by the packages that people use.
  @Suite(
    .enabled(
      if: PythonLoop.pythonWithSafetensors != nil,
      "no Python with torch and safetensors is at hand, or CI"))
  struct WeightExchangeTests {
    /// The values of val/loss, in the order of the steps.
    private func losses(_ place: Workplace, _ run: RunOnDisk) async throws -> [Double] {
      let rows = try await place.nntopDoing("export", run.path, "--tag", "val/loss")
      return rows.split(separator: "\n").compactMap { row in
        let cells = row.split(separator: ",")
        return cells.count == 5 ? Double(cells[4]) : nil
      }
    }

    /// What PyTorch says a module's loss is, by name.
    private func torch(_ place: Workplace, _ arguments: String...) async throws -> [String: Double]
    {
      let python = try #require(PythonLoop.pythonWithSafetensors)
      let importSeconds = 120.0
      let answer = try await place.start(
        program: python, [PythonLoop.script("exchange_weights")] + arguments
      ).answer(within: importSeconds)
      try #require(answer.status == 0, "\(answer)")
      var losses: [String: Double] = [:]
      for line in answer.output.split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count == 2 { losses[String(words[0])] = Double(words[1]) }
      }
      return losses
    }

    @Test func aModuleHasTheSameLossOnBothSides() async throws {
      try await Workplace.use { place in
        let made = try await torch(place, "make", place.path)
        #expect(made.count == 3)
        for (name, expected) in made {
          try await place.nntopDoing("run", name + ".json", "--headless", "--name", name)
          let run = place.run(name)
          let losses = try await losses(place, run)
          let (first, last) = (try #require(losses.first), try #require(losses.last))
          #expect(abs(first - expected) < 1e-5, "\(name)")
          // It has learned, so the checkpoint is not the file that it began with.
          #expect(abs(last - first) > 1e-4, "\(name)")
          let checkpoint = try #require(
            try run.checkpointNames().filter { $0.hasPrefix("step-") }.max())
          let trained = try await torch(
            place, "check", place.path, name, run.path("checkpoints/" + checkpoint))
          #expect(abs(try #require(trained[name]) - last) < 1e-5, "\(name)")
        }
      }
    }
  }
}
