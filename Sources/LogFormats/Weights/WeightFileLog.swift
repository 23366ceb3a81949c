import JSONText
import OperatingSystem
import RunLog
import TensorFiles

extension LogFormat {
  /// The weights of a network: the Layers view shows what they are like.
  static let safetensors = LogFormat(
    name: "safetensors", title: "safetensors file of weights",
    recognizes: { place in !place.isDirectory && WeightFileLog.begins(place.head) },
    runs: { place throws(LogPlaceError) in
      guard !place.isDirectory else {
        throw LogPlaceError(reason: "it is a directory; name one safetensors file")
      }
      return [LogRun { WeightFileLog(path: place.path, files: place.files) }]
    })
}

/// A safetensors file as a run of one step: of each matrix the density, norm, sparsity, dead units
/// and histogram, as soon as they are known. Read anew when the file changes.
struct WeightFileLog: LogReader {
  private let path: String
  private let files: any FileSystem
  private var seen: FileStatus?
  private var reading: Reading?
  private var hasTold = false
  private var failing = FailingFiles()
  private var trouble: LogTrouble?

  /// Elements that one round looks at: some ten milliseconds.
  private static let elementsPerReadMax = 1 << 23
  /// As many as a run's own pictures have.
  private static let pictures = TensorScan.Pictures(gridRows: 32, gridColumns: 64, bins: 64)
  private static let layersMax = 4096

  init(path: String, files: any FileSystem) {
    self.path = path
    self.files = files
  }

  /// A file that is being looked through.
  fileprivate struct Reading {
    let reader: SafetensorsReader
    let step: Int64
    /// Those that are left, the last one first.
    var waiting: [SafetensorsHeader.Entry]
    var scan: TensorScan?
    var doneBytes = 0
    var zeros = 0
    var weights = 0
  }

  /// Whether a file begins as one of safetensors does: the length of its header, and the header.
  static func begins(_ head: LogHead) -> Bool {
    let prefix = head.bytes.prefix(9)
    guard prefix.count == 9, prefix.last == UInt8(ascii: "{") else { return false }
    let length = prefix.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= SafetensorsHeader.lengthMaxOfFormat else { return false }
    return head.bytes.dropFirst(9).first { $0 != UInt8(ascii: " ") }.map {
      $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "}")
    } ?? head.isWhole
  }

  mutating func read() -> LogBatch {
    var batch = LogBatch()
    do throws(TensorFileError) {
      try openIfChanged(into: &batch)
      try readOn(into: &batch)
    } catch {
      reading = nil
      trouble = .unreadable(
        file: Path.name(of: path), offset: error.offset ?? 0, reason: error.problem)
    }
    if let trouble { failing.note(trouble, of: Path.name(of: path)) }
    failing.tell(into: &batch)
    return batch
  }

  private mutating func openIfChanged(into batch: inout LogBatch) throws(TensorFileError) {
    let now: FileStatus
    do throws(SystemError) {
      now = try files.status(at: path)
    } catch {
      seen = nil
      throw TensorFileError(path: path, problem: error.reason)
    }
    guard now != seen else { return }
    seen = now
    trouble = nil
    reading = nil
    let reader = try SafetensorsReader(path, files: files)
    batch.isRestart = hasTold
    hasTold = true
    let roles = TensorRoles(reader.header)
    let layers = roles.primary.filter { $0.shape.count >= 2 && $0.type.isReadable }
    let step = Self.step(of: reader.header)
    reading = Reading(
      reader: reader, step: step, waiting: layers.prefix(Self.layersMax).reversed())
    let settings = reader.header.metadata.filter { $0.name != TensorRoles.metadataName }
    let textMax = 4096
    batch.events += settings.map { name, value in
      .text(
        tag: "metadata/\(name)", step: step, wallTime: now.modifiedSeconds,
        String(value.prefix(textMax)))
    }
    if layers.count > Self.layersMax {
      batch.events.append(.trouble(.tooMany(what: "layers", max: Self.layersMax)))
    }
  }

  private mutating func readOn(into batch: inout LogBatch) throws(TensorFileError) {
    guard var reading, let seen else { return }
    self.reading = nil
    var budget = Self.elementsPerReadMax
    while budget > 0, var scan = reading.scan ?? reading.nextScan(Self.pictures) {
      let found = try scan.advance(reading.reader, elementsMax: budget)
      reading.scan = found == nil ? scan : nil
      budget -= found.map { max(1, 2 * $0.count) } ?? budget
      if let found {
        reading.tell(scan.tensor, found, wallTime: seen.modifiedSeconds, into: &batch)
      }
    }
    let isOver = reading.scan == nil && reading.waiting.isEmpty
    batch.hasMore = !isOver
    batch.progress = .init(read: isOver ? seen.size : reading.doneBytes, size: seen.size)
    if isOver {
      reading.tellTotal(wallTime: seen.modifiedSeconds, into: &batch)
    } else {
      self.reading = reading
    }
  }

  /// That at which a run of nntop wrote the file; 0 of others.
  private static func step(of header: SafetensorsHeader) -> Int64 {
    guard let text = header.metadata.first(where: { $0.name == TensorRoles.metadataName })?.value
    else { return 0 }
    do throws(JSONError) {
      return max(0, try JSONReader(options: .record).read(text)["step"]?.integer ?? 0)
    } catch { return 0 }  // somebody else's text of that name
  }
}

extension WeightFileLog.Reading {
  fileprivate mutating func nextScan(_ pictures: TensorScan.Pictures) -> TensorScan? {
    while let tensor = waiting.popLast() {
      if let scan = TensorScan(tensor, pictures: pictures) { return scan }
    }
    return nil
  }

  fileprivate mutating func tell(
    _ tensor: SafetensorsHeader.Entry, _ found: TensorStatistics, wallTime: Double,
    into batch: inout LogBatch
  ) {
    let layer = tensor.layerName
    doneBytes += tensor.bytes.count
    zeros += found.zeros
    weights += found.count
    var values: [(tag: String, value: Double)] = [
      ("sparsity/\(layer)", found.sparsity), ("weight_norm/\(layer)", found.norm),
    ]
    if let rows = found.zeroRows { values.append(("dead_units/\(layer)", Double(rows))) }
    batch.events += values.map { tag, value in
      .scalar(ScalarPoint(tag: tag, step: step, wallTime: wallTime, value: Float(value)))
    }
    if let density = found.density {
      let grid = Grid(rows: density.rows, columns: density.columns, values: density.values)
      batch.events.append(
        .grid(tag: "density/\(layer)", step: step, wallTime: wallTime, grid))
    }
    if let histogram = Histogram(found) {
      batch.events.append(
        .histogram(tag: "weights/\(layer)", step: step, wallTime: wallTime, histogram))
    }
  }

  fileprivate func tellTotal(wallTime: Double, into batch: inout LogBatch) {
    if weights > 0 {
      let total = Float(Double(zeros) / Double(weights))
      batch.events.append(
        .scalar(
          ScalarPoint(tag: "sparsity/total", step: step, wallTime: wallTime, value: total)))
    }
    batch.events.append(.outcome(.finished))
  }
}

extension Histogram {
  /// nil where there are no numbers.
  fileprivate init?(_ found: TensorStatistics) {
    guard let minimum = found.minimum, let maximum = found.maximum, !found.histogram.isEmpty else {
      return nil
    }
    guard minimum < maximum else {
      self.init(
        bins: [.init(lower: minimum, upper: minimum, count: Double(found.count))])
      return
    }
    let width = (maximum - minimum) / Double(found.histogram.count)
    self.init(
      bins: found.histogram.enumerated().map { index, count in
        let lower = minimum + width * Double(index)
        return .init(lower: lower, upper: lower + width, count: Double(count))
      })
  }
}
