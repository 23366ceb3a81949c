import TerminalUI
import Testing

@testable import NcursesBackend

/// What usual changes cost on a slow line.
extension NcursesTerminalTests {
  private static func bytes(_ terminal: NcursesTerminal, _ buffer: Buffer) -> Int {
    let before = terminal.bytesSent
    terminal.present(buffer)
    return terminal.bytesSent - before
  }

  private static func heatmap(_ size: Size, changed column: Int?, asBlocks: Bool) -> Buffer {
    var buffer = Buffer(size: size)
    for row in 0..<size.rows {
      for place in 0..<size.columns {
        let shift = place == column ? 5 : 0
        let level = UInt8((row * 7 + place / 4 * 3 + shift) % 16)
        let role = Role(rawValue: Role.heat0.rawValue + level) ?? .heat0
        let next = Role(rawValue: Role.heat0.rawValue + (level + 3) % 16) ?? .heat0
        buffer.write(
          asBlocks ? "▀" : " ", row: row, column: place,
          style: Style(foreground: asBlocks ? role : .text, background: asBlocks ? next : role))
      }
    }
    return buffer
  }

  private static func chart(_ size: Size, columns: Int) -> Buffer {
    var buffer = Buffer(size: size)
    for column in 0..<min(columns, size.columns) {
      let row = (column * 5 + column * column / 7) % size.rows
      buffer.write("⣇", row: row, column: column, style: Style(.series1))
      buffer.write("⠒", row: (row + 3) % size.rows, column: column, style: Style(.series2))
    }
    return buffer
  }

  @Test func oneColumnOfAHeatmap() throws {
    let pseudo = try #require(PseudoTerminal(rows: 60, columns: 200))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    for (asBlocks, most) in [(false, 1300), (true, 2048)] {
      pseudo.reading {
        terminal.present(Self.heatmap(terminal.size, changed: nil, asBlocks: asBlocks))
      }
      let sent = Self.bytes(
        terminal, Self.heatmap(terminal.size, changed: 117, asBlocks: asBlocks))
      #expect(sent > 60 && sent <= most)
    }
  }

  @Test func aGrowingCurve() throws {
    let pseudo = try #require(PseudoTerminal(rows: 24, columns: 80))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    terminal.present(Self.chart(terminal.size, columns: 60))
    _ = pseudo.drawn()
    let sent = Self.bytes(terminal, Self.chart(terminal.size, columns: 62))
    #expect(sent > 0 && sent <= 150)
    #expect(Self.bytes(terminal, Self.chart(terminal.size, columns: 62)) == 0)
    // Another style that looks the same is no change either.
    var same = Self.chart(terminal.size, columns: 62)
    same.write(" ", row: 23, column: 79, style: Style(.statusBad, .bold))
    #expect(Self.bytes(terminal, same) == 0)
  }
}
