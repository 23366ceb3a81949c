import Glibc

/// Tells that files in some directories changed (inotify). Where the kernel gives no notice
/// (network file systems, no watches left) nothing comes, so whoever waits also polls.
public struct FileWatcher: Sendable {
  /// Readable when something changed; nil when the machine has no inotify to give.
  public let descriptor: Int32?

  public init() {
    let instance = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    descriptor = instance >= 0 ? instance : nil
  }

  /// Watches a directory for files that are written, created or moved in it. False when it can't.
  @discardableResult
  public func watch(_ directory: String) -> Bool {
    guard let descriptor else { return false }
    let events = UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO)
    return inotify_add_watch(descriptor, directory, events) >= 0
  }

  /// Forgets what has been told so far; true when there was something.
  @discardableResult
  public func drain() -> Bool {
    guard let descriptor else { return false }
    var told = false
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
      let readsMax = 64
      for _ in 0..<readsMax {
        guard Glibc.read(descriptor, buffer.baseAddress, buffer.count) > 0 else { return }
        told = true
      }
    }
    return told
  }

  public func close() {
    if let descriptor { _ = Glibc.close(descriptor) }
  }
}
