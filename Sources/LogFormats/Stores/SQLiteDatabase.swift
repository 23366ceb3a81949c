import OperatingSystem
import RunLog
import Synchronization

/// A database of runs that is followed once for all of them: a hundred runs cost one process when
/// something changed, and none while nothing did.
final class SQLiteDatabase: Sendable {
  /// The columns of the tables that tell what a database is.
  typealias Tables = [String: Set<String>]

  /// What a database was found to be.
  enum Verdict {
    case store(any ExperimentStore)
    /// It belongs to some other program.
    case other
    /// There is nothing to ask it with.
    case noProgram
    /// It cannot be read now.
    case failed(reason: String)
  }

  let path: String
  private let program: SQLiteProgram
  private let files: any FileSystem
  private let clock: any Clock
  private let state = Mutex(State())

  private struct State {
    var verdict: Verdict?
    var content = ExperimentContent()
    /// The files as they were when the database was asked last.
    var seen: Stamp?
    /// Whether something may have been written just when it was asked.
    var mayHaveMissed = false
    var hasMore = false
    /// What is wrong with it.
    var trouble: String?
    /// On the clock that never goes back.
    var nextLook = -Double.infinity
  }

  /// What changes when something is written.
  private struct Stamp: Equatable {
    let database: FileStatus
    let log: FileStatus?

    func isSameFile(as other: Stamp) -> Bool {
      (database.device, database.inode) == (other.database.device, other.database.inode)
    }
  }

  private static let rowsPerPortionMax = 20_000
  private static let pauseSecondsMin = 1.0
  /// After a question as long as this many times what it took passes without another.
  private static let pauseRatio = 20.0
  /// Times of files are no finer than this where they are coarsest.
  private static let timeGrainSeconds = 2.0

  init(path: String, program: SQLiteProgram, files: any FileSystem, clock: any Clock) {
    self.path = path
    self.program = program
    self.files = files
    self.clock = clock
  }

  private var name: String { Path.name(of: path) }

  /// What it is.
  func verdict() -> Verdict {
    state.withLock { state in
      look(&state)
      return state.verdict ?? .failed(reason: state.trouble ?? "it is empty")
    }
  }

  /// Its runs, the oldest first.
  func runs<Store: ExperimentStore>(of store: Store.Type) throws(LogPlaceError) -> [LogRun] {
    switch verdict() {
    case .store(is Store):
      let runs = state.withLock { state in
        state.content.listed.map { (id: $0, name: state.content.runs[$0]?.name ?? "") }
      }
      return runs.map { run in
        LogRun(part: run.id, name: run.name.isEmpty ? run.id : run.name) {
          SQLiteLog(database: self, run: run.id)
        }
      }
    case .store, .other:
      throw LogPlaceError(reason: "it is an SQLite database, but neither MLflow's nor Trackio's")
    case .noProgram:
      throw LogPlaceError(
        reason: "it is an SQLite database: reading it needs the program \(program.name)"
          + " (apt install \(program.name))")
    case .failed(let reason): throw LogPlaceError(reason: reason)
    }
  }

  /// Tells a reader what is new of its run; what is wrong with the database is returned.
  func tell(
    _ run: String, to telling: inout StoredRunTelling, into batch: inout LogBatch
  ) -> (trouble: String?, skipped: SkippedRecords) {
    state.withLock { state in
      look(&state)
      if let stored = state.content.ordered(run) {
        telling.tell(stored, at: clock.monotonicSeconds(), into: &batch)
      }
      batch.hasMore = batch.hasMore || state.hasMore
      if let size = state.seen?.database.size {
        batch.progress = .init(read: Int(Double(size) * state.content.fraction), size: size)
      }
      return (state.trouble, state.content.skipped[run] ?? SkippedRecords())
    }
  }

  // MARK: Asking

  /// Asks it when it is time and something changed.
  private func look(_ state: inout State) {
    let begun = clock.monotonicSeconds()
    guard state.hasMore || begun >= state.nextLook else { return }
    state.nextLook = begun + Self.pauseSecondsMin
    do throws(SystemError) {
      let now = try stamp()
      let isOther = state.seen.map { !now.isSameFile(as: $0) } ?? false
      if isOther { (state.verdict, state.hasMore) = (nil, false) }
      let mayDiffer = now != state.seen || state.mayHaveMissed || state.trouble != nil
      guard mayDiffer || state.hasMore else { return }
      state.seen = now
      let age =
        clock.wallSeconds()
        - max(
          now.database.modifiedSeconds, now.log?.modifiedSeconds ?? 0)
      state.mayHaveMissed = age < Self.timeGrainSeconds
      ask(&state, isOther: isOther)
      let end = clock.monotonicSeconds()
      state.nextLook = end + max(Self.pauseSecondsMin, Self.pauseRatio * (end - begun))
    } catch {
      (state.trouble, state.hasMore) = (error.reason, false)
    }
  }

  private func stamp() throws(SystemError) -> Stamp {
    let database = try files.status(at: path)
    do throws(SystemError) {
      return Stamp(database: database, log: try files.status(at: path + "-wal"))
    } catch { return Stamp(database: database, log: nil) }
  }

  private func ask(_ state: inout State, isOther: Bool) {
    do throws(SQLiteProgram.Failure) {
      if isOther { state.content.restart() }
      if case .store? = state.verdict {} else { state.verdict = try askTables() }
      if case .store(let store)? = state.verdict {
        let sql = store.query(
          after: state.content.cursor, rowsMax: Self.rowsPerPortionMax)
        let rows = try program.rows(of: sql, in: path, files: files)
        state.hasMore = state.content.take(
          rows, of: store, rowsMax: Self.rowsPerPortionMax)
      }
      state.trouble = nil
    } catch {
      state.hasMore = false
      switch error {
      case .missingProgram:
        state.trouble = "the program \(program.name) is missing"
        state.verdict = .noProgram
      case .other(let words):
        state.trouble = words
        if case .store? = state.verdict {} else { state.verdict = .failed(reason: words) }
      }
    }
  }

  private func askTables() throws(SQLiteProgram.Failure) -> Verdict {
    // A view or a virtual table of such a name could compute anything.
    let sql = """
      SELECT hex(m.name), hex(c.name) FROM sqlite_master AS m, pragma_table_info(m.name) AS c
        WHERE m.type = 'table' AND m.sql LIKE 'CREATE TABLE%'
        AND m.name IN ('metrics', 'runs', 'params', 'configs');
      """
    var tables: Tables = [:]
    try program.rows(of: sql, in: path, files: files).forEach {
      tables[$0.text(0), default: []].insert($0.text(1))
    }
    if let store = MLflowStore(tables) { return .store(store) }
    if let store = TrackioStore(tables) { return .store(store) }
    return .other
  }
}
