import JSONText
import RunModel
import TerminalUI

/// The candidates with their ranks, and the columns that tell of them.
struct CandidatesTable: Sendable {
  /// What it was made from; with the same key it is the same.
  let key: Int
  /// From the best to the worst; those without a score last.
  let records: [CandidateRecord]
  /// Whether the runs stand in for candidates.
  let isOfRuns: Bool
  /// Indices of records on the Pareto front of score and cost.
  let front: Set<Int>
  let cost: Cost?
  /// The name of the score, where the records agree on it.
  let scoreName: String

  /// What a score is paid with.
  enum Cost: String, CaseIterable, Sendable {
    case parameters
    case flops = "FLOPs"
    case latency, epochs

    func value(_ record: CandidateRecord) -> Double? {
      switch self {
      case .parameters: record.parameters
      case .flops: record.flops
      case .latency: record.latencySeconds
      case .epochs: record.epochs
      }
    }

    func text(_ value: Double) -> String {
      self == .latency ? NumberText.duration(value) : NumberText.compact(value)
    }
  }

  /// A column and what each record has in it.
  private struct Field {
    let column: ListColumn
    /// Whether it stands even where all rows are the same.
    var isKept = false
    let value: (Int) -> (cell: TableCell, value: ListValue)
  }

  /// A column with what stands in it, from the first record to the last.
  private struct Filled: Sendable {
    let column: ListColumn
    let isKept: Bool
    let cells: [(cell: TableCell, value: ListValue)]

    init(_ field: Field, rows: Range<Int>) {
      (column, isKept) = (field.column, field.isKept)
      cells = rows.map(field.value)
    }

    var hasValue: Bool { cells.contains { !$0.cell.text.isEmpty } }
    var differs: Bool { cells.contains { $0.cell.text != cells[0].cell.text } }
  }

  private var filled: [Filled] = []

  private static let othersMax = 16

  init(_ state: DashboardState) {
    key = Self.key(state)
    let found = Self.searched(state)
    isOfRuns = found.isEmpty
    let unordered = isOfRuns ? CandidatesOfRuns.records(state.runs) : found
    scoreName = unordered.first { $0.score != nil }?.scoreName ?? "score"
    let isSmaller = Metric.isBetterWhenSmaller(scoreName)
    let order = unordered.indices.sorted { one, other in
      let (first, second) = (
        Self.merit(unordered[one], isSmaller), Self.merit(unordered[other], isSmaller)
      )
      return first == second ? one < other : first > second
    }
    let records = order.map { unordered[$0] }
    self.records = records
    let cost = Cost.allCases.first { cost in
      records.contains { $0.score != nil && cost.value($0) != nil }
    }
    self.cost = cost
    let points = records.map {
      (cost: cost?.value($0) ?? .nan, score: $0.score ?? .nan)
    }
    front = Set(CandidatesParetoFront.indices(points, isBetterWhenSmaller: isSmaller))
    filled = fields.map { Filled($0, rows: records.indices) }
    if isOfRuns { filled.removeAll { !$0.isKept && !$0.hasValue } }
  }

  static func key(_ state: DashboardState) -> Int {
    var hasher = Hasher()
    hasher.combine(state.selectedPath)
    for followed in state.runs {
      hasher.combine(followed.run.path)
      hasher.combine(followed.run.revision)
    }
    return hasher.finalize()
  }

  /// Larger is better; what is no number is worst.
  private static func merit(_ record: CandidateRecord, _ isSmaller: Bool) -> Double {
    guard let score = record.score, !score.isNaN else { return -.infinity }
    return isSmaller ? -score : score
  }

  /// Those of the shown run; of the search that it is a candidate of, when it is one.
  private static func searched(_ state: DashboardState) -> [CandidateRecord] {
    guard let selected = state.selected?.run else { return [] }
    let parents = state.runs.filter { selected.path.hasPrefix($0.run.path + "/candidates/") }
    for run in [selected] + parents.map(\.run) {
      var records = CandidateRecord.all(in: run.journal)
      guard !records.isEmpty else { continue }
      let known = Set(state.runs.map(\.run.path))
      for index in records.indices {
        let path = run.path + "/candidates/" + records[index].id
        records[index].runPath =
          known.contains(path)
          ? path
          : state.runs.first { $0.run.path.hasSuffix("candidates/" + records[index].id) }?.run.path
      }
      return records
    }
    return []
  }

  // MARK: Columns

  private func shown(onlyDiffering: Bool) -> [Filled] {
    onlyDiffering && records.count > 1 ? filled.filter { $0.isKept || $0.differs } : filled
  }

  func columns(onlyDiffering: Bool) -> [ListColumn] {
    shown(onlyDiffering: onlyDiffering).map(\.column)
  }

  func rows(onlyDiffering: Bool) -> [ListRow] {
    let shown = shown(onlyDiffering: onlyDiffering)
    let columns = shown.map(\.column)
    return records.indices.map { index in
      ListRow(
        id: records[index].runPath.map { isOfRuns ? $0 : records[index].id } ?? records[index].id,
        columns: columns, shown.map { $0.cells[index] }, step: records[index].step)
    }
  }

  func record(_ row: ListRow?) -> Int? {
    guard let row else { return nil }
    return records.firstIndex { isOfRuns ? $0.runPath == row.id : $0.id == row.id }
  }

  private var fields: [Field] {
    let records = records
    let front = front
    let id = isOfRuns ? "run" : "id"
    func word(_ text: String, _ style: Style = .text) -> (cell: TableCell, value: ListValue) {
      (TableCell(SafeText.cleaned(text, maxLength: 200), style), text.isEmpty ? .none : .word(text))
    }
    func number(_ value: Double?, _ text: (Double) -> String) -> (
      cell: TableCell, value: ListValue
    ) {
      (TableCell(value.map(text) ?? ""), ListValue(value))
    }
    func significant(_ value: Double) -> String { NumberText.significant(value) }
    return [
      Field(column: .init("rank", "rank", .right, width: 4, priority: 7), isKept: true) { index in
        records[index].score == nil
          ? ("", .none) : (TableCell("\(index + 1)"), .number(Double(index + 1)))
      },
      Field(column: .init(id, id, width: 8, flex: 1, priority: 9), isKept: true) { index in
        word(records[index].id)
      },
      Field(
        column: .init(
          scoreName, SafeText.cleaned(scoreName, maxLength: 16), .right,
          width: min(14, max(8, scoreName.count)), priority: 8), isKept: true
      ) { number(records[$0].score, significant) },
      Field(column: .init("pareto", "pareto", width: 6, priority: 3)) { index in
        word(front.contains(index) ? "front" : "", Style(.mark))
      },
      Field(column: .init("parameters", "params", .right, width: 8, priority: 5)) {
        number(records[$0].parameters, NumberText.compact)
      },
      Field(column: .init("flops", "FLOPs", .right, width: 8, priority: 3)) {
        number(records[$0].flops, NumberText.compact)
      },
      Field(column: .init("latency", "latency", .right, width: 8, priority: 2)) {
        number(records[$0].latencySeconds, NumberText.duration)
      },
      Field(column: .init("epochs", "epochs", .right, width: 6, priority: 1)) {
        number(records[$0].epochs, significant)
      },
      Field(column: .init("state", "state", width: 9, priority: 6)) { word(records[$0].state) },
      Field(column: .init("architecture", "architecture", width: 14, flex: 3, priority: 4)) {
        word(records[$0].architecture)
      },
    ] + otherFields
  }

  /// What only some logs tell: other scores, settings.
  private var otherFields: [Field] {
    var names: [String] = []
    var seen: Set<String> = []
    let own: Set<String> = [
      "rank", "id", "run", "pareto", "parameters", "flops", "latency", "epochs", "state",
      "architecture", scoreName,
    ]
    var values: [String: [Int: JSON]] = [:]
    for (index, record) in records.enumerated() {
      for other in record.others {
        values[other.name, default: [:]][index] = other.value
        guard !own.contains(other.name), names.count < Self.othersMax,
          seen.insert(other.name).inserted
        else { continue }
        names.append(other.name)
      }
    }
    return names.map { name in
      let column = values[name] ?? [:]
      let isNumber = column.values.contains { $0.double != nil }
      let title = SafeText.cleaned(CandidateRecord.last(name), maxLength: 14)
      return Field(
        column: ListColumn(
          name, title, isNumber ? .right : .left, width: max(7, SafeText.displayWidth(of: title)))
      ) { index in
        guard let value = column[index] else { return ("", .none) }
        if let number = value.double {
          return (TableCell(NumberText.significant(number)), .number(number))
        }
        let text = CandidateRecord.text(value)
        return (TableCell(SafeText.cleaned(text, maxLength: 100)), .word(text))
      }
    }
  }
}

extension DashboardState {
  /// The candidates: those that were made before, while nothing has changed.
  var candidatesTable: CandidatesTable {
    if let cachedCandidates, cachedCandidates.key == CandidatesTable.key(self) {
      return cachedCandidates
    }
    return CandidatesTable(self)
  }
}
