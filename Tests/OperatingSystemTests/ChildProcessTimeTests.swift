import OperatingSystem
import TestSupport
import Testing

/// A program has as long as it is given.
struct ChildProcessTimeTests {
  private func run(_ script: String, seconds: Double) throws -> ChildProcess.Answer {
    try ChildProcess.run(
      "/bin/sh", arguments: ["-c", script], outputLimit: 1 << 20, timeLimitSeconds: seconds)
  }

  @Test func whoIsInTimeIsNotLate() throws {
    let answer = try run("echo words; exit 3", seconds: 60)
    #expect(answer.output == Array("words\n".utf8))
    #expect(answer.ending == .exited(3))
    #expect(!answer.isLate)
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "echo words; exec sleep 90", "echo words; exec >&- 2>&-; exec sleep 90",
      "echo words; exec >&-; exec sleep 90",
    ])
  func whoIsLateIsEnded(script: String) throws {
    let answer = try run(script, seconds: 0.3)
    #expect(answer.isLate)
    #expect(answer.output == Array("words\n".utf8))
    #expect(answer.ending == .killed(signal: 9))
  }

  @Test(.timeLimit(.minutes(1))) func whoTalksForEverIsEnded() throws {
    let answer = try run("while :; do echo x; sleep 0.01; done", seconds: 0.3)
    #expect(answer.isLate)
    #expect(!answer.output.isEmpty)
  }
}
