import RunLog

extension LogFormat {
  /// What a training prints: the last format, which all text is read as.
  static let text = LogFormat(
    name: "text", title: "text of a training loop",
    recognizes: { head in
      // A document that no other format recognized is settings, or a model's.
      let isDocument = head.name.lowercased().hasSuffix(".json")
      return head.isText && (head.isNamed ? !isDocument : TextSample.isLog(head))
    },
    parser: { TextParser() })
}

/// Whether text that nobody named is a training's: settings and reports have metrics in them, too.
enum TextSample {
  static func isLog(_ head: LogHead) -> Bool {
    let name = head.name.lowercased()
    // Of these there are other formats; what they do not recognize is no log.
    let isOther = [".json", ".jsonl", ".ndjson", ".csv", ".tsv"].contains { name.hasSuffix($0) }
    guard !isOther else { return false }
    var parser = TextParser()
    var events: [RunEvent] = []
    head.bytes.withUnsafeBytes { bytes in
      _ = parser.take(LogPiece(bytes, isEnd: head.isWhole), into: &events)
    }
    var steps: [String: Int64] = [:]
    return events.points.contains { point in
      steps.updateValue(point.step, forKey: point.tag).map { $0 != point.step } ?? false
    }
  }
}
