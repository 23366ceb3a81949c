import OperatingSystem

/// Where one training of the Trainer leaves its states: in its directory, and with each of its
/// checkpoints.
struct TrainerStateFiles: Sendable {
  private let path: String
  private let isDirectory: Bool
  private let files: any FileSystem

  static let name = "trainer_state.json"
  private static let checkpointPrefix = "checkpoint-"
  /// The latest of more checkpoints are looked at.
  private static let checkpointsMax = 64
  /// What a copy wrote within so long may be in any order.
  private static let copySeconds = 10.0

  /// - Parameter path: the file itself, or the directory of a training.
  init(_ path: String, isDirectory: Bool, files: any FileSystem) {
    self.path = path
    self.isDirectory = isDirectory
    self.files = files
  }

  struct File: Equatable {
    let path: String
    let status: FileStatus
  }

  /// Whether a directory with such names may hold states.
  static func mayBe(in names: [String]) -> Bool {
    names.contains { $0 == name || step(of: $0) != nil }
  }

  /// Those that are there: that of the whole training first, then those of the checkpoints from the
  /// latest step to the earliest.
  var all: [File] {
    guard isDirectory else { return [file(path)].compactMap { $0 } }
    let names: [String]
    do throws(SystemError) { names = try files.entries(of: path) } catch { return [] }
    let checkpoints = names.compactMap { name in
      Self.step(of: name).map { (step: $0, path: Path.join(path, name)) }
    }.sorted { $0.step > $1.step }.prefix(Self.checkpointsMax)
    return ([path] + checkpoints.map(\.path)).compactMap { file(Path.join($0, Self.name)) }
  }

  /// The one that was written last, unless that was before another that was seen.
  func newest(after seen: File?) -> File? {
    let all = all
    guard let latest = all.map(\.status.modifiedSeconds).max() else { return nil }
    let newest = all.first { latest - $0.status.modifiedSeconds <= Self.copySeconds }
    guard let newest, let seen, newest.path != seen.path else { return newest }
    let isOlder = newest.status.modifiedSeconds < seen.status.modifiedSeconds - Self.copySeconds
    return isOlder ? nil : newest
  }

  private static func step(of name: String) -> Int? {
    guard name.hasPrefix(checkpointPrefix) else { return nil }
    let digits = name.dropFirst(checkpointPrefix.count)
    return digits.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      ? Int(digits) : nil
  }

  private func file(_ path: String) -> File? {
    do throws(SystemError) {
      let status = try files.status(at: path)
      return status.kind == .file ? File(path: path, status: status) : nil
    } catch { return nil }  // a checkpoint may be removed at any time
  }
}
