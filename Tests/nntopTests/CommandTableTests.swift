import Testing

@testable import nntop

struct CommandTableTests {
  private func problem(_ words: String...) -> String? {
    #expect(throws: UsageError.self) { try CommandTable.run(words) }?.description
  }

  @Test func anUnknownCommandNamesTheNearest() {
    #expect(problem("rnu") == "nntop: rnu is neither a command nor a file; did you mean nntop run?")
    #expect(problem("exprot")?.hasSuffix("did you mean nntop export?") == true)
    #expect(problem("STL")?.hasSuffix("did you mean nntop ctl?") == true)
    #expect(
      problem("philharmonic")
        == "nntop: philharmonic is neither a command nor a file; see nntop --help")
  }

  /// Hidden commands are for the program itself.
  @Test func hiddenCommandsAreNotProposed() {
    #expect(problem("engin")?.contains("engine") == false)
    #expect(!HelpPage.overview.contains("\n  engine "))
  }

  @Test func anUnknownOptionOfACommandIsAUsageError() {
    #expect(
      problem("export", "--fromat", "csv")
        == "nntop: --fromat is no option of nntop export; did you mean --format?")
    #expect(problem("--onec") == "nntop: --onec is no option of nntop; did you mean --once?")
  }

  @Test(arguments: CommandTable.commands.map(\.name))
  func everyCommandExplainsItself(name: String) throws {
    let command = try #require(CommandTable.commands.first { $0.name == name })
    let help = HelpPage.of(command)
    #expect(help.hasPrefix("usage: nntop \(name)"))
    #expect(!command.summary.isEmpty)
    #expect(command.isHidden || HelpPage.overview.contains("  \(name) "))
    for option in command.options {
      #expect(!option.help.isEmpty, "--\(option.name)")
      #expect(help.contains("--\(option.name)"))
    }
    for line in help.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test func noNameIsTakenTwice() {
    let names = CommandTable.commands.map(\.name)
    #expect(Set(names).count == names.count)
    for command in CommandTable.commands {
      let options = command.options.map(\.name)
      let letters = command.options.compactMap(\.letter)
      #expect(Set(options).count == options.count, "\(command.name)")
      #expect(Set(letters).count == letters.count, "\(command.name)")
      // --help and -h are taken by every command.
      #expect(!options.contains("help") && !letters.contains("h"))
    }
  }

  @Test func wrongUseIsTwoAndFailureIsOne() {
    #expect(runProgram(["rnu"]) == 2)
    #expect(runProgram(["export"]) == 2)
    #expect(runProgram(["export", "/nowhere/at/all"]) == 1)
  }
}
