import Glibc

/// What this process has used of the machine.
public struct ProcessUsage: Sendable {
  /// Processor time of all threads, user and system.
  public let processorSeconds: Double
  /// Memory now in use.
  public let residentBytes: Int

  public static func now() -> ProcessUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) * 1e-6
    let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) * 1e-6
    return ProcessUsage(processorSeconds: user + system, residentBytes: residentBytesNow())
  }

  private static func residentBytesNow() -> Int {
    let text: [UInt8]
    do {
      let file = try LocalFileSystem().open("/proc/self/statm", for: .reading)
      defer { LocalFileSystem().close(file) }
      var buffer = [UInt8](repeating: 0, count: 256)
      let count = try buffer.withUnsafeMutableBytes {
        try LocalFileSystem().read(file, at: 0, into: $0)
      }
      text = Array(buffer[..<count])
    } catch { return 0 }
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }
}

/// How full a disk is.
public struct DiskSpace: Sendable {
  /// Bytes that an ordinary user may still write.
  public let freeBytes: Int

  /// nil when it cannot be told.
  public init?(at path: String) {
    var information = statvfs()
    guard statvfs(path, &information) == 0 else { return nil }
    freeBytes = Int(clamping: UInt64(information.f_bavail) &* UInt64(information.f_frsize))
  }
}
