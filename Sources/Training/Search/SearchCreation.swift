import ArchitectureSearch
import Glibc
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog

/// Makes the directory of a new search, once everything that can be checked has been.
public struct SearchCreation {
  public var search: SearchDescription
  /// The directory that the search's directory is made in.
  public var runs: String
  /// nil: made from the time and the search's name.
  public var name: String?
  public var arguments: [String]
  /// The program's version.
  public var version: String

  public init(
    search: SearchDescription, runs: String, name: String?, arguments: [String], version: String
  ) {
    self.search = search
    self.runs = runs
    self.name = name
    self.arguments = arguments
    self.version = version
  }

  /// - Throws: one line; nothing was created.
  public func create(
    files: any FileSystem = LocalFileSystem(), clock: any Clock = SystemClock()
  ) throws -> RunDirectory {
    var search = search
    if search.evaluator == .training {
      var machine = MachineReader(files: files)
      search.boundMemory(machine.read(disk: runs))
      try CandidateFactory(search, files: files).checkSpace()
    }
    let now = clock.wallSeconds()
    return try RunNaming(runs: runs, name: name, title: search.name).makeDirectory(files, now) {
      directory in
      RunManifest(
        name: directory.name, created: now, version: version, arguments: arguments,
        seed: search.seed, threads: 1, host: Environment.hostName, experiment: search.resolved,
        declares: Self.declarations)
    }
  }

  /// What every search obeys.
  static let declarations: [RunManifest.Declaration] = [
    .init(command: "pause"), .init(command: "resume"), .init(command: "stop"),
    .init(
      command: "candidate", details: ["actions": ["pause", "resume", "kill", "promote"]]),
  ]

  /// Whether a manifest is that of a search.
  public static func isSearch(_ manifest: RunManifest) -> Bool {
    manifest.experiment["space"] != nil && manifest.engine == nil
  }
}

extension SearchDescription {
  /// A candidate may take its worker's part of the machine's memory, when nothing else is said. It
  /// is written down, so that a search that goes on elsewhere is the same.
  fileprivate mutating func boundMemory(_ machine: MachineReading) {
    guard limits.memoryMegabytes == nil, let total = machine.memoryTotalBytes else { return }
    let count = workers > 0 ? workers : Environment.processorCount
    let shareMax = 0.8
    let megabytes = max(1, Int(Double(total >> 20) * shareMax) / count)
    limits.memoryMegabytes = megabytes
    resolved["limits"]?["memoryMegabytes"] = .integer(Int64(megabytes))
  }
}
