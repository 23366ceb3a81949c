import RunLog
import RunModel
import TerminalUI

/// What the fields of candidates mean, by the names that searches give them.
struct CandidatesColumns: Sendable {
  let all: [CandidateTable.Column]
  let score, parameters, flops, latency, measuredLatency, epochs: Quantity?
  let state, architecture: CandidateTable.Column?
  /// What the score measures: `score` when that is not told.
  let scoreName: String

  /// A field that holds numbers, and how these are read.
  struct Quantity: Sendable {
    let column: CandidateTable.Column
    var style = Style.significant
    /// What a number of the log is in the dashboard's unit, such as seconds.
    var factor = 1.0

    enum Style: Sendable { case significant, compact, duration }

    /// nil where there is none.
    func value(_ row: Int) -> Double? {
      let number = column.number(row)
      return CandidateBlock.isMissing(number) ? nil : number * factor
    }

    func text(_ value: Double) -> String {
      switch style {
      case .significant: NumberText.significant(value)
      case .compact: NumberText.compact(value)
      case .duration: NumberText.duration(value)
      }
    }
  }

  /// - Parameter score: the path of the score; nil: found by the usual names.
  init(_ candidates: CandidateTable, score chosenScore: String? = nil) {
    let all = candidates.columns
    self.all = all
    /// The first field of these names, however deep it stands.
    func find(_ names: [String]) -> CandidateTable.Column? {
      for name in names {
        let column = all.first { column in
          Self.last(column.name) == name
            && (column.isNumeric
              || column.numbers(count: candidates.count).contains { !CandidateBlock.isMissing($0) })
        }
        if let column { return column }
      }
      return nil
    }
    func word(_ names: [String]) -> CandidateTable.Column? {
      for name in names { if let column = candidates.column(name) { return column } }
      return nil
    }
    let scored = chosenScore.flatMap(candidates.column) ?? find(Self.scoreNames)
    score = scored.map { Quantity(column: $0) }
    parameters = find(Self.parameterNames).map { Quantity(column: $0, style: .compact) }
    flops = find(["flops", "macs"]).map { Quantity(column: $0, style: .compact) }
    latency = Self.latency(find, "latency")
    measuredLatency = Self.latency(find, "measured_latency")
    epochs = find(["epochs", "epoch"]).map { Quantity(column: $0) }
    state = word(["state", "status"])
    architecture = word(["architecture", "arch", "genotype", "cell"])
    if let chosenScore {
      scoreName = chosenScore
    } else if let last = scored.map({ Self.last($0.name) }), last != "score" {
      scoreName = last
    } else {
      let named = word(["score_name", "metric", "objective"])
      let row = (0..<min(candidates.count, Self.namedRowsMax)).first { named?.word($0) != nil }
      scoreName = row.flatMap { named?.word($0) } ?? "score"
    }
  }

  /// Milliseconds or seconds, as the field's name says.
  private static func latency(
    _ find: ([String]) -> CandidateTable.Column?, _ name: String
  ) -> Quantity? {
    if let column = find([name + "_ms"]) {
      return Quantity(column: column, style: .duration, factor: 1e-3)
    }
    return find([name + "_seconds", name + "_s", name]).map {
      Quantity(column: $0, style: .duration)
    }
  }

  /// How far the name of the score is looked for.
  private static let namedRowsMax = 1000
  private static let scoreNames = [
    "score", "val_accuracy", "validation_accuracy", "accuracy", "val_loss", "validation_loss",
    "loss",
  ]
  private static let parameterNames = ["parameters", "params", "parameter_count"]
  /// Fields that say what others mean, or that are drawn.
  private static let silent: Set<String> = [
    "id", "score_name", "metric", "objective", "adjacency",
  ]

  /// Fields that only the search itself needs.
  static let inner: Set<String> = ["asked", "told", "choices"]

  /// The fields that have no column of their own.
  var others: [CandidateTable.Column] {
    let own = Set(
      [score, parameters, flops, latency, measuredLatency, epochs].compactMap { $0?.column.name }
        + [state, architecture].compactMap { $0?.name })
    let unshown = Self.silent.union(Self.inner).union(own)
    return all.filter { !unshown.contains($0.name) }
  }

  /// The end of a field's path, in small letters.
  static func last(_ name: String) -> String {
    String(name.split(separator: "/").last ?? "").lowercased()
  }
}
