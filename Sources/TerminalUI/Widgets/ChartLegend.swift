/// The first row of a chart: a rule with the name at the left, and at the right every curve with
/// its value, as many as fit.
struct ChartLegend {
  private struct Entry {
    var name: String
    var value: String
    var style: Style
    /// "1:" before the value when curves are told apart by number.
    var number = ""
    /// Whether it is drawn solid, as the first curve of each run is.
    var isLeading = true
  }

  let chart: LineChart
  /// Dot columns of the plot.
  let columns: Int
  /// Whether the chart has x labels, where the cursor's x value stands then.
  let hasLabels: Bool
  let glyphs: GlyphSet

  func draw(into buffer: inout Buffer, row: Rect) {
    guard !row.isEmpty else { return }
    let rule = chart.isFocused ? glyphs.horizontalLineFocused : glyphs.horizontalLine
    let ruleStyle = chart.isFocused ? Style(.hotKey) : Style(.border)
    let titleRoom = row.columns - 4
    guard titleRoom >= 1 else {
      buffer.write(
        SafeText.truncated(chart.title, columns: row.columns, glyphs: glyphs), row: row.row,
        column: row.column, style: .title)
      return
    }
    buffer.fill(row, with: rule, style: ruleStyle)
    let title = SafeText.truncated(chart.title, columns: titleRoom, glyphs: glyphs)
    buffer.write(
      " " + title + " ", row: row.row, column: row.column + 1, style: .title,
      maxColumns: row.columns - 1)
    let taken = SafeText.displayWidth(of: title) + 3
    let text = legend(columns: row.columns - taken - 4)
    let width = text.displayWidth
    guard width > 0 else { return }
    let start = row.endColumn - width - 3
    buffer.write(" ", row: row.row, column: start, style: .text)
    buffer.write(text, row: row.row, column: start + 1)
    buffer.write(" ", row: row.row, column: start + 1 + width, style: .text)
  }

  /// The richest form that fits: all curves with names, all values in their curves' colours, as
  /// many as fit with names, the first value.
  private func legend(columns room: Int) -> StyledText {
    let entries = self.entries()
    let separator = StyledText(" \(glyphs.separator) ", .dim)
    let named = entries.map(named)
    let widths = named.map(\.displayWidth)
    let gap = separator.displayWidth
    if widths.reduce(-gap, { $0 + $1 + gap }) <= room { return joined(named, by: separator) }
    // Of several runs it is enough to name each once, by its first curve.
    let leading = zip(entries, named).filter { $0.0.isLeading }.map(\.1)
    if leading.count < named.count, !leading.isEmpty {
      var some = joined(leading, by: separator)
      some.append(" +\(named.count - leading.count)", .dim)
      if some.displayWidth <= room { return some }
    }
    if entries.count * (gap + 1) <= room + gap {
      let values = joined(entries.map { valueOnly($0) }, by: separator)
      if values.displayWidth <= room { return values }
    }
    for count in stride(from: entries.count - 1, to: 0, by: -1) {
      let rest = " +\(entries.count - count)"
      // Of very many curves few fit, so that their widths are added up first.
      guard widths[..<count].reduce(rest.count - gap, { $0 + $1 + gap }) <= room else { continue }
      var some = joined(Array(named.prefix(count)), by: separator)
      some.append(rest, .dim)
      return some
    }
    let first = entries.first.map { valueOnly($0) } ?? StyledText()
    return first.displayWidth <= room ? first : StyledText()
  }

  private func joined(_ parts: [StyledText], by separator: StyledText) -> StyledText {
    var result = StyledText()
    for part in parts {
      if !result.spans.isEmpty { result = result + separator }
      result = result + part
    }
    return result
  }

  private func named(_ entry: Entry) -> StyledText {
    var text = StyledText(entry.name, entry.style)
    if !entry.value.isEmpty {
      if !entry.name.isEmpty { text.append(" ") }
      text.append(entry.value, .text)
    }
    return text
  }

  private func valueOnly(_ entry: Entry) -> StyledText {
    StyledText(entry.value.isEmpty ? entry.name : entry.number + entry.value, entry.style)
  }

  /// A sample of the line where lines differ.
  private func stroke(_ curve: ChartSeries, among listed: [ChartSeries]) -> String {
    guard listed.contains(where: { $0.stroke != curve.stroke }) else { return "" }
    return curve.stroke.sample(glyphs) + (curve.name.isEmpty ? "" : " ")
  }

  private func entries() -> [Entry] {
    var entries: [Entry] = []
    let cursor = chart.cursorColumn.map { min(max($0, 0), max(columns - 1, 0)) }
    if let cursor, !hasLabels {
      let x = chart.cursorText(column: cursor, of: columns)
      entries.append(Entry(name: "at", value: x, style: .dim))
    }
    let listed = chart.series.filter(\.isListed)
    for (index, curve) in listed.enumerated() {
      let number = chart.numbersSeries && listed.count > 1 ? "\(index + 1):" : ""
      let value = curve.legendValue(cursor: cursor) ?? (cursor == nil ? "" : "-")
      let name = number + stroke(curve, among: listed) + curve.name
      entries.append(
        Entry(
          name: name, value: value, style: Style(curve.role), number: number,
          isLeading: curve.stroke == .solid && !curve.isFaint))
    }
    if let cursor, let mark = chart.marks.last(where: { abs($0.column - cursor) <= 1 }) {
      entries.append(Entry(name: mark.label, value: "", style: Style(mark.role)))
    }
    return entries
  }
}
