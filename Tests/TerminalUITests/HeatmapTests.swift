import Testing

@testable import TerminalUI

@Suite struct HeatmapTests {
  private func screen(
    _ map: Heatmap, rows: Int, columns: Int, glyphs: GlyphSet = .braille
  ) -> Buffer {
    var buffer = Buffer(rows: rows, columns: columns)
    map.draw(into: &buffer, rect: buffer.bounds, glyphs: glyphs)
    return buffer
  }

  @Test func charactersCarryTheValuesWithoutColors() {
    let values = (0..<16).map { Float($0) / 15 }
    let map = Heatmap(values: values, columns: 16, range: 0...1, hasColors: false)
    #expect(screen(map, rows: 1, columns: 16).textLines() == ["  ..:--=++**#%%@"])
    let colored = Heatmap(values: values, columns: 16, range: 0...1)
    #expect(
      screen(colored, rows: 1, columns: 16, glyphs: .ascii).textLines() == ["  ..:--=++**#%%@"])
  }

  @Test func aValueFillsABlock() {
    let map = Heatmap(values: [0, 1, .nan, 0.5], columns: 2, range: 0...1)
    let lines = screen(map, rows: 4, columns: 7).roleLines()
    let (low, high, middle) = (Role.heat0.letter, Role.heat15.letter, Role.heat8.letter)
    let nothing = Role.background.letter
    let upper = "\(low)\(low)\(low)\(high)\(high)\(high)\(nothing)"
    let lower = "\(nothing)\(nothing)\(nothing)\(middle)\(middle)\(middle)\(nothing)"
    #expect(lines == [upper, upper, lower, lower])
  }

  @Test func aCellShowsTwoRowsWhereThereIsNoRoom() {
    let map = Heatmap(values: [0, 1, 1, 1, 0, .nan, .nan, 0], columns: 2, range: 0...1)
    let buffer = screen(map, rows: 2, columns: 2)
    #expect(buffer.textLines() == ["▀", "▀▄"])
    #expect(buffer[0, 0].style == Style(foreground: .heat0, background: .heat15))
    #expect(buffer[0, 1].style.background == .heat15)
    #expect(buffer[1, 1].style == Style(.heat0))
  }

  @Test func manyValuesBecomeTheirMean() {
    let map = Heatmap(values: [0, 1, 1, 1, .nan, 0.5, .nan, .nan], columns: 8, range: 0...1)
    let roles = screen(map, rows: 1, columns: 4).cells.map(\.style.background)
    #expect(roles == [.heat8, .heat15, .heat8, .background])
    let uneven = Heatmap(values: [0, 0, 0, 0, 0, 0, 0, 0, 1], columns: 9, range: 0...1)
    let shown = screen(uneven, rows: 1, columns: 4).cells.map(\.style.background)
    #expect(shown == [.heat0, .heat0, .heat5, .background])
  }

  @Test(arguments: [GlyphSet.braille, .ascii])
  func aChangedColumnChangesItsOwnCellsOnly(glyphs: GlyphSet) {
    var values = (0..<200).map { Float($0 % 17) / 17 }
    let before = Heatmap(values: values, columns: 20, range: 0...1)
    for row in 0..<10 { values[row * 20 + 7] = 1 - values[row * 20 + 7] }
    let after = Heatmap(values: values, columns: 20, range: 0...1)
    for (rows, columns) in [(10, 20), (5, 20), (12, 45), (10, 10)] {
      let old = screen(before, rows: rows, columns: columns, glyphs: glyphs)
      let new = screen(after, rows: rows, columns: columns, glyphs: glyphs)
      let axis = HeatmapAxis(count: 20, slots: columns)
      for (index, cells) in zip(old.cells, new.cells).enumerated() where cells.0 != cells.1 {
        #expect(axis.values(at: index % columns)?.contains(7) == true)
      }
      #expect(old != new)
    }
  }

  @Test func labelsLegendAndCursor() {
    let map = Heatmap(
      values: [0, 2, 4, 6], columns: 2, rowLabels: ["dense_1", "out"], cursor: (1, 1),
      hasLegend: true, hasColors: false)
    let buffer = screen(map, rows: 3, columns: 32)
    let lines = buffer.textLines()
    #expect(lines[0].hasPrefix("dense_1") && lines[1].hasPrefix("out"))
    #expect(lines[2] == "0   ..:--=++**#%%@ 6")
    #expect(buffer[1, 0].style.foreground == .hotKey && buffer[0, 0].style.foreground == .dim)
    let plot = map.plotRect(in: buffer.bounds)
    #expect(plot == Rect(row: 0, column: 8, rows: 2, columns: 24))
    #expect(buffer[1, 20].style.attributes.contains(.reverse))
    #expect(!buffer[0, 20].style.attributes.contains(.reverse))
    let place = map.place(atRow: 1, column: 20, in: buffer.bounds, glyphs: .braille)
    #expect(place?.row == 1 && place?.column == 1)
    #expect(map.place(atRow: 2, column: 20, in: buffer.bounds, glyphs: .braille) == nil)
  }

  @Test func theCursorKeepsTheColorOfItsValue() {
    let values: [Float] = [0, 0, 1, 1]
    for (row, role) in [(0, Role.heat0), (2, .heat15)] {
      let map = Heatmap(values: values, columns: 1, range: 0...1, cursor: (row, 0))
      for rows in [2, 4] {
        let cell = screen(map, rows: rows, columns: 1)[row * rows / 4, 0]
        #expect(cell.character == "●" && cell.style.background == role)
      }
    }
  }

  @Test func theCursorFindsTheLowerHalfOfACell() {
    for (row, role) in [(0, Role.heat0), (1, .heat15)] {
      let map = Heatmap(values: [0, 1], columns: 1, range: 0...1, cursor: (row, 0))
      #expect(screen(map, rows: 1, columns: 1)[0, 0].style.background == role)
    }
  }

  @Test func nothingIsATrap() {
    var random = SeededRandom(seed: 5)
    let odd: [Float] = [.nan, .infinity, -.infinity, 0, 1, -.greatestFiniteMagnitude, 3e38]
    for _ in 0..<300 {
      let count = Int.random(in: 0...40, using: &random)
      let map = Heatmap(
        values: (0..<count).map { _ in odd.randomElement(using: &random) ?? 0 },
        columns: Int.random(in: -1...9, using: &random),
        rowLabels: Bool.random(using: &random) ? ["a", "日本"] : [],
        cursor: (Int.random(in: -2...9, using: &random), Int.random(in: -2...9, using: &random)),
        hasLegend: Bool.random(using: &random), hasColors: Bool.random(using: &random))
      let glyphs = GlyphSet.allCases.randomElement(using: &random) ?? .braille
      let rows = Int.random(in: 0...6, using: &random)
      let columns = Int.random(in: 0...30, using: &random)
      let buffer = screen(map, rows: rows, columns: columns, glyphs: glyphs)
      for row in 0..<rows {
        for column in 0..<columns {
          let place = map.place(atRow: row, column: column, in: buffer.bounds, glyphs: glyphs)
          if let place { #expect(place.row * map.columns + place.column < map.values.count) }
        }
      }
    }
  }
}
