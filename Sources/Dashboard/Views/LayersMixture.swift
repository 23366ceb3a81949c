import RunLog
import RunModel
import TerminalUI

/// How much each operation counts on each edge of a layer whose architecture is learned: a row for
/// each edge with what would be chosen for it, a column for each operation.
struct LayersMixture {
  private let grid: Grid
  private let step: Int64
  private let words: MixtureWords?

  private static let family = "architecture/"
  private static let blockRowsMax = 2
  private static let blockColumnsMax = 18
  private static let labelColumnsMax = 10
  private static let chosenColumnsMax = 20

  /// - Parameter tag: of its grid; nil, or one that the run has not: nil.
  init?(_ layer: String, tag: String?, of run: Run) {
    guard let found = tag.flatMap({ run.grids[$0] }), found.grid.rows > 0, found.grid.columns > 0
    else { return nil }
    (grid, step) = (found.grid, found.step)
    let words = run.mixtures[layer]
    // Words of another network say nothing about this one.
    let fits =
      words?.edges.count == grid.rows && words?.operations.count == grid.columns
      && words?.chosen.count == grid.rows
    self.words = fits ? words : nil
  }

  /// The layer that a grid is about; nil for other grids.
  static func layer(ofTag tag: String) -> String? {
    guard tag.hasPrefix(family), tag.count > family.count else { return nil }
    return String(tag.dropFirst(family.count))
  }

  func draw(_ state: DashboardState, into buffer: inout Buffer, _ area: Rect) {
    let (head, rest) = area.split(top: 1)
    let heading = "share of each operation, step \(NumberText.grouped(Int(clamping: step)))"
    write(heading, .title, state, into: &buffer, head)
    let edges = labels(words?.edges, count: grid.rows)
    let labelWidth = min(Self.width(edges), Self.labelColumnsMax)
    let operations = labels(words?.operations, count: grid.columns)
    let chosenWidth = words.map { min(Self.width($0.chosen), Self.chosenColumnsMax) + 2 } ?? 0
    let room = rest.columns - labelWidth - 1
    let hasChosen = room - chosenWidth >= 3 * grid.columns
    let across = min(
      Self.blockColumnsMax, (room - (hasChosen ? chosenWidth : 0)) / grid.columns)
    guard across > 0 else { return drawMap(state, into: &buffer, rest, labels: edges) }
    // Names above their columns where they fit, else letters that are explained below.
    let named = Self.width(operations) < across
    let keys = named ? [] : keyLines(operations, columns: rest.columns)
    let legendRows = 1
    let down = (rest.rows - 1 - legendRows - keys.count) / grid.rows
    guard down > 0 else { return drawMap(state, into: &buffer, rest, labels: edges) }
    let block = min(down, Self.blockRowsMax)
    let (names, below) = rest.split(top: 1)
    let first = labelWidth + 1
    for (index, operation) in operations.enumerated() {
      buffer.write(
        named ? SafeText.cleaned(operation, maxLength: 40) : Self.letter(index), row: names.row,
        column: names.column + first + index * across, style: .dim, maxColumns: across)
    }
    let (map, foot) = below.split(top: block * grid.rows + legendRows)
    drawMap(
      state, into: &buffer, map.split(left: first + across * grid.columns).left, labels: edges)
    if hasChosen {
      drawChosen(state, into: &buffer, map, column: first + across * grid.columns, block)
    }
    for (index, line) in keys.enumerated() where index < foot.rows {
      buffer.write(
        line, row: foot.row + index, column: foot.column, style: .dim, maxColumns: foot.columns)
    }
  }

  private func drawMap(
    _ state: DashboardState, into buffer: inout Buffer, _ rect: Rect, labels: [String]
  ) {
    let shares = grid.values.lazy.filter(\.isFinite).map(Double.init).max() ?? 1
    let top = [0.25, 0.5].first { shares <= $0 } ?? 1
    Heatmap(
      values: grid.values, columns: grid.columns, range: 0...top, rowLabels: labels,
      hasLegend: true, hasColors: !state.isMonochrome
    ).draw(into: &buffer, rect: rect, glyphs: state.glyphs)
  }

  private func drawChosen(
    _ state: DashboardState, into buffer: inout Buffer, _ rect: Rect, column: Int, _ block: Int
  ) {
    for (index, word) in (words?.chosen ?? []).enumerated() {
      let place = Rect(
        row: rect.row + index * block + (block - 1) / 2, column: rect.column + column + 1, rows: 1,
        columns: max(0, rect.columns - column - 1))
      write(SafeText.cleaned(word, maxLength: 40), .text, state, into: &buffer, place)
    }
  }

  private func write(
    _ text: String, _ style: Style, _ state: DashboardState, into buffer: inout Buffer,
    _ rect: Rect
  ) {
    buffer.write(
      SafeText.truncated(text, columns: rect.columns, glyphs: state.glyphs), row: rect.row,
      column: rect.column, style: style)
  }

  /// The words where there are some, else numbers.
  private func labels(_ words: [String]?, count: Int) -> [String] {
    words?.map { SafeText.cleaned($0, maxLength: 40) } ?? (0..<count).map(String.init)
  }

  /// "a none  b skip", as many lines as that takes.
  private func keyLines(_ operations: [String], columns: Int) -> [String] {
    var lines: [String] = []
    for (index, operation) in operations.enumerated() {
      let entry = "\(Self.letter(index)) \(operation)"
      if let last = lines.last, SafeText.displayWidth(of: last + "  " + entry) <= columns {
        lines[lines.count - 1] += "  " + entry
      } else {
        lines.append(entry)
      }
    }
    return lines
  }

  private static func letter(_ index: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    return index < letters.count ? String(letters[index]) : "\(index)"
  }

  private static func width(_ words: [String]) -> Int {
    words.map { SafeText.displayWidth(of: $0) }.max() ?? 0
  }
}
