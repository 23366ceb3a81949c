import OperatingSystem
import Synchronization

/// The SQLite databases that one search for runs came upon: each is asked once for all its runs.
final class SQLiteDatabases: Sendable {
  private let known = Mutex<[String: SQLiteDatabase]>([:])
  private let program: SQLiteProgram

  init(program: SQLiteProgram = SQLiteProgram()) {
    self.program = program
  }

  func database(at place: LogPlace) -> SQLiteDatabase {
    let path = Path.resolved(place.path)
    return known.withLock { known in
      if let database = known[path] { return database }
      let database = SQLiteDatabase(
        path: path, program: program, files: place.files, clock: place.clock)
      known[path] = database
      return database
    }
  }
}
