import JSONText
import OperatingSystem
import TerminalUI

/// `nntop bench`: what was promised, measured here.
enum BenchCommand {
  static let command = Command(
    name: "bench",
    usage: "[engine] [dashboard] [logs] [accuracy] [pruning] [sparse] [latency] [search]",
    summary: "engine and dashboard benchmarks",
    details: """
      engine     training steps of six networks with 1 and 2 threads, beside their matrix products
                 alone and beside PyTorch when python3 has it; memory; what the log costs
      dashboard  first frame, memory, write to screen, frames of many points, key to answer,
                 processor time, bytes on the wire; 423,624 candidates: sort, filter, keys, memory
      logs       event files of 1,000,000 and 10,000,000 scalars, 10,000 tags, 1,000 runs: time to
                 the first and to the whole picture, memory, keys; beside TensorBoard's data server
                 when python3 has it
      accuracy   MNIST from --mnist: 15 epochs, then a prune to 80 % and 3 more, three seeds
      pruning    MNIST from --mnist: what ten ways to prune cost in accuracy and epochs
      sparse     pruned linear layers beside dense ones
      latency    one sample's forward pass as the latency table predicts it, measured, and its FLOPs
      search     every strategy on all cells of NAS-Bench-101 with a made-up fitness; evolution
                 beside random search
      Without a name: engine and dashboard.
      """,
    options: [
      .init("dashboard", "the same as the name"),
      .init("logs", "the same as the name"),
      .init("workload", value: "NAME", "engine: only these; may be given again"),
      .init("threads", value: "N", "engine, sparse: only with so many threads"),
      .init("rounds", value: "N", "how often each is measured (5); pruning, search: seeds (3, 50)"),
      .init("alone", "engine: not beside PyTorch"),
      .init("json", "print JSON"),
      .init("seconds", value: "N", "how long each measurement takes (default 5)"),
      .init("mnist", value: "DIR", "where t10k-images-idx3-ubyte.gz and its labels lie"),
    ]
  ) { arguments in
    let known = [
      "engine", "dashboard", "logs", "accuracy", "pruning", "sparse", "latency", "search",
    ]
    if let unknown = arguments.positional.first(where: { !known.contains($0) }) {
      throw UsageError("bench knows no \(unknown); it has \(known.joined(separator: ", "))")
    }
    let named = arguments.positional + ["dashboard", "logs"].filter(arguments.has)
    let chosen = named.isEmpty ? ["engine", "dashboard"] : named
    let seconds = try arguments.number("seconds", in: 0.5...3600) ?? 5
    var results: [BenchResult] = []
    for name in known where chosen.contains(name) {
      switch name {
      case "engine": results += try engine(arguments, seconds).run()
      case "dashboard":
        results += try CandidatesBench().run() + DashboardBench(seconds: seconds).run()
      case "logs": results += try LogBench(seconds: seconds).run()
      case "sparse":
        results += try SparseBench(
          seconds: seconds, threadCounts: threadCounts(arguments), rounds: rounds(arguments)
        ).run()
      case "latency": results += try LatencyBench(rounds: rounds(arguments)).run()
      case "search":
        results += try SearchBench(seeds: try rounds(arguments, default: 50)).run()
      default:
        guard let directory = arguments.last("mnist") else {
          throw UsageError("bench \(name) needs --mnist DIR")
        }
        results +=
          name == "pruning"
          ? try PruningBench(
            directory: directory,
            seeds: try rounds(arguments, default: 3)
          ).run() : try AccuracyBench(directory: directory).run()
      }
    }
    if arguments.has("json") {
      Output.line((["schema": 1, "results": .array(results.map(\.json))] as JSON).text())
    } else {
      for result in results { Output.line(result.text) }
    }
    return 0
  }
}

extension BenchCommand {
  private static func engine(_ arguments: Arguments, _ seconds: Double) throws -> EngineBench {
    let known = Workload.all.map(\.name)
    let names = arguments.all("workload")
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw UsageError("bench engine has no \(unknown); it has \(known.joined(separator: ", "))")
    }
    return EngineBench(
      seconds: seconds, names: names, threadCounts: try threadCounts(arguments),
      rounds: try rounds(arguments), hasPeer: !arguments.has("alone"))
  }

  private static func threadCounts(_ arguments: Arguments) throws -> [Int] {
    try arguments.number("threads", in: 1...256).map { [Int($0)] } ?? [1, 2]
  }

  private static func rounds(_ arguments: Arguments, default fallback: Int = 5) throws -> Int {
    try arguments.number("rounds", in: 1...1000).map { Int($0) } ?? fallback
  }
}

/// One measured number.
struct BenchResult {
  let name: String
  let value: Double
  let unit: String
  /// The promise it is held against; nil where there is none.
  var limit: Limit?

  enum Limit {
    case atMost(Double)
    case atLeast(Double)
  }

  init(_ name: String, _ value: Double, _ unit: String, _ limit: Limit? = nil) {
    self.name = name
    self.value = value
    self.unit = unit
    self.limit = limit
  }

  private var isKept: Bool? {
    switch limit {
    case .atMost(let bound): value <= bound
    case .atLeast(let bound): value >= bound
    case nil: nil
    }
  }

  var json: JSON {
    var json: JSON = ["name": .string(name), "value": .number(value), "unit": .string(unit)]
    switch limit {
    case .atMost(let bound): json["atMost"] = .number(bound)
    case .atLeast(let bound): json["atLeast"] = .number(bound)
    case nil: break
    }
    json["kept"] = isKept.map { .boolean($0) }
    return json
  }

  var text: String {
    let number = NumberText.significant(value, digits: 4)
    var line = "\(HelpPage.padded(name, 58)) \(HelpPage.padded("\(number) \(unit)", 20))"
    switch limit {
    case .atMost(let bound): line += " at most \(NumberText.significant(bound))"
    case .atLeast(let bound): line += " at least \(NumberText.significant(bound))"
    case nil: break
    }
    if let isKept { line += isKept ? "  kept" : "  MISSED" }
    return line
  }
}

/// Numbers in the middle.
enum Median {
  static func of(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Median seconds of some work, which is done for a share of the time, and a few times at least.
  static func seconds(of share: Double, _ work: () -> Void) -> Double {
    let clock = SystemClock()
    let warmUps = 3
    let timesMin = 5
    for _ in 0..<warmUps { work() }
    var durations: [Double] = []
    let end = clock.monotonicSeconds() + share
    while durations.count < timesMin || clock.monotonicSeconds() < end {
      let start = clock.monotonicSeconds()
      work()
      durations.append(clock.monotonicSeconds() - start)
    }
    return of(durations)
  }
}

/// A directory for one measurement, removed at its end.
struct BenchDirectory {
  let path: String
  private let files = LocalFileSystem()

  init() throws {
    let parent = Environment.value("TMPDIR") ?? "/tmp"
    path = Path.join(parent, "nntop-bench-\(UInt32.random(in: 0 ... .max))")
    try files.createDirectory(path, permissions: 0o700)
  }

  func remove() throws {
    try RemoveCommand.removeTree(path, files)
  }
}
