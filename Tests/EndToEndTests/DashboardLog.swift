import JSONText
import OperatingSystem
import RunLog
import TestSupport

/// An event file that grows as a test wants: one chart, as PyTorch would log it.
final class DashboardLog {
  /// The directory of the file.
  let path: String
  private(set) var step: Int64 = 0
  private let events: EventFileWriter
  private let clock = SystemClock()

  /// - Parameter count: how many points there are at first.
  init(_ place: Workplace, _ name: String, count: Int) throws {
    path = place.path(name)
    try LocalFileSystem().createDirectories(path)
    events = try EventFileWriter(
      path: Path.join(path, "events.out.tfevents.1000000000.test.1.0"), files: LocalFileSystem(),
      firstStep: 0, wallTime: clock.wallSeconds())
    for _ in 0..<count { add() }
    try events.flush()
  }

  deinit { events.close() }

  private func add() {
    step += 1
    let noise = Float(step * 7919 % 100) / 1e4
    events.scalars(
      [("train/loss", 1 / Float(step + 10) + noise)], step: step, wallTime: clock.wallSeconds())
  }

  /// Adds a point that a reader sees at once.
  func write() throws {
    add()
    try events.flush()
  }
}

extension Workplace {
  /// Copies the sample run under another name and returns the copy's path.
  @discardableResult
  func sample(_ path: String, called name: String) throws -> String {
    let files = LocalFileSystem()
    let fileMax = 1 << 24
    let source = Repository.path("sample-runs/glyphs")
    try files.createDirectories(self.path(path))
    for file in try files.entries(of: source) where !files.isDirectory(Path.join(source, file)) {
      var bytes = try files.contents(of: Path.join(source, file), limit: fileMax)
      if file == "run.json" {
        var manifest = try JSONReader().read(bytes).json
        manifest["name"] = .string(name)
        bytes = Array(manifest.text().utf8)
      }
      try write(bytes, to: Path.join(path, file))
    }
    return self.path(path)
  }

  /// Makes a file in the directory that is the user's home.
  func writeInHome(_ text: String, to name: String) throws {
    let path = Path.join("home", name)
    try LocalFileSystem().createDirectories(Path.parent(of: pathBeside(path)))
    _ = try writeBeside(text, to: path)
  }

  func contents(of path: String) throws -> String {
    let sizeMax = 1 << 26
    return String(
      decoding: try LocalFileSystem().contents(of: path, limit: sizeMax), as: UTF8.self)
  }
}
