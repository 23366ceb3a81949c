import ArchitectureSearch
import JSONText
import NeuralNetwork
import TerminalUI
import Training

/// `nntop methods`: the catalogue.
enum MethodsCommand {
  static let command = Command(
    name: "methods", usage: "[KIND|GROUP]",
    summary: "the catalogue: layers, losses, optimizers, schedules, pruning, search, models, data",
    details: """
      With a kind: what it can be set to in an experiment, and its defaults. With the beginning of a
      group's name, as pruning: the kinds of that group.
      """,
    options: [.init("json", "print JSON")]
  ) { arguments in
    let wanted = try arguments.positional(0...1, "nntop methods [KIND|GROUP] [--json]")
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
    list(groups)
    return 0
  }

  private static func list(_ groups: [(name: String, entries: [Entry])]) {
    let width = groups.flatMap(\.entries).map(\.kind.count).max() ?? 0
    for group in groups {
      Output.line(group.name)
      for entry in group.entries {
        let paper = entry.paper.map { " (\($0))" } ?? ""
        Output.line("  \(HelpPage.padded(entry.kind, width)) \(entry.summary)\(paper)")
      }
    }
  }

  /// One kind with its settings, or a group of kinds.
  private static func show(_ kind: String) throws -> Int32 {
    let all = groups.flatMap { group in group.entries.map { (group: group.name, entry: $0) } }
    guard let (group, entry) = all.first(where: { $0.entry.kind == kind }) else {
      let named = groups.filter { $0.name.hasPrefix(kind) }
      if !named.isEmpty {
        list(named)
        return 0
      }
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
      ("pruning of weights, at once", pruning(.weights, .once)),
      ("pruning of channels, at once", pruning(.channels, .once)),
      ("pruning while training", pruning(.weights, .training) + pruning(.channels, .training)),
      ("pruning in rounds of training", pruning(.weights, .rounds)),
      ("search spaces", entries(SearchSpaceCatalogue.all)),
      ("search strategies", entries(SearchStrategyCatalogue.all)),
      ("search scores without training", entries(ZeroCostCatalogue.all)),
      ("search launchers", entries(WorkerLauncherCatalogue.all)),
      (
        "models",
        ModelCatalogue.all.map { Entry(kind: $0.name, summary: $0.summary, paper: $0.paper) }
      ), ("data", entries(DataSourceCatalogue.kinds)),
    ]
  }

  private static func pruning(_ unit: PruningUnit, _ pace: PruningPace) -> [Entry] {
    entries(PruningCatalogue.all.filter { $0.unit == unit && $0.pace == pace })
  }
}
