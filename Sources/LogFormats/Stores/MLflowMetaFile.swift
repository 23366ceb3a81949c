import RunLog

/// The `meta.yaml` of a run in MLflow's file store: a flat list of names and plain values.
struct MLflowMetaFile: Sendable, Equatable {
  private(set) var runName = ""
  private(set) var outcome: Outcome?
  private(set) var isDeleted = false

  static let sizeMax = 1 << 16

  init(_ bytes: [UInt8]) {
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = Self.plain(line[line.index(after: colon)...])
      switch line[..<colon] {
      case "run_name": runName = value
      case "status": outcome = Self.outcome(of: value)
      case "lifecycle_stage": isDeleted = value == "deleted"
      default: continue
      }
    }
  }

  /// A scalar without its quotes and escapes.
  private static func plain(_ text: Substring) -> String {
    var value = text.drop { $0 == " " }
    while value.last == " " { value.removeLast() }
    guard let quote = value.first, quote == "'" || quote == "\"", value.count >= 2,
      value.last == quote
    else { return value == "null" ? "" : String(value) }
    return unescaped(value.dropFirst().dropLast(), quote)
  }

  private static func unescaped(_ text: Substring, _ quote: Character) -> String {
    let escape: Character = quote == "'" ? "'" : "\\"
    var result = ""
    var isEscaped = false
    for character in text {
      if !isEscaped && character == escape {
        isEscaped = true
      } else {
        result.append(character)
        isEscaped = false
      }
    }
    return result
  }

  /// mlflow.entities.RunStatus, by number as the file store writes it.
  private static func outcome(of status: String) -> Outcome? {
    let names = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
    guard let number = Int(status) else { return MLflowStore.outcome(of: status) }
    return names.indices.contains(number - 1) ? MLflowStore.outcome(of: names[number - 1]) : nil
  }
}
