import Testing

@testable import TerminalUI

/// Whatever is drawn wherever, nothing traps and nothing outside of the rectangle changes.
@Suite struct RandomDrawingTests {
  private static let numbers: [Double] = [
    0, -0.0, 1, -1, 0.5, 1e-300, 5e-324, 1e300, -.greatestFiniteMagnitude,
    .greatestFiniteMagnitude, .infinity, -.infinity, .nan, 1e15, 12_345.678,
  ]

  private static func number(_ random: inout SeededRandom) -> Double {
    Bool.random(using: &random)
      ? numbers.randomElement(using: &random) ?? 0 : Double.random(in: -10...10, using: &random)
  }

  private static func rect(in size: Size, _ random: inout SeededRandom) -> Rect {
    Rect(
      row: Int.random(in: 0...size.rows, using: &random),
      column: Int.random(in: 0...size.columns, using: &random),
      rows: Int.random(in: 0...size.rows + 2, using: &random),
      columns: Int.random(in: 0...size.columns + 2, using: &random))
  }

  private static func chart(columns: Int, _ random: inout SeededRandom) -> LineChart {
    let count = max(0, columns + Int.random(in: -3...3, using: &random))
    let series = (0..<Int.random(in: 0...4, using: &random)).map { index in
      ChartSeries(
        name: ["a", "日本語", "", "a/long/name"][index], role: .series(index),
        columns: (0..<count).map { _ in
          switch Int.random(in: 0...3, using: &random) {
          case 0: nil
          case 1: .nonFinite
          default: ColumnExtent(minimum: number(&random), maximum: number(&random))
          }
        }, isFaint: index == 0, isListed: index != 1)
    }
    let low = number(&random)
    let high = number(&random)
    var chart = LineChart(title: "random", series: series)
    if low <= high { chart.xRange = low...high }
    if low <= high, Bool.random(using: &random) { chart.yRange = low...high }
    chart.xKind = [.number, .integer, .duration].randomElement(using: &random) ?? .number
    chart.logarithmicY = Bool.random(using: &random)
    chart.numbersSeries = Bool.random(using: &random)
    if Bool.random(using: &random) {
      chart.cursorColumn = Int.random(in: -5...count + 5, using: &random)
    }
    chart.marks = (0..<3).map { _ in
      ChartMark(column: Int.random(in: -5...count + 5, using: &random), glyph: "日", label: "mark")
    }
    return chart
  }

  @Test(arguments: GlyphSet.allCases)
  func widgetsStayInsideTheirRectangle(glyphs: GlyphSet) {
    for seed in UInt64(0)..<150 {
      var random = SeededRandom(seed: seed)
      let size = Size(
        rows: Int.random(in: 0...14, using: &random),
        columns: Int.random(in: 0...60, using: &random))
      var buffer = Buffer(size: size)
      buffer.fill(buffer.bounds, with: "~", style: .dim)
      let before = buffer
      let rect = Self.rect(in: size, &random)
      let columns = LineChart.plotColumns(in: rect, glyphs: glyphs)
      switch seed % 3 {
      case 0:
        Self.chart(columns: columns, &random).draw(into: &buffer, rect: rect, glyphs: glyphs)
      case 1:
        let table = TextTable(
          columns: (0..<4).map { TableColumn(title: "column \($0)", width: $0 * 4, flex: $0 % 2) },
          rowCount: Int.random(in: 0...40, using: &random), selectedRow: 3,
          firstRow: Int.random(in: -5...60, using: &random), markedRows: [2], sort: (1, false)
        ) { row in
          [TableCell("日本\(row)"), TableCell(gauge: Double(row) / 20), "text"]
        }
        table.draw(into: &buffer, rect: rect, glyphs: glyphs)
      default:
        let dialog = DialogBox(
          title: "日本 title", body: ["one", "two", "three"],
          input: .init(label: "label", field: TextField("日本 text")), footer: "keys",
          firstLine: Int.random(in: -3...9, using: &random))
        dialog.draw(into: &buffer, area: rect.intersection(buffer.bounds), glyphs: glyphs)
      }
      Self.expectUnchanged(outside: rect, in: buffer, since: before, seed: seed)
    }
  }

  private static func expectUnchanged(
    outside rect: Rect, in buffer: Buffer, since before: Buffer, seed: UInt64
  ) {
    for row in 0..<buffer.rows {
      for column in 0..<buffer.columns where !rect.contains(row: row, column: column) {
        #expect(buffer[row, column] == before[row, column], "seed \(seed) at \(row),\(column)")
      }
    }
  }

  @Test func randomWritesKeepWideCharactersWhole() {
    let pieces = ["日", "a", "語本", "x日", "\u{301}", "🙂", "\u{1B}", " "]
    var random = SeededRandom(seed: 99)
    var buffer = Buffer(rows: 3, columns: 9)
    for _ in 0..<3000 {
      buffer.write(
        pieces.randomElement(using: &random) ?? "", row: Int.random(in: -1...3, using: &random),
        column: Int.random(in: -3...10, using: &random),
        maxColumns: Int.random(in: -1...6, using: &random))
      for row in 0..<3 {
        var column = 0
        while column < 9 {
          let width = Int(buffer[row, column].width)
          #expect(width == 1 || (width == 2 && column < 8 && buffer[row, column + 1].width == 0))
          column += max(width, 1)
        }
      }
    }
  }
}
