import Glibc
import OperatingSystem
import RunLog
import Training

/// The real dashboard on a terminal of its own: how fast it is there, how soon it shows what was
/// written, what it costs, and that it is quiet when nothing happens.
struct DashboardBench {
  let seconds: Double
  private let clock = SystemClock()
  private let files = LocalFileSystem()

  init(seconds: Double) {
    self.seconds = seconds
  }

  func run() throws -> [BenchResult] {
    let place = try BenchDirectory()
    let results =
      try written(place.path) + FrameBench(seconds: seconds).run(in: place.path)
      + trained(place.path)
    try place.remove()
    return results
  }

  // MARK: A log that this process writes

  private func written(_ place: String) throws -> [BenchResult] {
    let directory = RunDirectory(path: Path.join(place, "written"))
    try files.createDirectory(directory.path, permissions: 0o700)
    let events = try EventFileWriter(
      path: Path.join(directory.path, "events.out.tfevents.1000000000.bench.1.0"), files: files,
      firstStep: 0, wallTime: clock.wallSeconds())
    defer { events.close() }
    let steps: Int64 = 1000
    for step in 0..<steps { write(step, to: events) }
    try events.flush()
    let (terminal, first) = try open(directory.path)
    defer { terminal.close() }
    let memory = try ProcessUsage.of(terminal.processIdentifier).residentBytes
    var results = [
      BenchResult("first frame of a 1,000-step run", first * 1e3, "ms", .atMost(150)),
      BenchResult("  memory", Double(memory) / 1e6, "MB", .atMost(60)),
    ]
    let rounds = max(3, Int(seconds))
    let delays = try (0..<rounds).map { round in
      terminal.read(forSeconds: 1.2)
      write(steps + Int64(round), to: events)
      let start = clock.monotonicSeconds()
      try events.flush()
      guard terminal.waitForOutput(seconds: 2) else { throw Failure("nothing was drawn in 2 s") }
      return clock.monotonicSeconds() - start
    }
    results.append(
      BenchResult(
        "write to screen after a second of quiet, slowest of \(rounds)", (delays.max() ?? 0) * 1e3,
        "ms", .atMost(150)))
    var step = steps + Int64(rounds)
    var frames = 0
    let end = clock.monotonicSeconds() + seconds
    var wasQuiet = true
    while clock.monotonicSeconds() < end {
      write(step, to: events)
      try events.flush()
      step += 1
      let bytes = terminal.read(forSeconds: 0.05)
      if bytes > 0 && wasQuiet { frames += 1 }
      wasQuiet = bytes == 0
    }
    results.append(
      BenchResult(
        "frames under a stream of 20 writes a second", Double(frames) / seconds, "per second",
        .atLeast(2)))
    return results
  }

  private func write(_ step: Int64, to events: EventFileWriter) {
    let value = 1 / Float(step + 1)
    events.scalars(
      [("train/loss", value), ("val/loss", value * 1.1)], step: step,
      wallTime: clock.wallSeconds())
  }

  // MARK: A real training

  private func trained(_ place: String) throws -> [BenchResult] {
    let text = try ExperimentText.builtIn(overrides: ["epochs=1000000"])
    let directory = try RunStart(
      text: text, runs: place, name: "trained", arguments: ["bench"]
    ).startEngine()
    let (terminal, _) = try open(directory.path)
    defer { terminal.close() }
    terminal.read(forSeconds: 2)
    let start = try ProcessUsage.of(terminal.processIdentifier).processorSeconds
    let bytes = terminal.read(forSeconds: seconds)
    let used = try ProcessUsage.of(terminal.processIdentifier).processorSeconds - start
    var results = [
      BenchResult(
        "processor time while it watches a training", used / seconds * 100, "%", .atMost(2)),
      BenchResult("  bytes to a 120x36 terminal", Double(bytes) / seconds, "per second"),
    ]
    let delays = try (0..<6).map { _ in try answerDelay("P", terminal, directory) }
    results.append(
      BenchResult(
        "key to answer in the journal, slowest of \(delays.count)", (delays.max() ?? 0) * 1e3, "ms",
        .atMost(50)))
    // An even number of presses has left it training: pause it, and listen.
    _ = try answerDelay("P", terminal, directory)
    terminal.read(forSeconds: 7)
    let quietBytes = terminal.read(forSeconds: max(3, seconds))
    results.append(
      BenchResult("bytes to the terminal while paused", Double(quietBytes), "", .atMost(0)))
    terminal.write("K")
    terminal.read(forSeconds: 0.5)
    terminal.write("\r")
    terminal.read(forSeconds: 1)
    return results
  }

  /// Seconds from a key to the record of its answer.
  private func answerDelay(
    _ key: String, _ terminal: BenchTerminal, _ directory: RunDirectory
  ) throws -> Double {
    terminal.read(forSeconds: 0.3)
    let size = try files.status(at: directory.journalPath).size
    let start = clock.monotonicSeconds()
    terminal.write(key)
    while clock.monotonicSeconds() - start < 5 {
      if try files.status(at: directory.journalPath).size > size {
        return clock.monotonicSeconds() - start
      }
      terminal.read(forSeconds: 0.0005)
    }
    throw Failure("no answer came in 5 s")
  }

  /// Starts the dashboard and waits until its first frame has come: seconds from the start.
  private func open(_ path: String) throws -> (BenchTerminal, Double) {
    let start = clock.monotonicSeconds()
    let terminal = try BenchTerminal(arguments: [path], rows: 36, columns: 120)
    guard terminal.waitForOutput(seconds: 10, containing: "Quit") else {
      throw Failure("no frame came in 10 s")
    }
    return (terminal, clock.monotonicSeconds() - start)
  }
}
