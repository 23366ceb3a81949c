import OperatingSystem
import RunLog

/// What a frame costs the processor and the wire: with many points, with many runs, and while a run
/// goes on. The real program on a terminal of its own, its processor time as the kernel counts it.
struct FrameBench {
  let seconds: Double
  private let clock = SystemClock()
  private let files = LocalFileSystem()

  private static let charts = 12
  private static let framesPerMeasurement = 200

  init(seconds: Double) {
    self.seconds = seconds
  }

  func run(in place: String) throws -> [BenchResult] {
    let many = try log("many", points: 100_000, in: place)
    let few = try log("few", points: 1000, in: place)
    let wide = try frameSeconds(many, rows: 60, columns: 200)
    let short = try frameSeconds(few, rows: 60, columns: 200)
    let narrow = try frameSeconds(many, rows: 60, columns: 100)
    return [
      BenchResult(
        "frame of 12 charts of 100,000 points, 200x60: key to bytes", wide * 1e3,
        "ms of processor", .atMost(4)),
      BenchResult("  the same with 1,000 points each", short * 1e3, "ms of processor"),
      BenchResult("  the same at 100x60", narrow * 1e3, "ms of processor"),
      try firstFrameOfManyRuns(in: place),
    ] + (try followed(in: place))
  }

  /// A log of some metrics, as PyTorch would leave it.
  private func log(_ name: String, points: Int64, in place: String) throws -> String {
    let directory = Path.join(place, name)
    try files.createDirectory(directory, permissions: 0o700)
    let events = try writer(in: directory)
    defer { events.close() }
    let pointsPerFlush: Int64 = 1000
    for step in 0..<points {
      let noise = Float(step &* 2_654_435_761 % 1000) / 1000
      let values = (0..<Self.charts).map {
        (tag: "metric\($0)/value", value: 1 / Float(step + 10) + noise * Float($0 + 1))
      }
      events.scalars(values, step: step, wallTime: 1e9 + Double(step))
      if step % pointsPerFlush == 0 { try events.flush() }
    }
    try events.flush()
    return directory
  }

  private func writer(in directory: String) throws -> EventFileWriter {
    try EventFileWriter(
      path: Path.join(directory, "events.out.tfevents.1000000000.bench.1.0"), files: files,
      firstStep: 0, wallTime: 1e9)
  }

  /// Processor time from one frame to the next while the cursor moves to and fro in all charts:
  /// every frame is drawn as a whole and compared with the one before.
  private func frameSeconds(_ path: String, rows: Int, columns: Int) throws -> Double {
    let terminal = try BenchTerminal(arguments: [path], rows: rows, columns: columns)
    defer { terminal.close() }
    terminal.readUntilQuiet(forSeconds: 2)
    terminal.write("l")
    terminal.read(forSeconds: 0.5)
    let start = try ProcessUsage.of(terminal.processIdentifier).processorSeconds
    for frame in 0..<Self.framesPerMeasurement {
      terminal.write(frame % 2 == 0 ? "h" : "l")
      guard terminal.waitForOutput(seconds: 5) else { throw Failure("a key drew nothing in 5 s") }
      terminal.read(forSeconds: 0.02)  // the rest of the frame
    }
    let used = try ProcessUsage.of(terminal.processIdentifier).processorSeconds - start
    return used / Double(Self.framesPerMeasurement)
  }

  private func firstFrameOfManyRuns(in place: String) throws -> BenchResult {
    let runs = 100
    let directory = Path.join(place, "hundred")
    try files.createDirectory(directory, permissions: 0o700)
    for run in 0..<runs { _ = try log("hundred/run\(run)", points: 200, in: place) }
    let start = clock.monotonicSeconds()
    let terminal = try BenchTerminal(arguments: [directory], rows: 60, columns: 200)
    defer { terminal.close() }
    guard terminal.waitForOutput(seconds: 10, containing: "Quit") else {
      throw Failure("no frame came in 10 s")
    }
    let taken = clock.monotonicSeconds() - start
    return BenchResult("first frame with 100 runs", taken * 1e3, "ms", .atMost(100))
  }

  /// One chart at 80x24 of a run that logs ten times a second.
  private func followed(in place: String) throws -> [BenchResult] {
    let directory = Path.join(place, "followed")
    try files.createDirectory(directory, permissions: 0o700)
    let events = try writer(in: directory)
    defer { events.close() }
    var step: Int64 = 0
    func write() throws {
      events.scalars(
        [("train/loss", 1 / Float(step + 10) + Float(step * 7919 % 100) / 1e4)], step: step,
        wallTime: clock.wallSeconds())
      try events.flush()
      step += 1
    }
    for _ in 0..<1000 { try write() }
    let terminal = try BenchTerminal(arguments: [directory], rows: 24, columns: 80)
    defer { terminal.close() }
    terminal.readUntilQuiet(forSeconds: 1)
    var (bytes, frames) = (0, 0)
    let start = clock.monotonicSeconds()
    let usedBefore = try ProcessUsage.of(terminal.processIdentifier).processorSeconds
    let updatesPerSecond = 10.0
    while clock.monotonicSeconds() < start + 2 * seconds {
      try write()
      let came = terminal.read(forSeconds: 1 / updatesPerSecond)
      bytes += came
      frames += came > 0 ? 1 : 0
    }
    let used = try ProcessUsage.of(terminal.processIdentifier).processorSeconds - usedBefore
    let elapsed = clock.monotonicSeconds() - start
    return [
      BenchResult(
        "following 10 updates a second, one chart at 80x24", Double(bytes) / elapsed,
        "bytes a second", .atMost(2048)),
      BenchResult("  frames", Double(frames) / elapsed, "per second", .atLeast(2)),
      BenchResult("  processor time", used / elapsed * 100, "%", .atMost(2)),
    ]
  }
}
