import OperatingSystem
import RunLog

/// Finds the runs that a person means by a path.
public struct RunFinder {
  private let files: any FileSystem

  private static let runsMax = 10_000

  public init(files: any FileSystem) {
    self.files = files
  }

  /// A run that was found.
  public struct Found: Sendable, Equatable {
    public let path: String
    public let name: String

    public init(path: String, name: String) {
      self.path = path
      self.name = name
    }
  }

  /// The runs under a path: the path itself, or the runs in that directory, oldest name first.
  /// - Throws: `RunFinderError` when there is no such path or it is of no known format.
  public func runs(at path: String) throws(RunFinderError) -> [Found] {
    guard files.exists(path) else { throw .missing(path) }
    if LogFormat.all.contains(where: { $0.recognizes(path, files) }) {
      return [Found(path: path, name: Path.name(of: Path.resolved(path)))]
    }
    guard files.isDirectory(path) else { throw .unknownFormat(path) }
    do throws(SystemError) {
      let inside = try files.entries(of: path).lazy
        .map { Found(path: Path.join(path, $0), name: $0) }
        .filter { files.isDirectory($0.path) && RunDirectory.isRun($0.path, files) }
        .prefix(Self.runsMax)
      return Array(inside)
    } catch {
      throw .system(error)
    }
  }

  /// The run that somebody who asks for none in particular wants to see: one that lives, or else
  /// the one that was written last.
  public func liveliest(of runs: [Found]) -> Found? {
    runs.map { (run: $0, rank: liveliness(of: $0.path)) }.max { first, second in
      (first.rank.isAlive ? 1 : 0, first.rank.written, first.run.path)
        < (second.rank.isAlive ? 1 : 0, second.rank.written, second.run.path)
    }?.run
  }

  /// Whether an engine holds the run.
  public func isAlive(_ path: String) -> Bool {
    FileLock.probe(RunDirectory(path: path).lockPath) == .held
  }

  private func liveliness(of path: String) -> (isAlive: Bool, written: Double) {
    let directory = RunDirectory(path: path)
    var logs = [path, directory.journalPath]
    do throws(SystemError) {
      if files.isDirectory(path), let newest = try directory.eventFiles(files).last {
        logs.append(Path.join(path, newest))
      }
    } catch {}  // judged by what can be seen
    let written = logs.map { log in
      do throws(SystemError) { return try files.status(at: log).modifiedSeconds } catch { return 0 }
    }
    return (isAlive(path), written.max() ?? 0)
  }

  /// A reader for a run that was found.
  public func open(_ path: String, clock: any Clock) -> (any LogReader)? {
    LogFormat.all.first { $0.recognizes(path, files) }?.open(path, files, clock)
  }
}

/// Why a path shows no runs.
public enum RunFinderError: Error, Sendable, CustomStringConvertible {
  case missing(String)
  case unknownFormat(String)
  case system(SystemError)

  public var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such file or directory"
    case .unknownFormat(let path):
      "\(path): not a log that nntop reads; tried "
        + LogFormat.all.map(\.name).joined(separator: ", ")
    case .system(let error): error.description
    }
  }
}
