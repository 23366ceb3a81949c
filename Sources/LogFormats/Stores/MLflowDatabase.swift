import JSONText
import OperatingSystem
import RunLog

extension LogFormat {
  /// What MLflow logs to by default since version 3.7: `mlflow.db`.
  static let mlflowDatabase = LogFormat(
    name: "mlflow-sqlite", title: "MLflow database (SQLite)",
    recognizes: { place in
      guard !place.isDirectory, place.head.begins(with: SQLiteHeader.signature) else {
        return false
      }
      // Of a database that a person named, the reason why it is not read is told.
      switch place.databases.database(at: place).verdict() {
      case .store(is MLflowStore): return true
      case .store: return false
      case .other, .failed: return place.head.isNamed
      case .noProgram: return place.head.isNamed || MLflowStore.mayBe(place.head)
      }
    },
    runs: { place throws(LogPlaceError) in
      try place.databases.database(at: place).runs(of: MLflowStore.self)
    })
}

/// The tables of MLflow's SQLAlchemy store.
struct MLflowStore: ExperimentStore {
  private static let runsMax = 10_000
  private static let settingSizeMax = 4096

  init?(_ tables: SQLiteDatabase.Tables) {
    guard tables["metrics"]?.isSuperset(of: ["run_uuid", "key", "is_nan"]) ?? false,
      tables["runs"]?.isSuperset(of: ["run_uuid", "lifecycle_stage"]) ?? false
    else { return nil }
  }

  /// Whether the beginning of a database speaks of runs, where the tables cannot be asked for.
  static func mayBe(_ head: LogHead) -> Bool {
    let text = String(decoding: head.bytes, as: UTF8.self)
    return text.contains("run_uuid") || text.contains("run_name")
  }

  func query(after cursor: ExperimentCursor, rowsMax: Int) -> String {
    """
    SELECT 'r', hex(run_uuid), hex(name), hex(status), lifecycle_stage IS 'deleted' FROM
      (SELECT * FROM runs ORDER BY start_time DESC LIMIT \(Self.runsMax)) ORDER BY start_time;
    SELECT 's', rowid, hex(run_uuid), hex(key), hex(substr(value, 1, \(Self.settingSizeMax)))
      FROM params WHERE rowid > \(cursor.settings) ORDER BY rowid LIMIT \(rowsMax);
    SELECT 'l', max(rowid) FROM metrics;
    SELECT 'p', rowid, hex(run_uuid), hex(key),
      CASE WHEN typeof(value) IN ('real', 'integer') THEN value END,
      CAST(is_nan AS INTEGER), CAST(step AS INTEGER), CAST(timestamp AS INTEGER)
      FROM metrics WHERE rowid >= \(max(1, cursor.points)) ORDER BY rowid LIMIT \(rowsMax);
    """
  }

  func read(_ row: SQLiteRow) -> ExperimentRecord? {
    switch row[0]?.first {
    case UInt8(ascii: "r"):
      return .run(
        id: row.text(1), name: row.text(2), outcome: Self.outcome(of: row.text(3)),
        isDeleted: row.integer(4) == 1)
    case UInt8(ascii: "s"):
      guard let number = row.integer(1) else { return nil }
      let setting = Hyperparameter(name: row.text(3), value: LoggedValue.setting(row.text(4)))
      return .settings(row: number, run: row.text(2), [setting])
    case UInt8(ascii: "l"): return row.integer(1).map { .lastRow($0) }
    case UInt8(ascii: "p"): return points(row)
    default: return nil
    }
  }

  private func points(_ row: SQLiteRow) -> ExperimentRecord? {
    guard let number = row.integer(1) else { return nil }
    let milliseconds = 0.001
    let point = ExperimentRecord.Point(
      step: row.integer(6) ?? 0, wallTime: Double(row.integer(7) ?? 0) * milliseconds)
    // An infinity is stored as the largest number there is, which no Float holds.
    let value = row.integer(5) == 1 ? .nan : row.number(4)
    return .points(
      row: number, run: row.text(2), name: nil, point,
      value.map { [(tag: row.text(3), value: $0)] })
  }

  /// mlflow.entities.RunStatus.
  static func outcome(of status: String) -> Outcome? {
    switch status {
    case "RUNNING", "SCHEDULED": .running
    case "FINISHED": .finished
    case "FAILED": .failed
    case "KILLED": .stopped
    default: nil
    }
  }
}
