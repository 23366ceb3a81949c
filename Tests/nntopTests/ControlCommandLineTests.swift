import JSONText
import RunLog
import Testing

@testable import nntop

struct ControlCommandLineTests {
  private func request(_ words: [String]) throws -> ControlCommand.Request {
    let arguments = try Arguments(
      ["runs/a"] + words, options: ControlCommandLine.command.options, command: "ctl")
    return try ControlCommandLine.request(
      Array(arguments.positional.dropFirst()), arguments)
  }

  private static let commands: [([String], ControlCommand.Request)] = [
    (["pause"], .pause), (["lr", "x0.5"], .setLearningRate(.scale(0.5))),
    (
      ["prune", "magnitude", "0.8"],
      .prune(.init(method: "magnitude", sparsity: 0.8, isPreview: false))
    ),
    (
      ["prune", "l2", "50%", "minKeep=4", "--layer", "a", "--layer", "b", "--preview"],
      .prune(
        .init(
          method: "l2", sparsity: 0.5, layers: ["a", "b"], settings: ["minKeep": 4],
          isPreview: true))
    ),
    (["prune", "finish"], .finishPruning), (["branch"], .branch(.init())),
    (
      ["branch", "child", "--prune", "l2 50% minKeep=4", "--lr", "0.01"],
      .branch(
        .init(
          name: "child", learningRate: .value(0.01),
          prune: .init(
            method: "l2", sparsity: 0.5, settings: ["minKeep": 4], isPreview: false)))
    ),
    (
      ["branch", "--prune", "80%", "--layer", "a"],
      .branch(
        .init(
          prune: .init(method: "magnitude", sparsity: 0.8, layers: ["a"], isPreview: false)))
    ),
  ]

  @Test(arguments: commands)
  func wordsAreCommands(words: [String], command: ControlCommand.Request) throws {
    #expect(try request(words) == command)
  }

  @Test(arguments: [
    (["prune"], "expected METHOD SPARSITY"), (["prune", "0.8"], "expected METHOD SPARSITY"),
    (["prune", "l2", "100%"], "as prune magnitude 0.8"),
    (["prune", "finish", "now"], "usage: nntop ctl RUN prune finish"),
    (["branch", "--prune", "l2"], "expected a sparsity such as 80%"),
    (["pruen", "l2", "50%"], "did you mean prune?"),
  ])
  func whatIsNoCommandSaysWhatIs(words: [String], reason: String) {
    let error = #expect(throws: UsageError.self) { try request(words) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }
}
