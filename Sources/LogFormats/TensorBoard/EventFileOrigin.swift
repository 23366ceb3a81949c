import OperatingSystem

/// Where an event file comes from, by its name.
enum EventFileOrigin {
  /// The host in `events.out.tfevents.<seconds>.<host>.<process>.<number>[.suffix]`, or in the
  /// older `events.out.tfevents.<seconds>.<host>`; nil in other names. A host may have dots.
  static func host(of path: String) -> String? {
    let parts = Path.name(of: path).split(separator: ".", omittingEmptySubsequences: false)
    guard let marker = parts.firstIndex(of: "tfevents"), marker + 2 < parts.count,
      isNumber(parts[marker + 1])
    else { return nil }
    let rest = parts[(marker + 2)...]
    let process = rest.indices.dropFirst().dropLast().last {
      isNumber(rest[$0]) && isNumber(rest[$0 + 1])
    }
    let host = rest[..<(process ?? rest.endIndex)].joined(separator: ".")
    return host.isEmpty ? nil : host
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }
}
