import OperatingSystem
import RunLog

extension LogFormat {
  /// A run in MLflow's file store: `mlruns/<experiment>/<run>`.
  static let mlflowDirectory = LogFormat(
    name: "mlflow", title: "MLflow run directory",
    recognizes: { place in
      place.isDirectory && place.names.contains("meta.yaml") && place.names.contains("metrics")
        && place.files.isDirectory(place.path(of: "metrics"))
    },
    runs: { place in
      let meta = MLflowDirectory.meta(of: place.path, place.files)
      guard !(meta?.isDeleted ?? false) else { return [] }
      let name = meta.flatMap { $0.runName.isEmpty ? nil : $0.runName }
      return [
        LogRun(name: name, directories: [place.path(of: "metrics")]) {
          MLflowDirectory(place.path, files: place.files, clock: place.clock)
        }
      ]
    })
}

/// Follows a run's directory: `meta.yaml`, a file for each metric, a file for each parameter.
struct MLflowDirectory: LogReader {
  private let path: String
  private let files: any FileSystem
  private let clock: any Clock
  private var run = StoredRun()
  private var telling = StoredRunTelling()
  private var failing = FailingFiles()
  private var metaStatus: FileStatus?
  private var metrics: [MetricFile] = []
  private var parameters: Set<String> = []
  private var skipped = SkippedRecords()

  /// One file of `metrics/`.
  private struct MetricFile {
    let key: String
    var file: GrowingFile
    /// Whether its next bytes belong to a line that is too long.
    var isSkipping = false
  }

  private static let lineSizeMax = 4096
  private static let parameterSizeMax = 4096
  private static let bytesPerFileMax = 1 << 20
  private static let bytesPerReadMax = 1 << 20

  init(_ path: String, files: any FileSystem, clock: any Clock) {
    self.path = path
    self.files = files
    self.clock = clock
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    let skippedBefore = skipped
    readMeta()
    readParameters()
    var isRestart = false
    readMetrics(into: &batch, &isRestart)
    if isRestart {
      let generation = run.generation + 1
      (run.points, metrics, skipped) = (OrderedPoints(), [], SkippedRecords())
      run.generation = generation
      batch.hasMore = true
    }
    run.points.order()
    telling.tell(run, at: clock.monotonicSeconds(), into: &batch)
    if skipped != skippedBefore, skipped.count > 0 {
      batch.events.append(
        .trouble(
          .skippedRecords(file: "metrics", count: skipped.count, reason: skipped.reason)))
    }
    failing.tell(into: &batch)
    return batch
  }

  /// What is known of a run; nil when its file is not there.
  static func meta(of path: String, _ files: any FileSystem) -> MLflowMetaFile? {
    let path = Path.join(path, "meta.yaml")
    do throws(SystemError) {
      return MLflowMetaFile(try files.contents(of: path, limit: MLflowMetaFile.sizeMax))
    } catch { return nil }
  }

  private mutating func readMeta() {
    do throws(SystemError) {
      let status = try files.status(at: Path.join(path, "meta.yaml"))
      guard status != metaStatus else { return }
      metaStatus = status
      // It is rewritten in place: what is empty was not finished.
      guard let meta = Self.meta(of: path, files), status.size > 0 else { return }
      if !meta.runName.isEmpty { run.name = meta.runName }
      run.outcome = meta.outcome ?? run.outcome
    } catch {
      // A run that is being removed, or was never quite there.
      failing.note(
        .missing(file: "meta.yaml", consequence: "how the run stands is not known"),
        of: "meta.yaml")
    }
  }

  private mutating func readParameters() {
    for name in StoreFiles.names(in: Path.join(path, "params"), files)
    where !parameters.contains(name) {
      let file = Path.join(path, "params/" + name)
      do throws(SystemError) {
        let bytes = try files.contents(of: file, limit: Self.parameterSizeMax)
        let text = String(decoding: bytes, as: UTF8.self)
        // One that is empty may be about to be written.
        if !text.isEmpty { parameters.insert(name) }
        run.set([Hyperparameter(name: name, value: LoggedValue.setting(text))])
      } catch { continue }  // the run can be watched without it
    }
  }

  private mutating func readMetrics(into batch: inout LogBatch, _ isRestart: inout Bool) {
    let directory = Path.join(path, "metrics")
    let known = Set(metrics.map(\.key))
    for key in StoreFiles.names(in: directory, files) where !known.contains(key) {
      metrics.append(
        MetricFile(key: key, file: GrowingFile(path: Path.join(directory, key), files: files)))
    }
    var progress = LogBatch.Progress(read: 0, size: 0)
    var budget = Self.bytesPerReadMax
    for index in metrics.indices {
      if budget > 0 {
        budget -= read(index, into: &batch, &isRestart)
      } else {
        batch.hasMore = true
      }
      progress.read += metrics[index].file.offset
      progress.size += metrics[index].file.status?.size ?? 0
    }
    batch.progress = progress
  }

  /// Reads what has come of a metric; returns how many bytes that were.
  private mutating func read(
    _ index: Int, into batch: inout LogBatch, _ isRestart: inout Bool
  ) -> Int {
    var metric = metrics[index]
    var isSkipping = metric.isSkipping
    let (key, before) = (metric.key, metric.file.offset)
    do throws(SystemError) {
      let reading = try metric.file.read(
        bytesMax: Self.bytesPerFileMax, recordSizeMax: Self.bytesPerFileMax
      ) { take($0, key: key, isSkipping: &isSkipping) }
      batch.hasMore = batch.hasMore || reading.hasMore
      isRestart = isRestart || reading.isRestart
    } catch {
      let name = "metrics/" + key
      failing.note(.unreadable(file: name, offset: before, reason: error.reason), of: name)
    }
    metric.isSkipping = isSkipping
    metrics[index] = metric
    return max(0, metric.file.offset - before)
  }

  /// Takes the complete lines of a metric's file; returns how many bytes they took.
  private mutating func take(
    _ piece: GrowingFile.Piece, key: String, isSkipping: inout Bool
  ) -> Int {
    let bytes = piece.bytes
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      if isSkipping || line.count > Self.lineSizeMax {
        if !isSkipping {
          skipped.note("a line is too long", at: "\(key), byte \(piece.offset + start)")
        }
        isSkipping = false
      } else if let line = MLflowMetricLine(line) {
        let isTaken = run.points.append(
          tag: key, step: line.step, wallTime: line.wallTime, value: line.value)
        if !isTaken {
          skipped.note("there are too many points", at: "\(key), byte \(piece.offset + start)")
        }
      } else {
        skipped.note(
          "it is not \"time value step\"", at: "\(key), byte \(piece.offset + start)")
      }
      start = end + 1
    }
    guard bytes.count - start > Self.lineSizeMax else { return start }
    if !isSkipping {
      skipped.note("a line is too long", at: "\(key), byte \(piece.offset + start)")
    }
    isSkipping = true
    return bytes.count
  }
}

/// A line of a metric's file: milliseconds since 1970, a number as Python prints it, and a step,
/// which old versions left out; newer ones may add a dataset's name and digest.
struct MLflowMetricLine {
  let step: Int64
  /// Seconds since 1970.
  let wallTime: Double
  let value: Double

  init?(_ line: UnsafeRawBufferPointer) {
    let fields = line.split(omittingEmptySubsequences: true) {
      $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r")
    }
    guard [2, 3, 5].contains(fields.count),
      let time = Int64(String(decoding: fields[0], as: UTF8.self)),
      let value = Self.number(String(decoding: fields[1], as: UTF8.self))
    else { return nil }
    var step: Int64 = 0
    if fields.count > 2 {
      guard let read = Int64(String(decoding: fields[2], as: UTF8.self)) else { return nil }
      step = read
    }
    let milliseconds = 0.001
    (self.step, self.value) = (step, value)
    wallTime = Double(time) * milliseconds
  }

  private static func number(_ text: String) -> Double? {
    let decimal = Set("0123456789+-.eE".utf8)
    switch text.lowercased() {
    case "nan", "-nan": return .nan
    case "inf", "infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return text.utf8.allSatisfy(decimal.contains) ? Double(text) : nil
    }
  }
}
