import TerminalUI

/// Something that happened in a run, as a row of the list.
struct EventsRow {
  /// Where it was told, and what it is known by there.
  var source: String
  /// Seconds since 1970; nil when nobody wrote it down.
  var wallTime: Double?
  var step: Int64?
  /// The letter of the mark on the time axis, or a sign.
  var sign: Character
  /// A word such as "prune", for filters.
  var kind: String
  var role: Role
  /// As it came, with line breaks.
  var text: String

  /// More of a text is in the details only.
  private static let rowTextMax = 300

  /// A row of the list.
  ///
  /// - Parameters:
  ///   - id: one that no other row has.
  ///   - isLong: whether the run takes longer than a day, so that times need dates.
  func listRow(
    id: String, columns: [ListColumn], utcOffsetSeconds: Int, isLong: Bool
  ) -> ListRow {
    let time = wallTime.map {
      Self.clock($0 + Double(utcOffsetSeconds), withDate: isLong)
    }
    return ListRow(
      id: id, columns: columns,
      [
        (TableCell(time ?? "", .dim), ListValue(wallTime)),
        (
          TableCell(step.map { NumberText.grouped(Int(clamping: $0)) } ?? ""),
          ListValue(step.map { Double($0) })
        ),
        (TableCell(String(sign), Style(role, .bold)), .word(String(sign))),
        (TableCell(SafeText.cleaned(kind, maxLength: 40), Style(role)), .word(kind)),
        (
          TableCell(oneLine, role == .statusBad ? Style(role) : role == .dim ? .dim : .text),
          .word(text)
        ),
      ], step: step)
  }

  /// The beginning of the text, cleaned, without line breaks.
  private var oneLine: String {
    func isBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    if text.utf8.count <= Self.rowTextMax, !text.utf8.contains(where: isBreak) {
      return SafeText.cleaned(text)
    }
    let scalars = text.unicodeScalars
    let end =
      scalars.index(scalars.startIndex, offsetBy: Self.rowTextMax, limitedBy: scalars.endIndex)
      ?? scalars.endIndex
    let lines = scalars[..<end].split { $0 == "\n" || $0 == "\r" }.map(String.init)
    let cleaned = SafeText.cleaned(lines.joined(separator: " "))
    return end < scalars.endIndex ? cleaned + "…" : cleaned
  }

  /// What a row about a command is told from; its identifier follows.
  static let commandSource = "command "

  /// The identifier of the command that a row of the list is about.
  static func commandID(ofListRow id: String) -> String? {
    guard id.hasPrefix(commandSource) else { return nil }
    return id.dropFirst(commandSource.count).split(separator: "\n").first.map(String.init)
  }

  private static func clock(_ localTime: Double, withDate: Bool) -> String {
    let daysApart = 2 * 86_400.0
    let time = ClockText.of(secondsOfLocalTime: localTime, span: 0)
    guard withDate else { return time }
    let date = ClockText.of(secondsOfLocalTime: localTime, span: daysApart)
    return date + time.suffix(3)
  }
}
