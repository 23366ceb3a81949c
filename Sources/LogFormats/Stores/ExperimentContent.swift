import RunLog

/// What was read of an experiment store so far.
struct ExperimentContent: Sendable {
  private(set) var runs: [String: StoredRun] = [:]
  private var deleted: Set<String> = []
  /// In the order in which they began.
  private var order: [String] = []
  private(set) var cursor = ExperimentCursor()
  /// Per run.
  private(set) var skipped: [String: SkippedRecords] = [:]

  /// The newest row of points, as it was read: when it is another one, rows were removed or
  /// numbered anew, and what was read is void.
  private var lastPoints = Fingerprint()
  private var lastRow: Int64 = 0
  private var pointCount = 0
  private var generation = 0

  private struct Fingerprint: Equatable {
    var run = ""
    var step: Int64 = 0
    var wallTime = 0.0
    var tag: String?
  }

  /// Of all runs together; 24 bytes each.
  private static let pointsMax = 10_000_000
  private static let runsMax = 20_000

  /// How much was read, 0 to 1.
  var fraction: Double {
    lastRow > 0 ? min(1, max(0, Double(cursor.points) / Double(lastRow))) : 1
  }

  /// The runs that were not deleted, the oldest first.
  var listed: [String] { order.filter { !deleted.contains($0) } }

  /// A run with its points in order; nil for one that vanished.
  mutating func ordered(_ run: String) -> StoredRun? {
    guard !deleted.contains(run) else { return nil }
    runs[run]?.points.order()
    return runs[run]
  }

  /// Forgets all of it, to be read anew.
  mutating func restart() {
    let next = generation + 1
    self = ExperimentContent()
    generation = next
  }

  /// Takes rows; true when more can be asked for.
  mutating func take(_ rows: SQLiteRows, of store: some ExperimentStore, rowsMax: Int) -> Bool {
    let before = cursor
    var portion = Portion()
    rows.forEach { row in
      guard !portion.isVoid, let record = store.read(row) else { return }
      take(record, &portion, before)
    }
    let isGone = portion.points == 0 && before.points > 0 && !rows.isCut
    guard !portion.isVoid && !isGone else {
      restart()
      return true
    }
    return rows.isCut && cursor != before || portion.settings == rowsMax
      || portion.points == rowsMax
  }

  /// What came with one answer.
  private struct Portion {
    var settings = 0
    var points = 0
    var isVoid = false
  }

  private mutating func take(
    _ record: ExperimentRecord, _ portion: inout Portion, _ before: ExperimentCursor
  ) {
    switch record {
    case .run(let id, let name, let outcome, let isDeleted):
      note(id, name, outcome)
      if isDeleted { deleted.insert(id) } else { deleted.remove(id) }
    case .settings(let row, let run, let new):
      portion.settings += 1
      cursor.settings = row
      runs[run]?.set(new)
    case .lastRow(let row): lastRow = row
    case .points(let row, let run, let name, let point, let values):
      portion.points += 1
      let print = Fingerprint(
        run: run, step: point.step, wallTime: point.wallTime, tag: values?.first?.tag)
      // The first row is the last one of the answer before.
      if portion.points == 1, before.points > 0 {
        portion.isVoid = row != before.points || print != lastPoints
      } else {
        take(row, run, name, point, values)
      }
      (cursor.points, lastPoints) = (row, print)
    }
  }

  private mutating func note(_ id: String, _ name: String?, _ outcome: Outcome?) {
    guard !id.isEmpty, runs[id] != nil || runs.count < Self.runsMax else { return }
    if runs[id] == nil {
      var run = StoredRun()
      run.generation = generation
      runs[id] = run
      order.append(id)
    }
    if let name, !name.isEmpty { runs[id]?.name = name }
    if let outcome { runs[id]?.outcome = outcome }
  }

  private mutating func take(
    _ row: Int64, _ run: String, _ name: String?, _ point: ExperimentRecord.Point,
    _ values: [(tag: String, value: Double)]?
  ) {
    if let name { note(run, name, nil) }
    guard let values else {
      skipped[run, default: .init()].note("it holds no number", at: "row \(row)")
      return
    }
    for (tag, value) in values {
      let isTaken =
        pointCount < Self.pointsMax
        && runs[run]?.points.append(
          tag: tag, step: point.step, wallTime: point.wallTime, value: value) ?? true
      if isTaken {
        pointCount += 1
      } else {
        skipped[run, default: .init()].note("there are too many points", at: "row \(row)")
      }
    }
  }
}
