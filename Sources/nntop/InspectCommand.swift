import JSONText
import NeuralNetwork
import OperatingSystem
import TerminalUI
import Training

/// `nntop inspect EXPERIMENT.json`
enum InspectCommand {
  static let command = Command(
    name: "inspect", usage: "[EXPERIMENT.json]",
    summary: "a network's layers: shapes, parameters, FLOPs",
    details: """
      Shapes are those of one sample behind each layer; FLOPs are the multiplications and additions
      of its forward pass. Without a file the built-in experiment is shown; --set model=NAME shows a
      model of nntop methods.
      """,
    options: [
      .init("set", letter: "s", value: "KEY=VALUE", "override a field, as model=resnet20"),
      .init("json", "the same as JSON"),
    ]
  ) { arguments in
    let files = try arguments.positional(0...1, "nntop inspect [EXPERIMENT.json]")
    let overrides = arguments.all("set")
    let text =
      files.isEmpty
      ? try ExperimentText.builtIn(overrides: overrides)
      : try ExperimentText.read(files[0], overrides: overrides, files: LocalFileSystem())
    let experiment = try Experiment(text)
    let summary = try experiment.summary()
    if arguments.has("json") {
      Output.line(json(summary, experiment).text())
    } else {
      Output.write(table(summary, experiment))
    }
    return 0
  }

  private static func table(_ summary: NetworkSummary, _ experiment: Experiment) -> String {
    let heading = ["layer", "output", "parameters", "FLOPs", "weights"]
    var lines = [heading, ["input", shape(summary.inputShape), "", "", ""]]
    lines += summary.rows.map { row in
      let weights = row.parameters.map { "\($0.name) \(shape($0.shape))" }
      return [
        String(repeating: "  ", count: row.depth) + row.name, shape(row.outputShape),
        row.parameterCount > 0 ? grouped(row.parameterCount) : "", grouped(row.flops),
        weights.joined(separator: ", "),
      ]
    }
    lines.append(["total", "", grouped(summary.parameterCount), grouped(summary.flops), ""])
    let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let text = lines.map { cells -> String in
      let padded = cells.indices.map { column -> String in
        let space = String(repeating: " ", count: widths[column] - cells[column].count)
        let isNumber = column == 2 || column == 3
        return isNumber ? space + cells[column] : cells[column] + space
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
    let batch = experiment.batchSize
    return text
      + "\na step of \(batch) samples: \(grouped(3 * summary.flops * batch)) FLOPs, "
      + "forward and backward\n"
  }

  private static func shape(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }

  /// "266 610"
  private static func grouped(_ number: Int) -> String {
    var digits = String(number)[...]
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.append(digits.suffix(3))
      digits = digits.dropLast(3)
    }
    return ([digits] + groups.reversed()).joined(separator: " ")
  }

  private static func json(_ summary: NetworkSummary, _ experiment: Experiment) -> JSON {
    func extents(_ shape: [Int]) -> JSON { .array(shape.map { .integer(Int64($0)) }) }
    let layers = summary.rows.map { row -> JSON in
      [
        "name": .string(row.name), "depth": .integer(Int64(row.depth)),
        "output": extents(row.outputShape), "parameters": .integer(Int64(row.parameterCount)),
        "flops": .integer(Int64(row.flops)),
        "weights": .array(
          row.parameters.map { ["name": .string($0.name), "shape": extents($0.shape)] }),
      ]
    }
    return [
      "schema": 1, "experiment": .string(experiment.name), "input": extents(summary.inputShape),
      "layers": .array(layers), "parameters": .integer(Int64(summary.parameterCount)),
      "flops": .integer(Int64(summary.flops)),
    ]
  }
}
