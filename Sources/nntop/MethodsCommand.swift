import JSONText
import NeuralNetwork
import TerminalUI
import Training

/// `nntop methods`: the catalogue.
enum MethodsCommand {
  static let command = Command(
    name: "methods", usage: "[KIND]",
    summary: "the catalogue: layers, losses, optimizers, schedules, pruning, models, data",
    details: "With a kind: what it can be set to in an experiment, and its defaults.",
    options: [.init("json", "print JSON")]
  ) { arguments in
    let wanted = try arguments.positional(0...1, "nntop methods [KIND] [--json]")
    if let kind = wanted.first { return try show(kind) }
    if arguments.has("json") {
      let entries = groups.flatMap { group in
        group.entries.map { entry -> JSON in
          var json: JSON = [
            "group": .string(group.name), "kind": .string(entry.kind),
            "summary": .string(entry.summary),
          ]
          json["paper"] = entry.paper.map { .string($0) }
          return json
        }
      }
      Output.line((["schema": 1, "methods": .array(entries)] as JSON).text())
      return 0
    }
    for group in groups {
      Output.line(group.name)
      for entry in group.entries {
        let paper = entry.paper.map { " (\($0))" } ?? ""
        Output.line("  \(HelpPage.padded(entry.kind, 16)) \(entry.summary)\(paper)")
      }
    }
    return 0
  }

  /// One kind with its settings.
  private static func show(_ kind: String) throws -> Int32 {
    let all = groups.flatMap { group in group.entries.map { (group: group.name, entry: $0) } }
    guard let (group, entry) = all.first(where: { $0.entry.kind == kind }) else {
      let near = NearestName.of(kind, among: all.map(\.entry.kind))
      throw UsageError(
        "there is no kind \(kind)" + (near.map { "; did you mean \($0)?" } ?? "; see nntop methods")
      )
    }
    Output.line("\(entry.kind) (\(group)): \(entry.summary)")
    if let paper = entry.paper { Output.line(paper) }
    guard let settings = entry.settings else { return 0 }
    let width = settings.map(\.name.count).max() ?? 0
    for setting in settings {
      let fallback =
        setting.fallback.map { $0.isEmpty ? "" : "; default \($0)" } ?? "; must be given"
      Output.line("  \(HelpPage.padded(setting.name, width))  \(setting.allowed)\(fallback)")
    }
    if settings.isEmpty { Output.line("  has no settings") }
    return 0
  }

  private struct Entry {
    let kind, summary: String
    let paper: String?
    /// nil where they are not known here.
    var settings: [SettingsList.Setting]?
  }

  private static func entries(_ types: [any Described.Type]) -> [Entry] {
    types.map { type in
      Entry(
        kind: type.kind, summary: type.summary, paper: type.paper,
        settings: (type as? any Settable.Type).map(settings))
    }
  }

  /// What a kind asks for when everything has its default.
  private static func settings(_ type: any Settable.Type) -> [SettingsList.Setting] {
    let list = SettingsList()
    do {
      _ = try type.init(list)
    } catch {}  // what it asked for so far is in the list
    return list.settings
  }

  private static var groups: [(name: String, entries: [Entry])] {
    [
      ("layers", entries(LayerCatalogue.all)), ("losses", entries(LossCatalogue.all)),
      ("optimizers", entries(OptimizerCatalogue.all)),
      ("learning-rate schedules", entries(LearningRateScheduleCatalogue.all)),
      ("pruning", entries(PruningCatalogue.all)),
      (
        "models",
        ModelCatalogue.all.map { Entry(kind: $0.name, summary: $0.summary, paper: $0.paper) }
      ), ("data", entries(DataSourceCatalogue.kinds)),
    ]
  }
}
