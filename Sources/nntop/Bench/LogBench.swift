import Glibc
import OperatingSystem
import RunLog

/// Large logs in the real dashboard on a terminal of its own.
struct LogBench {
  let seconds: Double
  private let clock = SystemClock()
  private let files = LocalFileSystem()
  private let generator = LogGenerator()

  init(seconds: Double) {
    self.seconds = seconds
  }

  func run() throws -> [BenchResult] {
    let place = try BenchDirectory()
    let results =
      try million(place.path) + tenMillion(place.path) + manyTags(place.path)
      + manyRuns(place.path) + growing(place.path)
    try place.remove()
    return results
  }

  // MARK: Long files

  private func million(_ place: String) throws -> [BenchResult] {
    let directory = Path.join(place, "million")
    let file = try generator.eventFile(in: directory, scalars: 1_000_000, tags: 10)
    let opened = try open(file)
    var results = [
      BenchResult(
        "1,000,000 scalars: all on the screen", opened.allSeconds, "s", .atMost(0.5)),
      BenchResult("  processor time", opened.processorSeconds, "s"),
    ]
    if let server = dataServerSeconds(directory) {
      results += [
        BenchResult("  TensorBoard's data server, no checksums, 1,000 points a tag", server, "s"),
        BenchResult(
          "  nntop / data server", opened.processorSeconds / server, "×", .atMost(0.5)),
      ]
    }
    opened.terminal.read(forSeconds: 2)
    let before = try ProcessUsage.of(opened.terminal.processIdentifier).processorSeconds
    let idleSeconds = max(10, seconds)
    opened.terminal.read(forSeconds: idleSeconds)
    let after = try ProcessUsage.of(opened.terminal.processIdentifier).processorSeconds
    opened.terminal.close()
    results.append(
      BenchResult(
        "  idle afterwards", (after - before) / idleSeconds * 100, "% of a core", .atMost(0.2)))
    return results
  }

  private func tenMillion(_ place: String) throws -> [BenchResult] {
    let count = 10_000_000
    let directory = Path.join(place, "ten-million")
    let file = try generator.eventFile(in: directory, scalars: count, tags: 10)
    let opened = try open(file)
    let peak = try ProcessUsage.peakBytes(of: opened.terminal.processIdentifier)
    let resident = try ProcessUsage.of(opened.terminal.processIdentifier).residentBytes
    opened.terminal.close()
    try files.remove(file)
    return [
      BenchResult(
        "10,000,000 scalars: first frame", opened.firstSeconds * 1e3, "ms", .atMost(200)),
      BenchResult("  all on the screen", opened.allSeconds, "s", .atMost(5)),
      BenchResult("  processor time", opened.processorSeconds, "s"),
      BenchResult("  memory at most", Double(peak) / 1e6, "MB", .atMost(400)),
      BenchResult(
        "  memory for each point", Double(resident) / Double(count), "bytes", .atMost(24)),
    ]
  }

  private struct Opened {
    let terminal: BenchTerminal
    let firstSeconds, allSeconds, processorSeconds: Double
  }

  /// Opens the dashboard on a file and waits until the frame after the last byte has come.
  private func open(_ file: String) throws -> Opened {
    let size = try files.status(at: file).size
    let start = clock.monotonicSeconds()
    let terminal = try BenchTerminal(arguments: [file], rows: 36, columns: 120)
    guard terminal.waitForOutput(seconds: 10, containing: "Quit") else {
      throw Failure("no frame came in 10 s")
    }
    let first = clock.monotonicSeconds() - start
    let patienceSeconds = 60.0
    while try ProcessUsage.bytesRead(by: terminal.processIdentifier) < size {
      guard clock.monotonicSeconds() - start < patienceSeconds else {
        throw Failure("\(file) was not read in \(patienceSeconds) s")
      }
      terminal.read(forSeconds: 0.005)
    }
    _ = terminal.waitForOutput(seconds: 0.5)
    let all = clock.monotonicSeconds() - start
    let used = try ProcessUsage.of(terminal.processIdentifier).processorSeconds
    return Opened(
      terminal: terminal, firstSeconds: first, allSeconds: all, processorSeconds: used)
  }

  // MARK: Wide logs

  private func manyTags(_ place: String) throws -> [BenchResult] {
    let directory = Path.join(place, "tags")
    let file = try generator.eventFile(in: directory, scalars: 1_000_000, tags: 10_000)
    let opened = try open(file)
    opened.terminal.read(forSeconds: 1)
    let slowest = try slowestKey(opened.terminal)
    opened.terminal.close()
    return [
      BenchResult(
        "10,000 tags of 100 points: first frame", opened.firstSeconds * 1e3, "ms", .atMost(300)),
      BenchResult("  slowest key (\(slowest.key))", slowest.seconds * 1e3, "ms", .atMost(50)),
    ]
  }

  private func manyRuns(_ place: String) throws -> [BenchResult] {
    let directory = Path.join(place, "runs")
    try generator.runs(in: directory, count: 1000, steps: 100)
    let start = clock.monotonicSeconds()
    let terminal = try BenchTerminal(arguments: [directory], rows: 36, columns: 120)
    guard terminal.waitForOutput(seconds: 10, containing: "Quit") else {
      throw Failure("no frame came in 10 s")
    }
    let first = clock.monotonicSeconds() - start
    terminal.read(forSeconds: 4)
    let slowest = try slowestKey(terminal)
    let before = try ProcessUsage.of(terminal.processIdentifier).processorSeconds
    terminal.read(forSeconds: seconds)
    let used = try ProcessUsage.of(terminal.processIdentifier).processorSeconds - before
    terminal.close()
    return [
      BenchResult("1,000 runs in a directory: first frame", first * 1e3, "ms", .atMost(300)),
      BenchResult("  slowest key (\(slowest.key))", slowest.seconds * 1e3, "ms", .atMost(50)),
      BenchResult("  processor time while they rest", used / seconds * 100, "% of a core"),
    ]
  }

  /// The key after which it took longest until all that it changed had come.
  private func slowestKey(_ terminal: BenchTerminal) throws -> (key: String, seconds: Double) {
    var slowest = (key: "", seconds: 0.0)
    for key in ["2", "j", "4", "j", "G", "g", "5", "6", "1", "l", "h", "+", "s", "]", "[", "T"] {
      terminal.readUntilQuiet(forSeconds: 0.4)
      let start = clock.monotonicSeconds()
      terminal.write(key)
      guard let end = terminal.endOfAnswer(seconds: 1) else { continue }
      if end - start > slowest.seconds { slowest = (key, end - start) }
    }
    return slowest
  }

  // MARK: A log that grows

  private func growing(_ place: String) throws -> [BenchResult] {
    let path = Path.join(place, "train.log")
    try files.replace(path, with: Array("step 1: loss 2.5\nstep 2: loss 2.4\n".utf8))
    let terminal = try BenchTerminal(arguments: [path], rows: 36, columns: 120)
    guard terminal.waitForOutput(seconds: 10, containing: "Quit") else {
      throw Failure("no frame came in 10 s")
    }
    let file = try files.open(path, for: .appending(permissions: 0o600))
    defer { files.close(file) }
    let rounds = max(3, Int(seconds))
    let delays = try (0..<rounds).map { round in
      terminal.read(forSeconds: 1.3)
      let start = clock.monotonicSeconds()
      try files.writeAll(Array("step \(round + 3): loss 2.\(round)\n".utf8), to: file)
      guard terminal.waitForOutput(seconds: 2) else { throw Failure("nothing was drawn in 2 s") }
      return clock.monotonicSeconds() - start
    }
    terminal.close()
    return [
      BenchResult(
        "line of text to screen, slowest of \(rounds)", (delays.max() ?? 0) * 1e3, "ms",
        .atMost(150))
    ]
  }

  // MARK: The peer

  /// Processor time of TensorBoard's data server for loading a directory once; nil without it.
  private func dataServerSeconds(_ directory: String) -> Double? {
    let script = """
      import subprocess, sys, time
      try:
          import tensorboard_data_server
          binary = tensorboard_data_server.server_binary()
      except Exception:
          sys.exit(3)
      if binary is None:
          sys.exit(3)
      server = subprocess.Popen(
          [binary, "--logdir", sys.argv[1], "--port", "0", "--reload", "once"],
          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
      def used():
          fields = open(f"/proc/{server.pid}/stat").read().rsplit(")", 1)[1].split()
          return (int(fields[11]) + int(fields[12])) / 100
      before, still = -1.0, 0
      while still < 10:
          time.sleep(0.2)
          now = used()
          still = still + 1 if now == before and now > 0.05 else 0
          before = now
      server.kill()
      print(before)
      """
    return Peer.number(of: script, arguments: [directory])
  }
}
