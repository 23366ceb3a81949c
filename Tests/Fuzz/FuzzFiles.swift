import Glibc
import OperatingSystem

@testable import LogFormats

/// Made-up bytes as the files of a format, in memory.
struct FuzzFiles {
  private let format: LogFormat
  private let files = LocalFileSystem()
  private let directory = "/dev/shm/nntop-fuzz-\(getpid())"

  init(_ format: LogFormat) {
    self.format = format
  }

  /// - Parameters:
  ///   - split: where the first of several files ends.
  ///   - knobs: four bytes that choose what else is done.
  func read(_ log: UnsafeRawBufferPointer, split: Int, knobs: UnsafeRawBufferPointer) {
    do {
      try files.createDirectories(directory + "/metrics")
      let place = try written(log, split: min(split, log.count))
      for run in try format.found(in: place, name: "run", isForced: true) {
        var reader = run.open()
        _ = reader.read()
      }
      if format.name == "safetensors" { FuzzWeights.read(place.path, knobs: knobs) }
    } catch { return }  // refused, as it may be
  }

  private func written(_ log: UnsafeRawBufferPointer, split: Int) throws -> LogPlace {
    var path = directory + "/trainer_state.json"
    if format.name == "mlflow" {
      try write(UnsafeRawBufferPointer(rebasing: log[..<split]), to: directory + "/meta.yaml")
      try write(UnsafeRawBufferPointer(rebasing: log[split...]), to: directory + "/metrics/loss")
      path = directory
    } else {
      try write(log, to: path)
    }
    return try LogPlace(path, files: files, clock: SystemClock())
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
    files.discard(path)
    let file = try files.open(path, for: .creating(permissions: 0o600))
    defer { files.close(file) }
    try files.writeAll(bytes, to: file)
  }
}
