import JSONText
import OperatingSystem

/// A run's directory as the files show it.
struct RunOnDisk {
  let path: String

  private var files: LocalFileSystem { LocalFileSystem() }

  func path(_ name: String) -> String { Path.join(path, name) }

  /// Whether an engine holds the lock.
  var isAlive: Bool { FileLock.probe(path("lock")) == .held }

  var exists: Bool { files.isDirectory(path) }

  /// The records of a JSONL file that are whole; none when there is no file.
  private func records(_ name: String) throws -> [JSON] {
    guard files.exists(path(name)) else { return [] }
    let sizeMax = 1 << 26
    let bytes = try files.contents(of: path(name), limit: sizeMax)
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0
    return try bytes[..<end].split(separator: UInt8(ascii: "\n")).map {
      try JSONReader(options: .record).read(Array($0)).json
    }
  }

  func journal() throws -> [JSON] { try records("journal.jsonl") }

  /// What was asked.
  func commands() throws -> [JSON] { try records("control.jsonl") }

  func journal(of kind: String) throws -> [JSON] {
    try journal().filter { $0["kind"]?.string == kind }
  }

  func lastPhase() throws -> String? {
    try journal(of: "phase").last?["phase"]?.string
  }

  func checkpointNames() throws -> [String] {
    try files.entries(of: path("checkpoints"))
  }

  /// The tensors of a checkpoint by name: type, shape and bytes, without what is said about them.
  func tensors(_ name: String) throws -> [String: [UInt8]] {
    let sizeMax = 1 << 28
    let bytes = try files.contents(of: path("checkpoints/" + name), limit: sizeMax)
    let lengthSize = 8
    let length = bytes.prefix(lengthSize).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length >= 0, length <= bytes.count - lengthSize else { throw Overdue(description: name) }
    let header = try JSONReader().read(Array(bytes[lengthSize..<lengthSize + length])).json
    let start = lengthSize + length
    var tensors: [String: [UInt8]] = [:]
    for member in header.members ?? [] where member.name != "__metadata__" {
      let offsets = (member.value["data_offsets"]?.array ?? []).compactMap { $0.integer }
      guard offsets.count == 2, offsets[0] <= offsets[1], start + Int(offsets[1]) <= bytes.count
      else { throw Overdue(description: "\(name): \(member.value)") }
      let kind = "\(member.value["dtype"] ?? .null) \(member.value["shape"] ?? .null)"
      tensors["\(member.name) \(kind)"] = Array(
        bytes[start + Int(offsets[0])..<start + Int(offsets[1])])
    }
    return tensors
  }
}

extension Workplace {
  /// What `nntop ctl RUN status --json` says.
  func status(_ run: RunOnDisk) async throws -> JSON {
    let output = try await nntopDoing("ctl", run.path, "status", "--json")
    return try JSONReader().read(output).json
  }

  func step(_ run: RunOnDisk) async throws -> Int64 {
    let status = try await status(run)
    return status["step"]?.integer ?? -1
  }
}
