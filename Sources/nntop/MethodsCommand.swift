import JSONText
import NeuralNetwork
import TerminalUI
import Training

/// `nntop methods`: the catalogue.
enum MethodsCommand {
  static let command = Command(
    name: "methods", usage: "", summary: "the catalogue: layers, optimizers, schedules, pruning",
    options: [.init("json", "print JSON")]
  ) { arguments in
    _ = try arguments.positional(0...0, "nntop methods [--json]")
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

  private struct Entry {
    let kind, summary: String
    let paper: String?
  }

  private static func entries(_ types: [any Described.Type]) -> [Entry] {
    types.map { Entry(kind: $0.kind, summary: $0.summary, paper: $0.paper) }
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
