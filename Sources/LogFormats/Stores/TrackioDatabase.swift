import JSONText
import OperatingSystem
import RunLog

extension LogFormat {
  /// What Trackio keeps of a project.
  static let trackio = LogFormat(
    name: "trackio", title: "Trackio database (SQLite)",
    recognizes: { place in
      guard !place.isDirectory, place.head.begins(with: SQLiteHeader.signature),
        case .store(is TrackioStore) = place.databases.database(at: place).verdict()
      else { return false }
      return true
    },
    runs: { place throws(LogPlaceError) in
      try place.databases.database(at: place).runs(of: TrackioStore.self)
    })
}

/// The tables of a Trackio project. Their columns differ from version to version.
struct TrackioStore: ExperimentStore {
  /// The column that tells runs apart: names may be used twice where there are numbers.
  private let run: String
  private let hasSettings: Bool

  private static let runsMax = 10_000
  /// Bytes of what was logged at a step.
  private static let recordSizeMax = 1 << 20
  private static let separator = "/"

  init?(_ tables: SQLiteDatabase.Tables) {
    guard let metrics = tables["metrics"],
      metrics.isSuperset(of: ["run_name", "metrics", "step", "timestamp"])
    else { return nil }
    run = metrics.contains("run_id") ? "run_id" : "run_name"
    hasSettings = tables["configs"]?.isSuperset(of: [run, "run_name", "config"]) ?? false
  }

  func query(after cursor: ExperimentCursor, rowsMax: Int) -> String {
    let runs = """
      SELECT 'r', hex(\(run)), hex(run_name) FROM configs ORDER BY rowid LIMIT \(Self.runsMax);
      SELECT 's', rowid, hex(\(run)), \(Self.limited("config")) FROM configs
        WHERE rowid > \(cursor.settings) ORDER BY rowid LIMIT \(rowsMax);
      """
    return (hasSettings ? runs : "") + """
      SELECT 'l', max(rowid) FROM metrics;
      SELECT 'p', rowid, hex(\(run)), hex(run_name), CAST(step AS INTEGER),
        (julianday(timestamp) - 2440587.5) * 86400.0, \(Self.limited("metrics"))
        FROM metrics WHERE rowid >= \(max(1, cursor.points)) ORDER BY rowid LIMIT \(rowsMax);
      """
  }

  private static func limited(_ column: String) -> String {
    "CASE WHEN length(\(column)) <= \(recordSizeMax) THEN hex(\(column)) END"
  }

  func read(_ row: SQLiteRow) -> ExperimentRecord? {
    switch row[0]?.first {
    case UInt8(ascii: "r"):
      return .run(id: row.text(1), name: row.text(2), outcome: nil, isDeleted: false)
    case UInt8(ascii: "s"):
      guard let number = row.integer(1) else { return nil }
      let settings = json(row.bytes(3)).map {
        LoggedValue.hyperparameters(in: $0, separator: Self.separator)
      }
      return .settings(row: number, run: row.text(2), settings ?? [])
    case UInt8(ascii: "l"): return row.integer(1).map { .lastRow($0) }
    case UInt8(ascii: "p"):
      guard let number = row.integer(1) else { return nil }
      return .points(
        row: number, run: row.text(2), name: row.text(3),
        .init(step: row.integer(4) ?? 0, wallTime: row.number(5) ?? 0), numbers(row.bytes(6)))
    default: return nil
    }
  }

  private func numbers(_ bytes: [UInt8]) -> [(tag: String, value: Double)]? {
    guard let node = json(bytes) else { return nil }
    var numbers: [(tag: String, value: Double)] = []
    LoggedValue.forEachNumber(in: node, named: "", separator: Self.separator) {
      if !$0.isEmpty { numbers.append((tag: $0, value: $1)) }
    }
    return numbers
  }

  private func json(_ bytes: [UInt8]) -> JSONNode? {
    do { return try JSONReader(options: .record).read(bytes) } catch { return nil }
  }
}
