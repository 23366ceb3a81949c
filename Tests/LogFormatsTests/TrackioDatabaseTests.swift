import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

@Suite(.enabled(if: SQLiteTool.isThere, SQLiteTool.isMissing))
struct TrackioDatabaseTests {
  private let home: TemporaryDirectory
  private let path: String
  private let clock = ManualClock()

  init() throws {
    home = try TemporaryDirectory()
    path = home.path("project.db")
  }

  /// Columns come in another order in each version.
  private func makeTables(hasNumbers: Bool, hasSettings: Bool = true) throws {
    let number = hasNumbers ? "run_id TEXT, " : ""
    try SQLiteTool.run(
      "PRAGMA journal_mode = WAL;"
        + "CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, metrics, \(number)"
        + "step INTEGER, run_name TEXT, timestamp TEXT);"
        + (hasSettings
          ? "CREATE TABLE configs (id INTEGER PRIMARY KEY, config TEXT, \(number)run_name TEXT);"
          : ""),
      in: path)
  }

  private func log(_ json: String, _ step: Int, run: String = "fox", id: String? = nil) throws {
    let text = json.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "''")
    try SQLiteTool.run(
      "INSERT INTO metrics (metrics, step, run_name, timestamp\(id == nil ? "" : ", run_id"))"
        + " VALUES ('\(text)', \(step), '\(run)', '2026-11-21T16:49:36.500000+00:00'"
        + (id.map { ", '\($0)'" } ?? "") + ")", in: path)
  }

  private func read() throws -> [String: [RunEvent]] {
    try StoreTruth.readAll(path, clock: clock)
  }

  @Test func numbersAreReadHoweverTheyAreWritten() throws {
    try makeTables(hasNumbers: false)
    try log(
      """
      {"loss": 0.5, "nest": {"a": 1, "b": {"c": -2}}, "bad": "NaN", "up": "Infinity",
       "down": "-Infinity", "token": NaN, "word": "3", "flag": true, "list": [1], "none": null,
       "picture": {"_type": "trackio.image", "size": 3}, "it's|é": 4}
      """, 7)
    let events = try read()["fox"] ?? []
    #expect(
      events.pointLines == [
        "loss 7 0.5", "nest/a 7 1.0", "nest/b/c 7 -2.0", "bad 7 nan", "up 7 inf", "down 7 -inf",
        "token 7 nan", "it's|é 7 4.0",
      ])
    // 2026-11-21T16:49:36.5Z by `date -d … +%s`.
    #expect(events.points.allSatisfy { abs($0.wallTime - 1_795_279_776.5) < 0.001 })
    #expect(events.troubles == [])
  }

  @Test func blobsAreRead() throws {
    try makeTables(hasNumbers: false)
    try SQLiteTool.run(
      "INSERT INTO metrics (metrics, step, run_name, timestamp) VALUES"
        + " (CAST('{\"loss\": 0.5}' AS BLOB), 1, 'fox', '2026-11-21T16:49:36+00:00')", in: path)
    #expect(try read()["fox"]?.pointLines == ["loss 1 0.5"])
  }

  @Test func runsOfOneNameAreToldApartByTheirNumbers() throws {
    try makeTables(hasNumbers: true)
    try log("{\"a\": 1}", 1, id: "one")
    try log("{\"a\": 2}", 1, id: "two")
    var finder = RunFinder(files: LocalFileSystem(), clock: clock)
    let runs = try finder.runs(at: path)
    #expect(runs.map(\.path) == [path + ":one", path + ":two"])
    #expect(runs.map(\.name) == ["fox", "fox"])
    let points = runs.map { run -> [String] in
      var log = CollectingReader(run.open())
      return log.read().pointLines
    }
    #expect(points == [["a 1 1.0"], ["a 1 2.0"]])
  }

  @Test func settingsAreReadAndReplaced() throws {
    try makeTables(hasNumbers: false)
    try log("{\"a\": 1}", 1)
    func write(_ id: Int, _ json: String) throws {
      try SQLiteTool.run(
        "INSERT INTO configs (id, config, run_name) VALUES (\(id), '\(json)', 'fox')", in: path)
    }
    try write(1, "{\"lr\": 0.1, \"net\": {\"sizes\": [4, 2]}, \"_Username\": \"me\", \"n\": null}")
    try write(2, "{\"lr\": 0.2}")
    #expect(
      try read()["fox"]?.hyperparameters == [
        Hyperparameter(name: "lr", value: 0.2), Hyperparameter(name: "net/sizes", value: "[4,2]"),
      ])
  }

  @Test func oldDatabasesHaveNoSettings() throws {
    try makeTables(hasNumbers: false, hasSettings: false)
    try log("{\"a\": 1}", 1)
    #expect(try read()["fox"]?.pointLines == ["a 1 1.0"])
  }

  @Test func rowsThatAreNoJSONAreCounted() throws {
    try makeTables(hasNumbers: false)
    try log("{\"a\": 1}", 1)
    try log("{\"a\": ", 2)
    try log("{\"s\": \"no number\"}", 3)
    #expect(
      try read()["fox"]?.troubles == [
        .skippedRecords(
          file: "project.db", count: 1, reason: "the first at row 2: it holds no number")
      ])
  }

  @Test func whatIsOnlyInTheLogBesideItIsRead() throws {
    try makeTables(hasNumbers: false)
    try log("{\"a\": 1}", 1)
    var finder = RunFinder(files: LocalFileSystem(), clock: clock)
    var reader = CollectingReader(try #require(try finder.runs(at: home.path).first).open())
    #expect(reader.read().pointLines == ["a 1 1.0"])
    // Somebody who has it open keeps what is written out of the database itself.
    let holder = try SQLiteTool.hold(path, after: "SELECT count(*) FROM metrics;")
    defer { SQLiteTool.letGo(holder) }
    var isReady = false
    for _ in 0..<500 where !isReady {
      _ = Readiness.wait(for: [], timeoutSeconds: 0.01)
      isReady = LocalFileSystem().exists(path + "-shm")
    }
    #expect(isReady)
    let before = try LocalFileSystem().status(at: path)
    try log("{\"a\": 2}", 2)
    try log("{\"a\": 3}", 1, run: "owl")
    #expect(try LocalFileSystem().status(at: path) == before)
    clock.advance(bySeconds: 2)
    #expect(reader.read().pointLines == ["a 2 2.0"])
    #expect(try finder.runs(at: home.path).map(\.name) == ["fox", "owl"])
  }
}
