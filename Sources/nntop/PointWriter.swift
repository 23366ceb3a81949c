import JSONText
import RunModel

/// Every point of a run as text.
struct PointWriter {
  let run: Run
  /// What the run is called in the text; nil: its own name.
  var name: String?
  let isCSV: Bool
  let pattern: String?

  private static let bytesPerWrite = 1 << 16

  /// Gives the text away in pieces.
  func write(to output: (String) -> Void = { Output.write($0) }) {
    var text = ""
    let name = name ?? run.name
    for (tag, series) in run.series.sorted(by: { $0.key < $1.key }) {
      if let pattern, !Wildcard.matches(tag, pattern) { continue }
      let prefix =
        isCSV
        ? "\(quoted(name)),\(quoted(tag)),"
        : "{\"run\":\(JSON.string(name).text()),\"tag\":\(JSON.string(tag).text()),\"step\":"
      for index in 0..<series.count {
        let (step, time) = (series.steps[index], number(series.wallTimes[index]))
        let value = number(series.values[index])
        if isCSV {
          text += "\(prefix)\(step),\(time),\(value)\n"
        } else {
          text += "\(prefix)\(step),\"wall_time\":\(time),\"value\":\(value)}\n"
        }
        if text.utf8.count > Self.bytesPerWrite {
          output(text)
          text = ""
        }
      }
    }
    output(text)
  }

  /// Shortest digits that give the same number; what is no finite number as Python writes it.
  private func number(_ value: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return String(value)
  }

  private func quoted(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}

/// Patterns as in file names.
enum Wildcard {
  /// `*` stands for any characters, `?` for one.
  static func matches(_ text: String, _ pattern: String) -> Bool {
    let (text, pattern) = (Array(text.unicodeScalars), Array(pattern.unicodeScalars))
    var (place, rule) = (0, 0)
    var (star, retry): (Int?, Int) = (nil, 0)
    while place < text.count {
      if rule < pattern.count && (pattern[rule] == "?" || pattern[rule] == text[place])
        && pattern[rule] != "*"
      {
        place += 1
        rule += 1
      } else if rule < pattern.count && pattern[rule] == "*" {
        (star, retry) = (rule, place)
        rule += 1
      } else if let last = star {
        rule = last + 1
        retry += 1
        place = retry
      } else {
        return false
      }
    }
    return pattern[rule...].allSatisfy { $0 == "*" }
  }
}
