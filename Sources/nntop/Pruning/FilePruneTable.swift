import TerminalUI

/// The table of a prune: words to the left, numbers to the right.
enum FilePruneTable {
  /// - Parameter textColumns: how many of the first columns are words.
  static func write(_ lines: [[String]], textColumns: Int) {
    let columns = lines.first?.indices ?? 0..<0
    let widths = columns.map { column in
      lines.map { SafeText.displayWidth(of: $0[column]) }.max() ?? 0
    }
    for cells in lines {
      Output.line(
        WeightTable.line(
          columns.map { column in
            column < textColumns
              ? HelpPage.padded(cells[column], widths[column])
              : WeightTable.right(cells[column], widths[column])
          }))
    }
  }
}
