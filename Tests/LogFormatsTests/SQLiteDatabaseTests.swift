import Glibc
import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// The program that makes databases for these tests, and reads them for nntop.
enum SQLiteTool {
  static let isThere: Bool = {
    do {
      return try ChildProcess.run("sqlite3", arguments: ["--version"], outputLimit: 99).ending
        == .exited(0)
    } catch { return false }
  }()

  static let isMissing: Comment = "the program sqlite3 is not installed"

  static func run(_ sql: String, in path: String) throws {
    let answer = try ChildProcess.run(
      "sqlite3", arguments: ["-init", "/dev/null", "-batch", "-bail", path, sql],
      outputLimit: 1 << 16)
    try #require(answer.ending == .exited(0), "\(answer.errorText)")
  }

  /// Starts a program that has a database open until it is let go.
  static func hold(_ path: String, after sql: String) throws -> ChildProcess {
    try ChildProcess.start(
      "sqlite3", arguments: ["-init", "/dev/null", path, sql, ".shell sleep 60"],
      environment: Environment.list, newSession: true)
  }

  static func letGo(_ holder: ChildProcess) {
    kill(-holder.processIdentifier, SIGKILL)
    _ = holder.wait()
  }

  static let mlflowTables = """
    CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, status TEXT, start_time BIGINT,
      lifecycle_stage TEXT);
    CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (key, run_uuid));
    CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT,
      is_nan BOOLEAN);
    """
}

@Suite(.enabled(if: SQLiteTool.isThere, SQLiteTool.isMissing))
struct SQLiteDatabaseTests {
  private let home: TemporaryDirectory
  private let path: String
  private let clock = ManualClock()

  init() throws {
    home = try TemporaryDirectory()
    // Nothing about a path may be taken for an option, a URI or a quote.
    path = home.path("-a 'b' \"c\" %41?mode=rw#;|é.db")
    try SQLiteTool.run(
      SQLiteTool.mlflowTables
        + """
        INSERT INTO runs VALUES ('aa', 'first', 'RUNNING', 1, 'active'),
          ('bb', 'it''s "second"', 'FINISHED', 2, 'active'), ('cc', 'gone', 'FAILED', 3, 'deleted');
        """, in: path)
  }

  private func log(_ values: String) throws {
    try SQLiteTool.run("INSERT INTO metrics VALUES \(values)", in: path)
  }

  /// Readers of all runs, by name.
  private func open(_ finder: inout RunFinder) throws -> [String: CollectingReader] {
    var readers: [String: CollectingReader] = [:]
    for run in try finder.runs(at: path) { readers[run.name] = CollectingReader(run.open()) }
    return readers
  }

  private func finder(_ format: LogFormat? = nil) -> RunFinder {
    RunFinder(files: LocalFileSystem(), clock: clock, format: format)
  }

  @Test func runsAreFoundByTheirNumbers() throws {
    var finder = finder()
    let runs = try finder.runs(at: path)
    #expect(runs.map(\.name) == ["first", "it's \"second\""])
    #expect(runs.map(\.path) == [path + ":aa", path + ":bb"])
    #expect(runs.map(\.place) == [path, path])
    #expect(try finder.runs(at: home.path).map(\.path) == runs.map(\.path))
  }

  @Test func whatComesIsRead() throws {
    var finder = finder()
    var readers = try open(&finder)
    #expect(readers["first"]?.read().outcome == .running)
    try log("('val/loss', 0.25, 1700000000500, 'aa', 7, 0), ('x', 1, 1, 'bb', 1, 0)")
    clock.advance(bySeconds: 2)
    #expect(readers["first"]?.read().pointLines == ["val/loss 7 0.25"])
    #expect(readers["first"]?.events.points.map(\.wallTime) == [1_700_000_000.5])
    #expect(readers["first"]?.read() == [])
    try SQLiteTool.run(
      """
      UPDATE runs SET status = 'KILLED', name = 'renamed' WHERE run_uuid = 'aa';
      INSERT INTO params VALUES ('lr', '0.01', 'aa'), ('net/act', 'it''s|a
      "b"', 'aa')
      """, in: path)
    clock.advance(bySeconds: 2)
    let new = readers["first"]?.read() ?? []
    #expect(new.runName == "renamed")
    #expect(new.outcome == .stopped)
    #expect(
      new.hyperparameters.sorted { $0.name < $1.name } == [
        Hyperparameter(name: "lr", value: 0.01),
        Hyperparameter(name: "net/act", value: "it's|a\n\"b\""),
      ])
    #expect(readers["it's \"second\""]?.read().pointLines == ["x 1 1.0"])
  }

  @Test(
    arguments: [
      ("0, 1", "nan"), ("1.7976931348623157e308, 0", "inf"),
      ("-1.7976931348623157e308, 0", "-inf"), ("9e999, 0", "inf"), ("1e-3, 0", "0.001"),
      ("3, 0", "3.0"),
    ])
  func valuesAreAsTheyWereLogged(stored: String, value: String) throws {
    let parts = stored.split(separator: ",")
    try log("('a', \(parts[0]), 1, 'aa', -5, \(parts[1]))")
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    #expect(readers["first"]?.events.pointLines == ["a -5 \(value)"])
  }

  @Test func strangeRowsAreCounted() throws {
    try log(
      """
      ('a', 'text|with
      lines', 1, 'aa', 1, 0), ('b|c
      d', 0.5, 'x', 'aa', '7|8', NULL), (x'00ff', 0.25, NULL, 'aa', 9e99, 0),
      ('of no run', 1, 1, 'zz', 1, 0)
      """)
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    let events = readers["first"]?.events ?? []
    #expect(
      events.points.map(\.tag) == ["b|c\nd", "\0\u{FFFD}"])
    #expect(events.points.map(\.step) == [7, .max])
    #expect(
      events.troubles == [
        .skippedRecords(
          file: Path.name(of: path), count: 1, reason: "the first at row 1: it holds no number")
      ])
  }

  @Test func stepsOutOfOrderArePutInOrder() throws {
    try log("('a', 1, 1, 'aa', 5, 0), ('a', 2, 2, 'aa', 3, 0)")
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    try log("('a', 3, 3, 'aa', 4, 0)")
    clock.advance(bySeconds: 2)
    readers["first"]?.read()
    #expect(readers["first"]?.restarts == 1)
    #expect(readers["first"]?.events.pointLines == ["a 3 2.0", "a 4 3.0", "a 5 1.0"])
    #expect(readers["first"]?.events.runName == "first")
  }

  @Test func newRunsAreFoundAndReadFromTheirBeginning() throws {
    try log("('a', 1, 1, 'aa', 1, 0)")
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    try SQLiteTool.run(
      """
      INSERT INTO runs VALUES ('dd', 'late', 'RUNNING', 4, 'active');
      INSERT INTO metrics VALUES ('a', 1, 1, 'dd', 1, 0)
      """, in: path)
    clock.advance(bySeconds: 2)
    readers["first"]?.read()
    try log("('a', 2, 2, 'dd', 2, 0)")
    clock.advance(bySeconds: 2)
    readers = try open(&finder)
    #expect(readers["late"]?.read().pointLines == ["a 1 1.0", "a 2 2.0"])
  }

  @Test func aDeletedRunFallsSilent() throws {
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    try log("('a', 1, 1, 'aa', 1, 0)")
    try SQLiteTool.run("UPDATE runs SET lifecycle_stage = 'deleted'", in: path)
    clock.advance(bySeconds: 2)
    #expect(readers["first"]?.read() == [])
    #expect(try finder.runs(at: path) == [])
    try SQLiteTool.run("UPDATE runs SET lifecycle_stage = 'active'", in: path)
    clock.advance(bySeconds: 2)
    #expect(readers["first"]?.read().pointLines == ["a 1 1.0"])
  }

  @Test(arguments: [
    "DELETE FROM metrics WHERE rowid = 3", "DELETE FROM metrics WHERE rowid > 1",
    "DELETE FROM metrics WHERE rowid = 1; VACUUM",
    "DELETE FROM metrics WHERE rowid = 3; INSERT INTO metrics VALUES ('z', 9, 9, 'aa', 9, 0)",
  ])
  func rowsThatGoAwayAreForgotten(change: String) throws {
    try log("('a', 1, 1, 'aa', 1, 0), ('a', 2, 2, 'aa', 2, 0), ('a', 3, 3, 'aa', 3, 0)")
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    try SQLiteTool.run(change, in: path)
    clock.advance(bySeconds: 2)
    readers["first"]?.read()
    var fresh = self.finder()
    var freshReaders = try open(&fresh)
    freshReaders["first"]?.read()
    #expect(readers["first"]?.events.pointLines == freshReaders["first"]?.events.pointLines)
    #expect(readers["first"]?.restarts == 1)
  }

  @Test func anotherDatabaseInItsPlaceIsReadAnew() throws {
    try log("('a', 1, 1, 'aa', 1, 0), ('a', 2, 2, 'aa', 2, 0)")
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    let other = home.path("other.db")
    try SQLiteTool.run(
      SQLiteTool.mlflowTables
        + """
        INSERT INTO runs VALUES ('aa', 'first', 'RUNNING', 1, 'active');
        INSERT INTO metrics VALUES ('a', 9, 1, 'aa', 9, 0), ('a', 2, 2, 'aa', 2, 0),
          ('a', 3, 3, 'aa', 3, 0);
        """, in: other)
    try LocalFileSystem().rename(other, to: path)
    clock.advance(bySeconds: 30)
    readers["first"]?.read()
    #expect(readers["first"]?.events.pointLines == ["a 2 2.0", "a 3 3.0", "a 9 9.0"])
    #expect(readers["first"]?.restarts == 1)
  }

  @Test func manyRowsComeInPortions() throws {
    try SQLiteTool.run(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
      INSERT INTO metrics SELECT 'a', i, i, CASE WHEN i % 2 THEN 'aa' ELSE 'bb' END, i, 0 FROM n;
      """, in: path)
    var finder = finder()
    var readers = try open(&finder)
    for name in ["first", "it's \"second\""] {
      readers[name]?.read()
      let steps = readers[name]?.events.points.map(\.step) ?? []
      let first: Int64 = name == "first" ? 1 : 2
      #expect(steps == Array(stride(from: first, through: 120_000, by: 2)))
      #expect(readers[name]?.restarts == 0)
    }
  }

  /// More text than one answer may have.
  @Test func longAnswersAreReadOn() throws {
    try SQLiteTool.run(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 14000)
      INSERT INTO metrics SELECT hex(zeroblob(1500)), i, i, 'aa', i, 0 FROM n;
      """, in: path)
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    #expect(readers["first"]?.events.points.map(\.step) == Array(1...14_000))
  }

  @Test func anUnchangedDatabaseIsLeftAlone() throws {
    // Long ago, so that nothing may have been missed.
    clock.setWall(toSeconds: 4_000_000_000)
    let counter = home.path("calls")
    let program = home.path("program")
    try home.write("#!/bin/sh\necho call >> '\(counter)'\nexec sqlite3 \"$@\"\n", to: "program")
    #expect(
      try ChildProcess.run("chmod", arguments: ["+x", program], outputLimit: 9).isCut == false)
    func calls() throws -> Int { try home.text(of: "calls").count { $0 == "\n" } }
    let databases = SQLiteDatabases(program: SQLiteProgram(name: program))
    let place = try LogPlace(path, files: LocalFileSystem(), clock: clock, databases: databases)
    var logs = try LogFormat.mlflowDatabase.found(in: place, name: "").map {
      CollectingReader($0.open())
    }
    // What it is, and what it holds.
    #expect(try calls() == 2)
    for _ in 0..<5 {
      clock.advance(bySeconds: 2)
      for index in logs.indices { logs[index].read() }
    }
    #expect(try calls() == 2)
    try log("('a', 1, 1, 'aa', 1, 0)")
    for index in logs.indices { logs[index].read() }
    clock.advance(bySeconds: 0.5)
    for index in logs.indices { logs[index].read() }
    clock.advance(bySeconds: 2)
    for index in logs.indices { logs[index].read() }
    #expect(try calls() == 3)
    #expect(logs[0].events.pointLines == ["a 1 1.0"])
  }

  @Test(arguments: [
    "SELECT writefile('FILE', 'words')", "ATTACH 'FILE' AS other; CREATE TABLE other.t (a)",
    "INSERT INTO metrics VALUES (1, 2, 3, 4, 5, 6)", "SELECT load_extension('FILE')",
  ])
  func theProgramCanOnlyRead(sql: String) throws {
    let file = home.path("written")
    let statement = sql.split(separator: "FILE", omittingEmptySubsequences: false)
      .joined(separator: file)
    #expect(throws: SQLiteProgram.Failure.self) {
      try SQLiteProgram().rows(of: statement, in: path, files: LocalFileSystem())
    }
    #expect(!LocalFileSystem().exists(file))
  }

  // MARK: What cannot be read

  @Test func aMissingProgramIsNamed() throws {
    let databases = SQLiteDatabases(program: SQLiteProgram(name: "no-such-program"))
    let place = try LogPlace(path, files: LocalFileSystem(), clock: clock, databases: databases)
    #expect(LogFormat.mlflowDatabase.recognizes(place))
    #expect(!LogFormat.trackio.recognizes(place))
    let error = #expect(throws: LogPlaceError.self) {
      try LogFormat.mlflowDatabase.found(in: place, name: "")
    }
    #expect(
      error?.reason == "it is an SQLite database: reading it needs the program no-such-program"
        + " (apt install no-such-program)")
  }

  @Test func anotherProgramsDatabaseIsNone() throws {
    try SQLiteTool.run("CREATE TABLE bookmarks (url)", in: home.path("other.db"))
    var finder = finder()
    let error = #expect(throws: RunFinderError.self) {
      try finder.runs(at: home.path("other.db"))
    }
    #expect(
      error?.description == home.path("other.db")
        + ": it is an SQLite database, but neither MLflow's nor Trackio's")
    // Nobody asked for it in its directory.
    #expect(try finder.runs(at: home.path).map(\.name) == ["first", "it's \"second\""])
  }

  @Test func aViewIsNoTable() throws {
    try SQLiteTool.run(
      "CREATE TABLE runs (run_uuid, lifecycle_stage); CREATE VIEW metrics AS SELECT 1 AS run_uuid,"
        + " 2 AS key, 3 AS is_nan", in: home.path("view.db"))
    var finder = finder()
    #expect(throws: RunFinderError.self) { try finder.runs(at: home.path("view.db")) }
  }

  @Test func damageIsToldInTheProgramsWords() throws {
    let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 20)
    try home.write(Array(bytes.prefix(3000)), to: "cut.db")
    var finder = finder()
    let error = #expect(throws: RunFinderError.self) { try finder.runs(at: home.path("cut.db")) }
    #expect(error?.description.contains("database disk image is malformed") ?? false)
  }

  @Test func aLockedDatabaseIsReadLater() throws {
    var finder = finder()
    var readers = try open(&finder)
    readers["first"]?.read()
    let holder = try SQLiteTool.hold(
      path, after: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; SELECT 1;")
    var troubles: [LogTrouble] = []
    for _ in 0..<200 where troubles.isEmpty {
      clock.advance(bySeconds: 30)
      troubles = readers["first"]?.read().troubles ?? []
    }
    #expect("\(troubles)".contains("database is locked"))
    SQLiteTool.letGo(holder)
    clock.advance(bySeconds: 30)
    #expect(readers["first"]?.read().troubles == [.readable(file: Path.name(of: path))])
  }

  @Test func aLogThatNobodyWritesToLeavesNoFiles() throws {
    let logged = home.path("logged.db")
    try SQLiteTool.run("PRAGMA journal_mode = WAL; " + SQLiteTool.mlflowTables, in: logged)
    try SQLiteTool.run("INSERT INTO runs VALUES ('a', 'only', 'RUNNING', 1, 'active')", in: logged)
    let names = try home.names
    #expect(!names.contains { $0.hasSuffix("-wal") })
    var finder = finder()
    #expect(try finder.runs(at: logged).map(\.name) == ["only"])
    #expect(try home.names == names)
  }
}

@Suite(.enabled(if: SQLiteTool.isThere, SQLiteTool.isMissing))
struct StoreSampleTests {
  @Test func readsWhatMLflowWrote() throws {
    let found = try StoreTruth.readAll(Repository.path("sample-runs/mlflow-sqlite/mlflow.db"))
    try StoreTruth("mlflow-sqlite").check(found)
  }

  @Test func readsWhatTrackioWrote() throws {
    let found = try StoreTruth.readAll(Repository.path("sample-runs/trackio/spirals.db"))
    try StoreTruth("trackio").check(found)
    let names = try LocalFileSystem().entries(of: Repository.path("sample-runs/trackio"))
    #expect(names == ["spirals.db"])
  }

  @Test(arguments: [
    ("mlflow-sqlite/mlflow.db", "mlflow-sqlite"), ("trackio/spirals.db", "trackio"),
  ])
  func eachIsRecognizedAsItself(sample: String, format: String) throws {
    let path = Repository.path("sample-runs/" + sample)
    for one in LogFormat.all {
      let place = try LogPlace(path, files: LocalFileSystem(), clock: ManualClock())
      #expect(one.recognizes(place) == (one.name == format), "\(one.name)")
    }
  }
}
