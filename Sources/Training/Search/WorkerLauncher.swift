import NeuralNetwork

/// How a search gets its workers, as a search file describes it.
public protocol WorkerLauncherDescription: Settable, Sendable {
  func makeLauncher(_ place: WorkerPlace) -> any WorkerLauncher
}

/// What a launcher has to know: it alone knows where a worker runs.
public struct WorkerPlace: Sendable {
  /// This program, which is a worker when it is called with `arguments`.
  public let program: String
  public let arguments: [String]
  /// The search's directory, absolute; its workers share it.
  public let directory: String
  /// The threads of one worker.
  public let threads: Int

  public init(program: String, arguments: [String], directory: String, threads: Int) {
    self.program = program
    self.arguments = arguments
    self.directory = directory
    self.threads = threads
  }
}

/// Starts workers and looks after them. A worker ends by itself when the search is over or no
/// coordinator lives.
public protocol WorkerLauncher: AnyObject {
  /// Starts as many workers as there should be.
  /// - Throws: one line that says why none can be had.
  func start(_ count: Int) throws

  /// Looks after the workers while there is work: those that ended are replaced.
  /// - Throws: one line, when there will be no more workers.
  func tend() throws

  /// What people should know of the workers, such as that they wait in a queue; nil: nothing.
  var remark: String? { get }

  /// Ends the workers that are still there; what they were at can be taken up again.
  func stop()
}

extension WorkerLauncher {
  public var remark: String? { nil }
}

/// All launchers, by the kind under which search files name them.
public enum WorkerLauncherCatalogue {
  public static let all: [any WorkerLauncherDescription.Type] = [
    LocalLauncher.self,
    SlurmLauncher.self,
  ]
}
