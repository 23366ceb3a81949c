import Glibc

/// A call to the operating system that failed, in one line a person can act on.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was tried, as a verb with its object: "open", "write to".
  public let operation: String
  public let path: String
  /// The `errno` value.
  public let code: Int32

  public init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// The system's words for the code, such as "No space left on device".
  public var reason: String {
    code == Self.notAFileCode ? "it is no regular file" : String(cString: strerror(code))
  }

  public var description: String { "cannot \(operation) \(path): \(reason)" }

  /// What a short write means.
  public static let diskFullCode = ENOSPC
  /// What a record that is longer than one write means.
  public static let tooLongCode = EMSGSIZE

  /// A pipe, a device or a directory in the place of a file; no `errno` has this value.
  private static let notAFileCode: Int32 = -1

  public static func notAFile(_ path: String) -> SystemError {
    SystemError(operation: "read", path: path, code: notAFileCode)
  }

  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
  public var isExisting: Bool { code == EEXIST }
  public var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }
  public var isReadOnly: Bool { code == EROFS || code == EACCES || code == EPERM }
}
