import JSONText
import OperatingSystem

/// Appends the engine's numbers to an event file that TensorBoard reads.
///
/// Records gather in memory and reach the file whole, by `flush`. When a write fails nothing is
/// lost that was there: what is in memory waits for the next flush, up to a limit.
public final class EventFileWriter {
  /// Bytes that wait for the disk at most; what comes on top is dropped and counted.
  public static let waitingBytesMax = 8 << 20

  public let path: String
  /// Records that were dropped because the disk took nothing for too long.
  public private(set) var droppedRecords = 0
  public var waitingBytes: Int { waiting.count - written }

  private let files: any FileSystem
  private let file: OpenFile
  private var waiting: [UInt8] = []
  private var written = 0

  /// Creates the file; it begins with its version and the session's first step.
  /// - Parameters:
  ///   - firstStep: the first step that this session writes.
  ///   - wallTime: seconds since 1970.
  public init(
    path: String, files: any FileSystem, firstStep: Int64, wallTime: Double
  ) throws(SystemError) {
    self.path = path
    self.files = files
    file = try files.open(path, for: .creating(permissions: 0o666))
    append(EventMessage.fileVersion(wallTime: wallTime))
    append(EventMessage.sessionStart(step: firstStep, wallTime: wallTime))
    do throws(SystemError) {
      try flush()
    } catch {
      files.close(file)
      throw error
    }
  }

  public func hyperparameters(
    _ hyperparameters: [Hyperparameter], group: String, wallTime: Double
  ) {
    append(EventMessage.hyperparameters(hyperparameters, group: group, wallTime: wallTime))
  }

  public func scalars(_ values: [(tag: String, value: Float)], step: Int64, wallTime: Double) {
    append(EventMessage.scalars(values, step: step, wallTime: wallTime))
  }

  public func histogram(_ histogram: Histogram, tag: String, step: Int64, wallTime: Double) {
    append(EventMessage.histogram(histogram, tag: tag, step: step, wallTime: wallTime))
  }

  public func grid(_ grid: Grid, tag: String, step: Int64, wallTime: Double) {
    append(EventMessage.grid(grid, tag: tag, step: step, wallTime: wallTime))
  }

  public func text(_ text: String, tag: String, step: Int64, wallTime: Double) {
    append(EventMessage.text(text, tag: tag, step: step, wallTime: wallTime))
  }

  /// Says that the run is over for good.
  public func sessionEnd(succeeded: Bool, wallTime: Double) {
    append(EventMessage.sessionEnd(succeeded: succeeded, wallTime: wallTime))
  }

  /// Gives all that waits to the kernel. After a failure the next call goes on with the same byte.
  public func flush() throws(SystemError) {
    while written < waiting.count {
      written += try files.write(waiting, from: written, to: file)
    }
    waiting.removeAll(keepingCapacity: true)
    written = 0
  }

  /// Returns when all that was flushed is on the disk.
  public func synchronize() throws(SystemError) {
    try files.synchronize(file)
  }

  public func close() {
    files.close(file)
  }

  private func append(_ payload: [UInt8]) {
    guard waiting.count + payload.count < Self.waitingBytesMax else {
      droppedRecords += 1
      return
    }
    TFRecord.append(payload, to: &waiting)
  }
}
