import CSystem
import Glibc

/// What a process has used of the machine.
public struct ProcessUsage: Sendable {
  /// Processor time of all threads, user and system.
  public let processorSeconds: Double
  /// Memory now in use.
  public let residentBytes: Int

  /// Bytes that this process has taken from its heap and not given back.
  public static var heapBytes: Int { Int(clamping: nn_heap_bytes_in_use()) }

  /// Of this process.
  public static func now() -> ProcessUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) * 1e-6
    let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) * 1e-6
    var pages = 0
    do throws(SystemError) {
      pages = try fields("/proc/self/statm").dropFirst().first.flatMap { Int($0) } ?? 0
    } catch {}  // a machine without /proc: the time alone is told
    return ProcessUsage(
      processorSeconds: user + system, residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Of another process, by the kernel's clock ticks (usually 10 ms).
  public static func of(_ processIdentifier: Int32) throws(SystemError) -> ProcessUsage {
    // The second field is the program's name in parentheses, which may hold spaces.
    let text = try contents("/proc/\(processIdentifier)/stat")
    let rest = text.split(separator: ")").last?.split(separator: " ") ?? []
    let (userField, systemField, pagesField) = (11, 12, 21)
    guard rest.count > pagesField, let user = Double(rest[userField]),
      let system = Double(rest[systemField]), let pages = Int(rest[pagesField])
    else {
      throw SystemError(
        operation: "examine", path: "process \(processIdentifier)", code: EINVAL)
    }
    return ProcessUsage(
      processorSeconds: (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))),
      residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The most memory that another process ever had in use, in bytes.
  public static func peakBytes(of processIdentifier: Int32) throws(SystemError) -> Int {
    try number("VmHWM:", in: "/proc/\(processIdentifier)/status") * 1024
  }

  /// Bytes that another process has read, from files or anything else.
  public static func bytesRead(by processIdentifier: Int32) throws(SystemError) -> Int {
    try number("rchar:", in: "/proc/\(processIdentifier)/io")
  }

  /// The number behind a name, as the kernel writes them line by line.
  private static func number(_ name: String, in path: String) throws(SystemError) -> Int {
    let line = try contents(path).split(separator: "\n").first { $0.hasPrefix(name) }
    let number = line?.dropFirst(name.count).split { $0 == " " || $0 == "\t" }.first
    guard let value = number.flatMap({ Int($0) }) else {
      throw SystemError(operation: "examine", path: path, code: EINVAL)
    }
    return value
  }

  private static func fields(_ path: String) throws(SystemError) -> [Substring] {
    try contents(path).split(separator: " ")
  }

  /// Files of /proc have no size, so they are read until they end.
  private static func contents(_ path: String) throws(SystemError) -> String {
    let files = LocalFileSystem()
    let file = try files.open(path, for: .reading)
    defer { files.close(file) }
    var bytes: [UInt8] = []
    var failure: SystemError?
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
      do throws(SystemError) {
        let count = try files.read(file, at: 0, into: buffer)
        bytes += buffer[..<count]
      } catch { failure = error }
    }
    if let failure { throw failure }
    return String(decoding: bytes, as: UTF8.self)
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
