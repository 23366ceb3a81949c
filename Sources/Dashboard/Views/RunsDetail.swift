import RunModel
import TerminalUI

/// What is told of the chosen run: where it is, what is wrong, how it differs from others.
struct RunsDetail {
  let run: Run
  /// Those that it is compared with: the marked ones if there are two, else all that are listed.
  let others: [Run]
  /// Others that were left out, as they were too many.
  let leftOutCount: Int
  let metric: String?
  let columns: Int
  let glyphs: GlyphSet
  /// The time, since 1970; 0: not known.
  let wallSeconds: Double

  /// More are too many to read, and to compare in every frame.
  static let othersMax = 100
  private static let gap = 2

  var lines: [StyledText] { facts + comparison }

  // MARK: Facts

  private var facts: [StyledText] {
    let (word, role, symbol) = RunsView.stateWords(run, glyphs, at: wallSeconds)
    var lines = [StyledText([.init("\(symbol) \(word)", Style(role, .bold))])]
    if let reason = run.phase?.reason { add(reason, Style(role), to: &lines) }
    if run.state == .waiting && run.troubles.isEmpty {
      add("Its files are there, but nothing has been logged yet.", .dim, to: &lines)
    }
    for trouble in run.troubles {
      add(TroubleText.of(trouble), Style(.statusWarning), to: &lines)
    }
    add(run.path, .dim, to: &lines)
    if let parent = run.manifest?.parent {
      let step = NumberText.grouped(Int(clamping: parent.step))
      add("branched from \(parent.run) at step \(step)", .text, to: &lines)
    }
    if let tag = RunsMetric.tag(of: run, chosen: metric), let best = run.best(of: tag) {
      let step = NumberText.grouped(Int(clamping: best.step))
      let value = NumberText.significant(Double(best.value))
      add("best \(tag) \(value) at step \(step)", .text, to: &lines)
    }
    return lines
  }

  private func add(_ text: String, _ style: Style, to lines: inout [StyledText]) {
    lines += WrappedText.lines(text, columns: columns).map { StyledText($0, style) }
  }

  // MARK: Comparison

  private var comparison: [StyledText] {
    let comparison = RunsComparison(run, with: others)
    guard !comparison.differing.isEmpty || !comparison.same.isEmpty else {
      return [StyledText(), StyledText("No hyper-parameters are logged.", .dim)]
    }
    let all = comparison.differing + comparison.same
    let longest = all.reduce(0) { max($0, SafeText.displayWidth(of: $1.name)) }
    let nameColumns = min(longest, max(8, columns * 2 / 5))
    var lines = [StyledText()]
    if !comparison.differing.isEmpty {
      lines.append(heading(nameColumns))
      lines += comparison.differing.map { line($0, nameColumns, isSame: false) }
      lines.append(StyledText())
    }
    if !comparison.same.isEmpty {
      let title = others.isEmpty ? "hyper-parameters" : "the same in all \(others.count + 1)"
      lines.append(StyledText(title, Style(.dim, .bold)))
      lines += comparison.same.map { line($0, nameColumns, isSame: true) }
    }
    if leftOutCount > 0 {
      let text = "\(NumberText.grouped(leftOutCount)) more runs are not compared; mark some."
      lines.append(StyledText(text, .dim))
    }
    return lines
  }

  private func heading(_ nameColumns: Int) -> StyledText {
    let style = Style(.dim, .bold)
    let count = "\(others.count) other" + (others.count == 1 ? "" : "s")
    return StyledText([
      .init(padded("differs in", nameColumns), style),
      .init(padded("this run", valueColumns(nameColumns)), style), .init(count, style),
    ])
  }

  private func line(
    _ setting: RunsComparison.Setting, _ nameColumns: Int, isSame: Bool
  ) -> StyledText {
    let name = padded(SafeText.cleaned(setting.name, maxLength: 200), nameColumns)
    let value = RunsSettings.text(setting.value)
    if isSame {
      return StyledText([
        .init(name, .dim), .init(cut(value, columns - nameColumns - Self.gap), .dim),
      ])
    }
    let width = valueColumns(nameColumns)
    let room = columns - nameColumns - width - 2 * Self.gap
    return StyledText([
      .init(name, .text), .init(padded(value, width), Style(.text, .bold)),
      .init(cut(othersText(setting, room), room), .text),
    ])
  }

  private func othersText(_ setting: RunsComparison.Setting, _ room: Int) -> String {
    let text = setting.others.prefix(max(1, room)).map { RunsSettings.text($0) }
      .joined(separator: ", ")
    guard setting.others.count > 1, SafeText.displayWidth(of: text) > room else { return text }
    return "\(setting.others.count) different"
  }

  private func valueColumns(_ nameColumns: Int) -> Int {
    max(4, (columns - nameColumns - 2 * Self.gap) / 2)
  }

  /// In so many columns, with the gap to the next.
  private func padded(_ text: String, _ width: Int) -> String {
    let shown = cut(text, width)
    let spaces = width + Self.gap - SafeText.displayWidth(of: shown)
    return shown + String(repeating: " ", count: max(0, spaces))
  }

  private func cut(_ text: String, _ width: Int) -> String {
    SafeText.truncated(text, columns: width, glyphs: glyphs)
  }
}
