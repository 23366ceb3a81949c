import RunLog

/// What the tables of a library's database mean: what is asked of them, and what the answers tell.
protocol ExperimentStore: Sendable {
  /// Statements whose rows tell of all runs, and of settings and points from some place on.
  func query(after cursor: ExperimentCursor, rowsMax: Int) -> String
  /// What a row tells; nil when it cannot be used.
  func read(_ row: SQLiteRow) -> ExperimentRecord?
}

/// Which rows have been read.
struct ExperimentCursor: Sendable, Equatable {
  /// Of the last row of points, and of the last one of settings.
  var points: Int64 = 0
  var settings: Int64 = 0
}

/// What a row of an experiment store tells.
enum ExperimentRecord {
  case run(id: String, name: String, outcome: Outcome?, isDeleted: Bool)
  case settings(row: Int64, run: String, [Hyperparameter])
  /// Numbers at a step; nil when the row could not be used.
  case points(row: Int64, run: String, name: String?, Point, [(tag: String, value: Double)]?)
  /// The number of the last row of points.
  case lastRow(Int64)

  struct Point {
    let step: Int64
    /// Seconds since 1970.
    let wallTime: Double
  }
}
