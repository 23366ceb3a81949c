import RunModel
import TerminalUI

/// How a step's time is divided: a bar whose parts differ in sign and colour, and a line for each.
struct SystemStepTime {
  /// In milliseconds, or in whatever the log counts.
  let parts: [(name: String, value: Double)]
  let isMilliseconds: Bool

  private var total: Double { parts.reduce(0) { $0 + $1.value } }
  /// Rows for a heading, the bar and each part.
  var rows: Int { parts.isEmpty ? 1 : parts.count + 2 }

  /// The newest times of a run; those at a step when one is given.
  init(_ metrics: SystemMetrics, _ run: Run, step: Int64?) {
    parts = metrics.stepParts.compactMap { part in
      guard let series = run.series[part.tag],
        let index = step.map({ series.index(nearest: $0) }) ?? series.count - 1,
        series.values.indices.contains(index)
      else { return nil }
      let value = Double(series.values[index])
      return (SafeText.cleaned(part.name, maxLength: 20), value.isFinite ? max(0, value) : 0)
    }
    isMilliseconds = metrics.stepParts.allSatisfy { $0.tag.hasSuffix("_ms") }
  }

  private func text(_ value: Double) -> String {
    isMilliseconds ? NumberText.duration(value / 1000) : NumberText.significant(value)
  }

  /// Signs that differ without a colour; parts beyond them begin anew.
  static func signs(_ glyphs: GlyphSet) -> [Character] {
    glyphs == .ascii ? ["#", "=", "+", ":"] : ["█", "▓", "▒", "░"]
  }

  /// Where each part ends in so many cells: what takes any time has a cell, as long as there are
  /// enough.
  static func ends(_ values: [Double], columns: Int) -> [Int] {
    let total = values.reduce(0, +)
    guard total > 0, total.isFinite, columns > 0 else { return values.map { _ in 0 } }
    var sum = 0.0
    var last = 0
    return values.enumerated().map { index, value in
      sum += value
      let wanted = Int((sum / total * Double(columns)).rounded())
      let behind = values[(index + 1)...].reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
      let least = last + (value > 0 ? 1 : 0)
      last = min(max(wanted, least), max(last, columns - behind))
      return last
    }
  }

  func draw(into buffer: inout Buffer, rect: Rect, glyphs: GlyphSet) {
    guard !parts.isEmpty else {
      buffer.write(
        "no step times in this log", row: rect.row, column: rect.column, style: .dim,
        maxColumns: rect.columns)
      return
    }
    buffer.write(
      "a step takes \(text(total))", row: rect.row, column: rect.column, style: .title,
      maxColumns: rect.columns)
    let signs = Self.signs(glyphs)
    let ends = Self.ends(parts.map(\.value), columns: rect.columns)
    let width = parts.map { SafeText.displayWidth(of: $0.name) }.max() ?? 0
    var start = 0
    for (index, part) in parts.enumerated() {
      let style = Style(.series(index))
      let sign = String(signs[index % signs.count])
      let bar = String(repeating: sign, count: max(0, ends[index] - start))
      buffer.write(bar, row: rect.row + 1, column: rect.column + start, style: style)
      start = max(start, ends[index])
      guard index + 2 < rect.rows else { continue }
      let row = rect.row + 2 + index
      let name = part.name.padding(toColumns: width)
      let share = total > 0 ? part.value / total : 0
      buffer.write(
        sign + sign, row: row, column: rect.column, style: style, maxColumns: rect.columns)
      buffer.write(
        "\(name)  \(text(part.value))  \(NumberText.percent(share, decimals: 0))", row: row,
        column: rect.column + 3, maxColumns: max(0, rect.columns - 3))
    }
  }
}

extension String {
  /// With blanks behind it, as wide as some columns.
  func padding(toColumns columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - SafeText.displayWidth(of: self)))
  }
}
