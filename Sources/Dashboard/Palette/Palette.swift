import TerminalUI

/// Every action and command by its name.
enum Palette {
  /// One line that the palette offers.
  struct Completion: Equatable {
    let line: String
    let help: String
  }

  static let completionsMax = 200

  /// Runs a line: a command with its argument, or an action.
  static func run(
    _ line: String, _ state: inout DashboardState
  ) throws(PaletteProblem) -> [Effect] {
    let (word, argument) = split(line)
    if let command = PaletteCommand.all.first(where: { $0.name == word }) {
      return try command.run(argument, &state)
    }
    guard let name = Keymap.actionNames.first(where: { $0 == word }) else {
      throw PaletteProblem(unknown(word))
    }
    guard argument.isEmpty else { throw PaletteProblem("\(word) takes nothing after it") }
    return Update.perform(Action(name), &state)
  }

  /// The lines that may be meant, best first.
  static func completions(_ typed: String, _ state: DashboardState) -> [Completion] {
    let (word, argument) = split(typed)
    if typed.contains(" "), let command = PaletteCommand.all.first(where: { $0.name == word }) {
      let matching = command.arguments(state).filter { score($0, argument) != nil }
      return matching.prefix(completionsMax).map {
        Completion(line: "\(word) \($0)", help: command.help)
      }
    }
    let commands = PaletteCommand.all.map { Completion(line: $0.name, help: $0.help) }
    let actions = Keymap.namedBindings.map {
      Completion(line: $0.action.name, help: $0.help)
    }
    let known = Set(commands.map(\.line))
    let scored = (commands + actions.filter { !known.contains($0.line) }).compactMap { completion in
      score(completion.line, word).map { (completion, $0) }
    }
    return scored.sorted { ($0.1, $0.0.line) < ($1.1, $1.0.line) }.map(\.0)
  }

  private static func split(_ line: String) -> (word: String, argument: String) {
    let parts = line.trimmed.split(separator: " ", maxSplits: 1)
    return (parts.first.map(String.init) ?? "", parts.count > 1 ? String(parts[1]).trimmed : "")
  }

  /// How far a name is from what was typed: 0 begins with it, 1 has a word that does, 2 holds it, 3
  /// has its letters in order; nil when it has not.
  private static func score(_ name: String, _ typed: String) -> Int? {
    let (name, typed) = (name.lowercased(), typed.lowercased())
    if name.hasPrefix(typed) { return 0 }
    if name.contains("-" + typed) || name.contains("/" + typed) { return 1 }
    if name.contains(typed) { return 2 }
    var rest = typed[...]
    for letter in name where letter == rest.first { rest.removeFirst() }
    return rest.isEmpty ? 3 : nil
  }

  private static func unknown(_ word: String) -> String {
    let names = PaletteCommand.all.map(\.name) + Keymap.actionNames
    let near = names.first { score($0, word) != nil }
    return "no command \(SafeText.cleaned(word))" + (near.map { "; did you mean \($0)?" } ?? "")
  }
}

/// Why a line of the palette was not done.
struct PaletteProblem: Error, Equatable {
  let message: String

  init(_ message: String) {
    self.message = message
  }
}
