import RunLog

extension LogFormat {
  /// The published table of NAS-Bench-101, and what is written in its layout: every cell is a
  /// candidate.
  static let nasBench = LogFormat(
    name: "nasbench", title: "NAS-Bench-101 table",
    recognizes: { NASBenchRecords.begins($0.bytes) }, parser: { NASBenchLog() })
}

/// Turns trainings of cells into candidates: of each its accuracies with the largest budget it has,
/// the mean of its repeats, and where there are several budgets those with each. Its repeats may
/// stand anywhere in the file, so a candidate is told of again when one more comes.
struct NASBenchLog: LogParser {
  private var records = NASBenchRecords()
  private var table = NASBenchTable()
  /// Cells about which there is news, in the order of their rows.
  private var touched: [Int] = []
  private var isTouched: [Bool] = []

  var recordSizeMax: Int { NASBenchRecords.recordSizeMax }
  var skipped: SkippedRecords { records.skipped }
  var unreadable: (offset: Int, reason: String)? { records.unreadable }

  mutating func take(_ piece: LogPiece, into events: inout [RunEvent]) -> Int {
    var cells = NewCells()
    let budgetCount = table.budgetColumns.count
    let used = records.take(piece.bytes, at: piece.offset) { row throws(NASBenchRow.Malformed) in
      let (index, isNew) = try table.add(row)
      if isNew {
        isTouched.append(false)
        cells.append(row)
      }
      if !isTouched[index] {
        isTouched[index] = true
        touched.append(index)
      }
    }
    if budgetCount == 1 && table.budgetColumns.count > 1 { touchAll() }
    if cells.ids.count > 0 { events.append(.candidates(cells.block)) }
    guard !touched.isEmpty else { return used }
    events.append(.candidates(accuracies()))
    for index in touched { isTouched[index] = false }
    touched.removeAll(keepingCapacity: true)
    return used
  }

  /// Those that came while there was one budget lack its name.
  private mutating func touchAll() {
    for index in isTouched.indices where !isTouched[index] {
      isTouched[index] = true
      touched.append(index)
    }
  }

  /// What is told of cells once.
  private struct NewCells {
    var ids = PackedTexts()
    var architectures = PackedTexts()
    var parameters: [Double] = []
    var vertexCounts: [Double] = []
    var adjacencies = PackedTexts()
    var operations = PackedTexts()

    mutating func append(_ row: NASBenchRow) {
      ids.append(row.hash.text)
      architectures.append(row.architecture)
      parameters.append(Double(row.parameters))
      vertexCounts.append(Double(row.vertexCount))
      row.adjacency.withUnsafeBytes { adjacencies.append($0) }
      row.operations.withUnsafeBytes { operations.append($0) }
    }

    var block: CandidateBlock {
      CandidateBlock(
        ids: ids,
        columns: [
          .init(name: "architecture", values: .words(architectures)),
          .init(name: "parameters", values: .numbers(parameters)),
          .init(name: "vertices", values: .numbers(vertexCounts)),
          .init(name: "adjacency", values: .words(adjacencies)),
          .init(name: "operations", values: .words(operations)),
        ])
    }
  }

  /// What the cells that were touched have reached.
  private func accuracies() -> CandidateBlock {
    let budgets = table.budgetColumns.sorted { $0.epochs < $1.epochs }
    let best = touched.map { index in
      budgets.last { $0.mean(of: index) != nil }.map { ($0.epochs, $0.mean(of: index)) }
    }
    var block = CandidateBlock(ids: PackedTexts(touched.map { table.hash(at: $0).text }))
    func add(_ name: String, _ values: [Double?]) {
      let numbers = values.map { $0 ?? CandidateBlock.missing }
      block.columns.append(.init(name: name, values: .numbers(numbers)))
    }
    add("validation_accuracy", best.map { $0?.1?.validationAccuracy })
    add("test_accuracy", best.map { $0?.1?.testAccuracy })
    add("train_accuracy", best.map { $0?.1?.trainAccuracy })
    add("training_time", best.map { $0?.1?.trainingSeconds })
    add("epochs", best.map { $0.map { Double($0.0) } })
    guard budgets.count > 1 else { return block }
    for budget in budgets {
      let means = touched.map { budget.mean(of: $0) }
      add("validation_accuracy@\(budget.epochs)", means.map { $0?.validationAccuracy })
      add("test_accuracy@\(budget.epochs)", means.map { $0?.testAccuracy })
    }
    return block
  }
}
