import OperatingSystem
import RunLog

/// Finds the runs that a person means by a path.
public struct RunFinder {
  private let files: any FileSystem
  public let clock: any Clock
  /// The only format that is looked for; nil: any.
  private let format: LogFormat?
  private let input: PipedInput?
  private var memory = DirectoryWalk.Memory()
  private let databases = SQLiteDatabases()

  /// - Parameters:
  ///   - format: taken for the format of every path, whatever it holds.
  ///   - input: what the path "-" stands for.
  public init(
    files: any FileSystem, clock: any Clock = SystemClock(), format: LogFormat? = nil,
    input: PipedInput? = nil
  ) {
    self.files = files
    self.clock = clock
    self.format = format
    self.input = input
  }

  /// A run that was found.
  public struct Found: Sendable, Equatable {
    /// What tells it from all other runs: its place, and its part where that has several.
    public let path: String
    public let name: String
    /// The file or directory that holds it.
    public let place: String
    /// The directories in which its files are written.
    public let directories: [String]
    let reader: @Sendable () -> any LogReader

    /// - Parameters:
    ///   - place: nil where that is the path.
    ///   - directories: nil where that is the one that holds the place.
    public init(
      path: String, name: String, place: String? = nil, directories: [String]? = nil,
      reader: @escaping @Sendable () -> any LogReader
    ) {
      self.path = path
      self.name = name
      self.place = place ?? path
      self.directories = directories ?? [Path.parent(of: self.place)]
      self.reader = reader
    }

    /// A reader of its log.
    public func open() -> any LogReader { reader() }

    public static func == (one: Found, other: Found) -> Bool {
      (one.path, one.name, one.place) == (other.path, other.name, other.place)
    }
  }

  /// The runs under a path: the path itself, or the runs in that directory and those below it,
  /// oldest name first.
  /// - Throws: `RunFinderError` when there is no such path or it is of no known format.
  public mutating func runs(at path: String) throws(RunFinderError) -> [Found] {
    if path == Self.inputPath {
      guard let input else { throw .noInput }
      return [input.found(format: format)]
    }
    guard files.exists(path) else { throw .missing(path) }
    let place: LogPlace
    do throws(SystemError) {
      place = try LogPlace(path, files: files, clock: clock, databases: databases)
    } catch {
      guard error == .notAFile(path) else { throw .system(error) }
      throw .unusable(path, reason: "it is no regular file; nntop - < '\(path)' reads a pipe")
    }
    guard place.isDirectory else { return try runs(inFile: place) }
    var walk = DirectoryWalk(format: format, memory: memory)
    walk.visit(place)
    memory = walk.memory
    return walk.found
  }

  /// Standard input.
  public static let inputPath = "-"

  private func runs(inFile place: LogPlace) throws(RunFinderError) -> [Found] {
    let name = Path.name(of: Path.resolved(place.path))
    for format in self.format.map({ [$0] }) ?? LogFormat.all {
      guard self.format != nil || format.recognizes(place) else { continue }
      do throws(LogPlaceError) {
        return try format.found(in: place, name: name, isForced: self.format != nil)
      } catch { throw .unusable(place.path, reason: error.reason) }
    }
    // Too little to tell it by yet: a run that waits.
    let isYoung = place.head.isWhole && !place.head.isTelling && place.head.isText
    guard isYoung else {
      throw .unknownFormat(
        place.path, advice: ForeignFiles.advice(on: place.head, path: place.path))
    }
    return [
      Found(path: place.path, name: name, place: place.path) {
        FileLog(path: place.path, formats: LogFormat.all, files: place.files, clock: place.clock)
      }
    ]
  }

  /// The run that somebody who asks for none in particular wants to see: one that lives, or else
  /// the one that was written last.
  public func liveliest(of runs: [Found]) -> Found? {
    // Files of one training are written together: of those the outermost is the training.
    let togetherSeconds = 60.0
    func rank(_ run: Found) -> (Int, Double, Int, Double, String) {
      let (isAlive, written) = liveliness(of: run.place)
      let depth = run.place.utf8.lazy.filter { $0 == UInt8(ascii: "/") }.count
      return (isAlive ? 1 : 0, (written / togetherSeconds).rounded(), -depth, written, run.path)
    }
    return runs.map { (run: $0, rank: rank($0)) }.max { $0.rank < $1.rank }?.run
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
}

/// Why a path shows no runs.
public enum RunFinderError: Error, Sendable, CustomStringConvertible {
  case missing(String)
  /// Nothing comes in.
  case noInput
  case unknownFormat(String, advice: String?)
  /// Its format is known, but it cannot be read here.
  case unusable(String, reason: String)
  case system(SystemError)

  public var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such file or directory"
    case .noInput: "-: standard input is a terminal; pipe a training into it: train | nntop -"
    case .unknownFormat(let path, let advice?): "\(path): not a log: \(advice)"
    case .unknownFormat(let path, nil):
      "\(path): not a log that nntop reads; tried "
        + LogFormat.all.map(\.title).joined(separator: ", ")
    case .unusable(let path, let reason): "\(path): \(reason)"
    case .system(let error): error.description
    }
  }
}
