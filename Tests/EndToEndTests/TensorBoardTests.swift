import OperatingSystem
import Testing

extension WithoutTerminal {
  /// Stock TensorBoard as a reader of our runs. It is never installed by itself: only where a
  /// Python has it already, or where `NNTOP_TENSORBOARD` names a Python that has it.
  @Suite struct TensorBoardTests {
    private static let python: String? = {
      if Environment.value("CI") == "true" { return nil }
      if let chosen = Environment.value("NNTOP_TENSORBOARD"), !chosen.isEmpty { return chosen }
      guard let python = Tool.python else { return nil }
      do throws(SystemError) {
        let outputMax = 1 << 16
        let answer = try ChildProcess.run(
          python, arguments: ["-c", "import tensorboard"], outputLimit: outputMax)
        return answer.ending == .exited(0) ? python : nil
      } catch { return nil }
    }()

    /// Prints every scalar that TensorBoard finds as the exports do, the run and the time left out.
    private static let script = """
      import sys
      from tensorboard.backend.event_processing import event_accumulator
      found = event_accumulator.EventAccumulator(
          sys.argv[1], size_guidance={event_accumulator.SCALARS: 0})
      found.Reload()
      for tag in found.Tags()["scalars"]:
          for point in found.Scalars(tag):
              print(tag, point.step, repr(point.wall_time), repr(point.value))
      """

    @Test(.enabled(if: python != nil, "no Python with TensorBoard is at hand, or this is CI"))
    func tensorBoardFindsTheSameNumbers() async throws {
      try await Workplace.use { place in
        _ = try await place.finishedRun()
        let script = try place.write(Self.script, to: "read.py")
        let python = try #require(Self.python)
        let answer = try await place.start(program: python, [script, "runs/run"]).answer()
        try #require(answer.status == 0, "\(answer)")
        let theirs = Set(answer.output.split(separator: "\n").map(Self.point))
        let lines = try await place.nntopDoing("export", "runs/run").split(separator: "\n")
        let ours = Set(
          lines.dropFirst().map { line in
            Self.point(Substring(line.split(separator: ",").dropFirst().joined(separator: " ")))
          })
        #expect(ours.count > 50 && ours == theirs)
      }
    }

    /// A line of numbers in one way of writing them.
    private static func point(_ line: Substring) -> String {
      let fields = line.split(separator: " ")
      let numbers = fields.dropFirst(2).compactMap { Double($0) }
      guard fields.count == 4, numbers.count == 2 else { return "no point: \(line)" }
      return "\(fields[0]) \(fields[1]) \(numbers[0]) \(Float(numbers[1]))"
    }
  }
}
