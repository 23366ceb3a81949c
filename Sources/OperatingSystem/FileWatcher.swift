import Glibc

/// Tells that files in some directories changed (inotify). Where the kernel gives no notice
/// (network file systems, no watches left) nothing comes, so whoever waits also polls.
public struct FileWatcher: Sendable {
  /// Readable when something changed; nil when the machine has no inotify to give.
  public let descriptor: Int32?
  /// The watched directories by the kernel's number for them.
  private var directories: [Int32: String] = [:]

  public init() {
    let instance = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    descriptor = instance >= 0 ? instance : nil
  }

  /// Watches a directory for files that are written, created or moved in it. False when it can't.
  @discardableResult
  public mutating func watch(_ directory: String) -> Bool {
    guard let descriptor else { return false }
    let events = UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO)
    let number = inotify_add_watch(descriptor, directory, events)
    guard number >= 0 else { return false }
    directories[number] = directory
    return true
  }

  /// Watches a directory no longer.
  public mutating func unwatch(_ directory: String) {
    guard let descriptor else { return }
    for (number, watched) in directories where watched == directory {
      inotify_rm_watch(descriptor, number)
      directories[number] = nil
    }
  }

  /// The directories in which something changed since the last call.
  @discardableResult
  public func drain() -> Set<String> {
    guard let descriptor else { return [] }
    var changed: Set<String> = []
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
      let readsMax = 64
      for _ in 0..<readsMax {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else { return }
        note(UnsafeRawBufferPointer(rebasing: buffer[..<count]), in: &changed)
      }
    }
    return changed
  }

  /// Walks over records of a number, a mask, a cookie, a length (4 bytes each) and a name.
  private func note(_ records: UnsafeRawBufferPointer, in changed: inout Set<String>) {
    let headerSize = 16
    var position = 0
    while position + headerSize <= records.count {
      let number = records.loadUnaligned(fromByteOffset: position, as: Int32.self)
      let nameSize = records.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self)
      if let directory = directories[number] {
        changed.insert(directory)
      } else if number < 0 {
        changed.formUnion(directories.values)  // the kernel's queue ran over
      }
      position += headerSize + Int(nameSize)
    }
  }

  public func close() {
    if let descriptor { _ = Glibc.close(descriptor) }
  }
}
