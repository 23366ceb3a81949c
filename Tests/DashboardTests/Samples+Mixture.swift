import JSONText
import RunLog

@testable import Dashboard

extension Samples {
  /// A layer whose architecture is learned.
  static let mixture: [RunEvent] = {
    let operations = [
      "none", "skip", "maxPool3x3", "averagePool3x3", "separableConv3x3", "dilatedConv3x3",
    ]
    let edges = ["0→1", "0→2", "1→2", "0→3", "1→3", "2→3"]
    let strongest = [4, 1, 4, 2, 5, 1]
    let values = edges.indices.flatMap { edge in
      operations.indices.map { Float($0 == strongest[edge] ? 0.4 : 0.12) }
    }
    func words(_ words: [String]) -> JSON { .array(words.map { .string($0) }) }
    let record: JSON = [
      "layer": "dartsCell1", "edges": words(edges), "operations": words(operations),
      "chosen": words([
        "separableConv3x3", "skip", "separableConv3x3", "none", "dilatedConv3x3", "skip",
      ]),
    ]
    let grid = Grid(rows: edges.count, columns: operations.count, values: values)
    return [
      .grid(tag: "architecture/dartsCell1", step: 400, wallTime: 50, grid),
      Samples.scalar("architecture/entropy", 400, 1.6),
      Samples.scalar("architecture/skips", 400, 2),
      .journal(
        JournalRecord(wallTime: 50, step: 400, .other(kind: "architecture", record))),
    ]
  }()
}
