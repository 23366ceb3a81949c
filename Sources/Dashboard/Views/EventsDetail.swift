import JSONText
import RunLog
import RunModel
import TerminalUI

/// What is told of the chosen event: its whole text, who asked for it, what it did to the layers.
struct EventsDetail {
  let row: ListRow
  /// The command that was asked or answered, if it is about one.
  let command: Run.Command?
  let columns: Int
  let utcOffsetSeconds: Int
  let glyphs: GlyphSet

  var lines: [StyledText] {
    var lines: [StyledText] = []
    if case .number(let time) = row.value("time") { lines.append(StyledText(full(time), .dim)) }
    if let step = row.step {
      lines.append(StyledText("step \(NumberText.grouped(Int(clamping: step)))", .dim))
    }
    if case .word(let text) = row.value("text") { add(text, .text, to: &lines) }
    if let command { addCommand(command, to: &lines) }
    return lines
  }

  private func full(_ time: Double) -> String {
    ClockText.full(secondsOfLocalTime: time + Double(utcOffsetSeconds))
  }

  private func add(_ text: String, _ style: Style, to lines: inout [StyledText]) {
    lines += WrappedText.lines(text, columns: columns).map { StyledText($0, style) }
  }

  private func addCommand(_ command: Run.Command, to lines: inout [StyledText]) {
    lines.append(StyledText())
    if let asked = command.asked {
      let author = asked.author.isEmpty ? "somebody" : asked.author
      let time = asked.wallTime > 0 ? " at \(full(asked.wallTime))" : ""
      add("asked by \(author)\(time)", .text, to: &lines)
      if command.answer != nil { add("“\(asked.request.summary)”", .text, to: &lines) }
    } else {
      add("who asked is not known", .dim, to: &lines)
    }
    guard let answer = command.answer else {
      return add("no answer yet", Style(.statusWarning), to: &lines)
    }
    if answer.status != .refused, let reason = answer.reason { add(reason, .text, to: &lines) }
    let table = PruneTable(answer, columns: columns, glyphs).lines
    if !answer.layers.isEmpty { lines += [StyledText()] + table + [StyledText()] }
    add("command \(answer.id)", .dim, to: &lines)
  }
}
