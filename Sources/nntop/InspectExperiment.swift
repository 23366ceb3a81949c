import JSONText
import NeuralNetwork
import OperatingSystem
import TerminalUI
import Training

/// `nntop inspect EXPERIMENT.json`
enum InspectExperiment {
  static func run(_ path: String?, overrides: [String], isJSON: Bool) throws -> Int32 {
    let text =
      try path.map {
        try ExperimentText.read($0, overrides: overrides, files: LocalFileSystem())
      } ?? ExperimentText.builtIn(overrides: overrides)
    let experiment = try Experiment(text)
    let summary = try experiment.summary()
    if isJSON {
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
        row.parameterCount > 0 ? NumberText.grouped(row.parameterCount) : "",
        NumberText.grouped(row.flops),
        weights.joined(separator: ", "),
      ]
    }
    lines.append([
      "total", "", NumberText.grouped(summary.parameterCount), NumberText.grouped(summary.flops),
      "",
    ])
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
      + "\na step of \(batch) samples: \(NumberText.grouped(3 * summary.flops * batch)) FLOPs, "
      + "forward and backward\n"
  }

  private static func shape(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
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
