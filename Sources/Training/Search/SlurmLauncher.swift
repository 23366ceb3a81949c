import NeuralNetwork
import OperatingSystem

/// Workers are the tasks of an array job that shares the search's directory.
public struct SlurmLauncher: WorkerLauncherDescription {
  public static let kind = "slurm"
  public static let summary = "workers are an array job of Slurm that shares the search's directory"

  /// Where the workers wait for a machine; empty: Slurm's default.
  let partition: String
  /// What a worker may take before Slurm ends it; 0: what the partition allows.
  let minutes: Int
  /// Of a worker; 0: Slurm's default.
  let memoryMegabytes: Int
  /// More options of `sbatch`, as a shell would have them: quotes keep words together.
  let options: String

  public init(_ settings: some Settings) throws {
    partition = try settings.text("partition", default: "")
    minutes = try settings.integer("minutes", in: 0...1_000_000, default: 0)
    memoryMegabytes = try settings.integer("memoryMegabytes", in: 0...1_000_000_000, default: 0)
    options = try settings.text("options", default: "")
  }

  public func makeLauncher(_ place: WorkerPlace) -> any WorkerLauncher {
    SlurmWorkers(self, place) { seconds in _ = Readiness.wait(for: [], timeoutSeconds: seconds) }
  }

  /// What `sbatch` is called with. What a person gives comes first, so that it cannot take away
  /// what the launcher relies on.
  func submission(of count: Int, at place: WorkerPlace) -> [String] {
    var arguments = Self.words(in: options)
    if !partition.isEmpty { arguments.append("--partition=\(partition)") }
    if minutes > 0 { arguments.append("--time=\(minutes)") }
    if memoryMegabytes > 0 { arguments.append("--mem=\(memoryMegabytes)M") }
    // A worker that vanishes is replaced by us: Slurm would start it in the queue's own time.
    return arguments + [
      "--parsable", "--no-requeue", "--array=1-\(count)", "--nodes=1", "--ntasks=1",
      "--cpus-per-task=\(place.threads)", "--job-name=nntop-\(Path.name(of: place.directory))",
      "--open-mode=append", "--output=\(Self.pattern(of: place.directory))/worker-%A_%a.log",
      "--wrap=\(Self.command(of: place))",
    ]
  }

  /// What a task does, for the shell. OpenBLAS is told nothing of the machine that submits, and
  /// nothing of it may run beside the engine's own threads.
  private static func command(of place: WorkerPlace) -> String {
    let words = ([place.program] + place.arguments).map(quoted)
    return "unset OPENBLAS_CORETYPE; export OPENBLAS_NUM_THREADS=1; exec "
      + words.joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  /// A directory as Slurm wants it in the name of a file: after a backslash it takes every sign for
  /// itself, `%A` and `%a` included; then all tasks share one file.
  private static func pattern(of directory: String) -> String {
    let sign: Character = directory.contains("\\") ? "\\" : "%"
    return directory.map { $0 == sign ? "\(sign)\(sign)" : String($0) }.joined()
  }

  /// The words of a text that blanks part, except within quotes.
  static func words(in text: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in text {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if quote == nil, character.isWhitespace {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
