import Glibc
import OperatingSystem
import RunLog

/// Makes logs of any size in the layouts of other programs.
struct LogGenerator {
  private let files = LocalFileSystem()

  /// An event file as torch's SummaryWriter lays it out: an event for each scalar, its value as
  /// `simple_value`.
  /// - Returns: the file's path.
  func eventFile(in directory: String, scalars: Int, tags: Int) throws -> String {
    try files.createDirectories(directory)
    let path = Path.join(directory, "events.out.tfevents.1700000000.lab.1.0")
    let wallTime = 1.7e9
    let writer = try EventFileWriter(
      path: path, files: files, firstStep: 0, wallTime: wallTime)
    defer { writer.close() }
    let names = (0..<tags).map { $0 == 0 ? "train/loss" : "train/metric_\($0)" }
    let scalarsPerFlush = 10_000
    for index in 0..<scalars {
      let step = index / tags
      let value = Float(2 / (1 + 0.001 * Double(step)) + 0.1 * sin(Double(index)))
      writer.scalars(
        [(names[index % tags], value)], step: Int64(step),
        wallTime: wallTime + Double(step) * 0.05)
      if index % scalarsPerFlush == 0 { try writer.flush() }
    }
    try writer.flush()
    return path
  }

  /// Directories that hold a run each.
  func runs(in directory: String, count: Int, steps: Int) throws {
    for index in 0..<count {
      let digits = String(index)
      let name = "run-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      _ = try eventFile(in: Path.join(directory, name), scalars: steps * 4, tags: 4)
    }
  }
}
