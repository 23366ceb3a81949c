/// How busy a machine is. What its kernel does not tell is nil.
public struct MachineReading: Sendable, Equatable {
  /// Share of all processors' time that was used since the reading before, 0 to 1; nil at first.
  public var processorShare: Double?
  public var processors: Int
  /// Runnable processes, the mean of about the last minute.
  public var load: Double?
  /// Bytes that programs hold and that could not be taken back from caches.
  public var memoryUsedBytes: Int?
  public var memoryTotalBytes: Int?
  /// Bytes that may still be written beside the runs.
  public var diskFreeBytes: Int?

  public init(
    processorShare: Double? = nil, processors: Int = 1, load: Double? = nil,
    memoryUsedBytes: Int? = nil, memoryTotalBytes: Int? = nil, diskFreeBytes: Int? = nil
  ) {
    self.processorShare = processorShare
    self.processors = processors
    self.load = load
    self.memoryUsedBytes = memoryUsedBytes
    self.memoryTotalBytes = memoryTotalBytes
    self.diskFreeBytes = diskFreeBytes
  }
}

/// Reads `/proc`; remembers what the processors had done, so that it can tell what they did since.
public struct MachineReader: Sendable {
  private let files: any FileSystem
  private var before: Ticks?

  /// Time of all processors together, in the kernel's ticks.
  struct Ticks: Equatable {
    var busy, total: Double
  }

  private static let bytesMax = 4096

  public init(files: any FileSystem = LocalFileSystem()) {
    self.files = files
  }

  /// - Parameter disk: a path on the disk whose space is told.
  public mutating func read(disk: String) -> MachineReading {
    var reading = MachineReading(processors: Environment.processorCount)
    let ticks = text("/proc/stat").flatMap(Self.ticks)
    if let before, let ticks, ticks.total > before.total {
      let share = (ticks.busy - before.busy) / (ticks.total - before.total)
      reading.processorShare = min(max(share, 0), 1)
    }
    before = ticks ?? before
    reading.load = text("/proc/loadavg").flatMap {
      $0.split(separator: " ").first.flatMap { Double($0) }
    }
    if let memory = text("/proc/meminfo").flatMap(Self.memory) {
      reading.memoryUsedBytes = memory.used
      reading.memoryTotalBytes = memory.total
    }
    reading.diskFreeBytes = DiskSpace(at: disk)?.freeBytes
    return reading
  }

  /// The maker's name for the processor, such as "AMD EPYC 7763 64-Core Processor"; nil where the
  /// kernel does not tell.
  public func processorModel() -> String? {
    let lines = text("/proc/cpuinfo")?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.drop { $0 == " " } }.map {
      String($0)
    }
  }

  /// The first line of `/proc/stat`: user nice system idle iowait irq softirq steal, and guests'
  /// time, which is in user and nice already.
  static func ticks(_ text: String) -> Ticks? {
    guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
    let numbers = line.split(separator: " ").dropFirst().prefix(8).map { Double($0) ?? 0 }
    guard numbers.count >= 4 else { return nil }
    let total = numbers.reduce(0, +)
    let idle = numbers[3] + (numbers.count > 4 ? numbers[4] : 0)
    return Ticks(busy: total - idle, total: total)
  }

  static func memory(_ text: String) -> (used: Int, total: Int)? {
    func bytes(_ name: String) -> Int? {
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }),
        let number = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }), number >= 0
      else { return nil }
      let (product, isTooLarge) = number.multipliedReportingOverflow(by: 1024)
      return isTooLarge ? nil : product
    }
    guard let total = bytes("MemTotal"), let free = bytes("MemAvailable") ?? bytes("MemFree") else {
      return nil
    }
    return (max(0, total - free), total)
  }

  /// The beginning of a file of `/proc`, whose size is told as 0; nil where there is none.
  private func text(_ path: String) -> String? {
    do throws(SystemError) {
      let file = try files.open(path, for: .reading)
      defer { files.close(file) }
      var failure: SystemError?
      let bytes = [UInt8](unsafeUninitializedCapacity: Self.bytesMax) { buffer, count in
        count = 0
        do throws(SystemError) {
          count = try files.read(file, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
        } catch { failure = error }
      }
      if let failure { throw failure }
      return String(decoding: bytes, as: UTF8.self)
    } catch { return nil }
  }
}
