import OperatingSystem
import RunLog

extension LogFormat {
  /// What the TensorBoard callback of Keras leaves: `train/` and `validation/`, whose tags are the
  /// same. Here they are one run, with both under one metric.
  static let kerasDirectory = LogFormat(
    name: "keras", title: "Keras TensorBoard directory",
    recognizes: { place in
      place.isDirectory && place.names.contains("train") && place.names.contains("validation")
        && KerasDirectoryLog.parts.allSatisfy { holdsEvents(place.path(of: $0.name), place.files) }
    },
    runs: { place in
      [
        LogRun(directories: KerasDirectoryLog.parts.map { place.path(of: $0.name) }) {
          KerasDirectoryLog(place.path, files: place.files)
        }
      ]
    })

  private static func holdsEvents(_ path: String, _ files: any FileSystem) -> Bool {
    do throws(SystemError) {
      return try !RunDirectory(path: path).eventFiles(files).isEmpty
    } catch { return false }
  }
}

/// Two directories of event files as one run.
struct KerasDirectoryLog: LogReader {
  private let path: String
  private let files: any FileSystem
  private var directories: [EventFiles]
  private var failing = FailingFiles()

  static let parts = [(name: "train", prefix: "train/"), (name: "validation", prefix: "val/")]

  init(_ path: String, files: any FileSystem) {
    self.path = path
    self.files = files
    directories = Self.parts.map {
      EventFiles(RunDirectory(path: Path.join(path, $0.name)), prefix: $0.prefix, files: files)
    }
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    for index in directories.indices where !batch.isRestart {
      directories[index].read(into: &batch, &failing)
    }
    if batch.isRestart {
      self = KerasDirectoryLog(path, files: files)
      batch = read()
      batch.isRestart = true
      return batch
    }
    batch.progress = directories.map(\.progress).reduce(into: .init(read: 0, size: 0)) {
      $0.read += $1.read
      $0.size += $1.size
    }
    failing.tell(into: &batch)
    return batch
  }
}
