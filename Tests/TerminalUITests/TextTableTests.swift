import Testing

@testable import TerminalUI

@Suite struct TextTableTests {
  private let columns = [
    TableColumn(title: "layer", width: 6, flex: 1, priority: 9),
    TableColumn(title: "params", alignment: .right, width: 7, priority: 5),
    TableColumn(title: "sparsity", width: 12, priority: 3),
    TableColumn(title: "norm", alignment: .right, width: 6),
  ]

  private func table(rows: Int) -> TextTable {
    TextTable(columns: columns, rowCount: rows) { row in
      [
        TableCell("dense\(row)"), TableCell("\(row * 1000)"),
        TableCell(gauge: Double(row) / 10, text: "\(row * 10)%"), TableCell("0.\(row)"),
      ]
    }
  }

  private func lines(_ table: TextTable, rows: Int, columns: Int, _ glyphs: GlyphSet = .braille)
    -> [String]
  {
    drawn(rows: rows, columns: columns) {
      table.draw(into: &$0, rect: area(rows: rows, columns: columns), glyphs: glyphs)
    }
  }

  @Test func aTableWithSelectionMarkAndOrder() {
    var table = table(rows: 3)
    table.selectedRow = 1
    table.markedRows = [2]
    table.sort = (1, true)
    #expect(
      lines(table, rows: 5, columns: 46) == [
        "   layer        params▼  sparsity        norm",
        "   dense0             0  ░░░░░     0%     0.0",
        "▸  dense1          1000  ▌░░░░    10%     0.1",
        " ● dense2          2000  █░░░░    20%     0.2",
        "",
      ])
    #expect(
      lines(table, rows: 5, columns: 46, .ascii) == [
        "   layer        paramsv  sparsity        norm",
        "   dense0             0  [...]     0%     0.0",
        ">  dense1          1000  [#..]    10%     0.1",
        " * dense2          2000  [#..]    20%     0.2",
        "",
      ])
  }

  @Test func columnsGoByPriorityWhenSpaceIsShort() {
    let table = table(rows: 1)
    #expect(table.layout(width: 46).map(\.index) == [0, 1, 2, 3])
    #expect(table.layout(width: 37).map(\.index) == [0, 1, 2])
    #expect(table.layout(width: 30).map(\.index) == [0, 1])
    #expect(table.layout(width: 10).map(\.index) == [0])
    #expect(table.layout(width: 0).map(\.width) == [0])
    #expect(table.layout(width: 100).map(\.width) == [65, 7, 12, 6])
  }

  @Test func longTablesScrollAndShowWhere() {
    var table = table(rows: 100)
    table.firstRow = 50
    table.selectedRow = 52
    let shown = lines(table, rows: 5, columns: 20)
    #expect(
      shown == [
        "   layer     params",
        "   dense50    50000│",
        "   dense51    51000┃",
        "▸  dense52    52000│",
        "   dense53    53000│",
      ])
    table.firstRow = 999
    #expect(lines(table, rows: 3, columns: 20).last?.contains("dense99") == true)
  }

  @Test(arguments: [
    (0, 0, 10, 100, 0), (9, 0, 10, 100, 0), (10, 0, 10, 100, 1), (5, 20, 10, 100, 5),
    (99, 0, 10, 100, 90), (500, 0, 10, 100, 90), (3, 95, 10, 100, 3), (0, 0, 0, 100, 0),
    (2, 5, 10, 3, 0), (-4, 2, 2, 3, 0),
  ])
  func scrollingFollowsTheSelection(
    selected: Int, current: Int, visible: Int, count: Int, first: Int
  ) {
    #expect(
      TextTable.firstRow(showing: selected, current: current, visible: visible, count: count)
        == first)
  }

  @Test func onlyVisibleRowsAreMade() {
    let table = TextTable(columns: columns, rowCount: 1_000_000_000, firstRow: 7) { row in
      #expect((7..<11).contains(row))
      return [TableCell("\(row)")]
    }
    _ = lines(table, rows: 5, columns: 40)
  }

  @Test func anEmptyTableSaysSo() {
    #expect(lines(table(rows: 0), rows: 3, columns: 30)[1] == "   nothing here yet")
    #expect(lines(table(rows: 0), rows: 1, columns: 1) == [""])
  }

  @Test func theChosenRowHasItsBackground() {
    var table = table(rows: 2)
    table.selectedRow = 0
    var buffer = Buffer(rows: 3, columns: 20)
    table.draw(into: &buffer, rect: buffer.bounds, glyphs: .braille)
    #expect(buffer[1, 0].style.background == .selection)
    #expect(buffer[1, 19].style.background == .selection)
    #expect(buffer[2, 0].style.background == .background)
    table.isFocused = false
    table.draw(into: &buffer, rect: buffer.bounds, glyphs: .braille)
    #expect(buffer[1, 0].style.background == .background)
    #expect(buffer[1, 0].character == "▸")
  }
}
