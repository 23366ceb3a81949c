import Glibc
import NeuralNetwork
import OperatingSystem
import Tensors

/// Workers are processes of this machine.
public struct LocalLauncher: WorkerLauncherDescription {
  public static let kind = "local"
  public static let summary = "workers are processes of this machine"

  public init(_ settings: some Settings) throws {}

  public func makeLauncher(_ place: WorkerPlace) -> any WorkerLauncher {
    LocalWorkers(place, files: LocalFileSystem(), clock: SystemClock())
  }
}

/// Processes of this machine in sessions of their own; one that ends while there is work is
/// replaced.
final class LocalWorkers: WorkerLauncher {
  private let place: WorkerPlace
  private let files: any FileSystem
  private let clock: any Clock
  private var workers: [(process: ChildProcess, startedAt: Double)] = []
  private var count = 0
  /// Workers in a row that ended within moments.
  private var quickEnds = 0

  private static let quickSeconds = 2.0
  private static let quickEndsMax = 6
  private static let patienceSeconds = 10.0

  init(_ place: WorkerPlace, files: any FileSystem, clock: any Clock) {
    self.place = place
    self.files = files
    self.clock = clock
  }

  func start(_ count: Int) throws {
    self.count = count
    try fill()
  }

  private func fill() throws {
    while workers.count < count {
      let log = try files.open(logPath, for: .appending(permissions: 0o666))
      defer { files.close(log) }
      let process = try ChildProcess.startDetached(
        place.program, arguments: place.arguments,
        environment: ArithmeticLibrary.environment(from: Environment.list), log: log)
      workers.append((process, clock.monotonicSeconds()))
    }
  }

  func tend() throws {
    let now = clock.monotonicSeconds()
    workers.removeAll { worker in
      guard worker.process.endingIfOver() != nil else { return false }
      quickEnds = now - worker.startedAt < Self.quickSeconds ? quickEnds + 1 : 0
      return true
    }
    guard quickEnds < Self.quickEndsMax else {
      throw SearchError("its workers end as soon as they begin; \(logPath) says why")
    }
    try fill()
  }

  private var logPath: String { Path.join(place.directory, "workers.log") }

  func stop() {
    for worker in workers { worker.process.send(signal: SIGTERM) }
    let deadline = clock.monotonicSeconds() + Self.patienceSeconds
    while !workers.isEmpty, clock.monotonicSeconds() < deadline {
      workers.removeAll { $0.process.endingIfOver() != nil }
      _ = Readiness.wait(for: [], timeoutSeconds: 0.01)
    }
    for worker in workers {
      worker.process.send(signal: SIGKILL)
      _ = worker.process.wait()
    }
    workers = []
  }
}
