import JSONText
import LogFormats
import TerminalUI

/// A command of the program.
struct Command: Sendable {
  let name: String
  /// What follows the name, for the help.
  let usage: String
  /// In one line.
  let summary: String
  /// More, for its own help; may be empty.
  var details = ""
  var options: [Arguments.Option] = []
  /// Not listed: for the program's own use.
  var isHidden = false
  let run: @Sendable (Arguments) throws -> Int32
}

/// The program's version.
enum Version {
  static let text = "0.1.0"
}

/// All commands, and how one is found.
enum CommandTable {
  static let commands: [Command] = [
    RunCommand.command, ResumeCommand.command, SearchCommand.command,
    ControlCommandLine.command, ListCommand.command, RemoveCommand.command, SnapshotCommand.command,
    ExportCommand.command,
    InspectCommand.command, PruneCommand.command, MethodsCommand.command,
    ThemesCommand.command, BenchCommand.command, DoctorCommand.command, EngineCommand.command,
    WorkerCommand.command,
  ]

  static func run(_ arguments: [String]) throws -> Int32 {
    guard let first = arguments.first else { return try watch([]) }
    if first == "--help" || first == "-h" || first == "help" {
      if arguments.count > 1, let command = commands.first(where: { $0.name == arguments[1] }) {
        Output.write(HelpPage.of(command))
      } else {
        Output.write(HelpPage.overview)
      }
      return 0
    }
    if first == "--version" {
      Output.line(DoctorCommand.versionLine)
      return 0
    }
    let command = commands.first { $0.name == first }
    if arguments.contains("--help") || arguments.contains("-h") {
      Output.write(command.map(HelpPage.of) ?? HelpPage.overview)
      return 0
    }
    guard let command else { return try watch(arguments) }
    let rest = Array(arguments.dropFirst())
    return try command.run(
      Arguments(rest, options: command.options, command: "nntop \(command.name)"))
  }

  /// `nntop TARGET…`: what is no command is a path.
  private static func watch(_ arguments: [String]) throws -> Int32 {
    let parsed = try Arguments(
      arguments, options: WatchCommand.options, command: "nntop")
    if let first = parsed.positional.first, !WatchCommand.isPath(first) {
      let names = commands.filter { !$0.isHidden }.map(\.name)
      let near = NearestName.of(first, among: names)
      throw UsageError(
        "\(first) is neither a command nor a file"
          + (near.map { "; did you mean nntop \($0)?" } ?? "; see nntop --help"))
    }
    return try WatchCommand.run(parsed)
  }
}

/// Help as text.
enum HelpPage {
  static var overview: String {
    var text = """
      nntop trains neural networks in the background and shows what happens inside.

      usage: nntop [TARGET…]      the dashboard on ./runs, or on any runs and logs; - is a pipe
             nntop COMMAND …      nntop COMMAND --help says more


      """
    let shown = CommandTable.commands.filter { !$0.isHidden }
    let width = shown.map(\.name.count).max() ?? 0
    for command in shown {
      text += "  \(padded(command.name, width))  \(command.summary)\n"
    }
    text += "\noptions of the dashboard:\n" + list(WatchCommand.options)
    text += "  --version" + String(repeating: " ", count: 17) + "version, toolchain, BLAS\n"
    text += "\nformats of targets:\n"
    for format in LogFormat.all { text += "    \(padded(format.name, 22))  \(format.title)\n" }
    return text
  }

  static func of(_ command: Command) -> String {
    var text = "usage: nntop \(command.name) \(command.usage)\n\n\(command.summary)\n"
    if !command.details.isEmpty { text += "\n\(command.details)\n" }
    if !command.options.isEmpty { text += "\noptions:\n" + list(command.options) }
    return text
  }

  private static func list(_ options: [Arguments.Option]) -> String {
    options.map { option in
      let letter = option.letter.map { "-\($0), " } ?? ""
      let name = letter + "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
      return "  \(padded(name, 24))  \(option.help)\n"
    }.joined()
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - SafeText.displayWidth(of: text)))
  }
}
