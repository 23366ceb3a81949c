/// A grid of dots, several to a cell, drawn as braille, half blocks or punctuation.
public struct DotCanvas: Sendable {
  /// The number of dots from left to right.
  public let dotColumns: Int
  /// The number of dots from top to bottom.
  public let dotRows: Int
  private let size: Size
  private let glyphs: GlyphSet
  /// One bit a dot, row by row of cells.
  private var patterns: [UInt8]
  private var styles: [Style]

  /// An empty canvas of so many cells.
  public init(rows: Int, columns: Int, glyphs: GlyphSet) {
    size = Size(rows: rows, columns: columns)
    self.glyphs = glyphs
    let perCell = DotCanvas.dotsPerCell(glyphs)
    dotColumns = size.columns * perCell.columns
    dotRows = size.rows * perCell.rows
    patterns = Array(repeating: 0, count: size.rows * size.columns)
    styles = Array(repeating: .text, count: size.rows * size.columns)
  }

  /// Dots in one cell: braille 2 x 4, otherwise 1 x 2 (columns x rows).
  public static func dotsPerCell(_ glyphs: GlyphSet) -> (columns: Int, rows: Int) {
    glyphs == .braille ? (2, 4) : (1, 2)
  }

  /// Sets a dot; outside of the canvas without effect. The last style in a cell wins; a style that
  /// is not faint also takes away a cell's faint dots, which would seem to belong to it.
  public mutating func set(x: Int, y: Int, style: Style) {
    guard x >= 0, x < dotColumns, y >= 0, y < dotRows else { return }
    let perCell = DotCanvas.dotsPerCell(glyphs)
    let index = y / perCell.rows * size.columns + x / perCell.columns
    add(bit(x % perCell.columns, y % perCell.rows), at: index, style)
  }

  private mutating func add(_ dots: UInt8, at index: Int, _ style: Style) {
    let coversFainter =
      styles[index].attributes.contains(.faint) && !style.attributes.contains(.faint)
    patterns[index] = coversFainter ? dots : patterns[index] | dots
    styles[index] = style
  }

  /// A vertical run of dots, a cell at a time.
  private mutating func setColumn(x: Int, from top: Int, to bottom: Int, style: Style) {
    let (top, bottom) = (max(top, 0), min(bottom, dotRows - 1))
    guard x >= 0, x < dotColumns, top <= bottom else { return }
    let perCell = DotCanvas.dotsPerCell(glyphs)
    for row in top / perCell.rows...bottom / perCell.rows {
      let first = max(top - row * perCell.rows, 0)
      let last = min(bottom - row * perCell.rows, perCell.rows - 1)
      var dots: UInt8 = 0
      for y in first...last { dots |= bit(x % perCell.columns, y) }
      add(dots, at: row * size.columns + x / perCell.columns, style)
    }
  }

  /// Sets a dot in a role's colour.
  public mutating func set(x: Int, y: Int, role: Role) {
    set(x: x, y: y, style: Style(role))
  }

  /// A straight line, both ends included.
  public mutating func line(
    from start: (x: Int, y: Int), to end: (x: Int, y: Int), style: Style
  ) {
    if start.x == end.x {
      return setColumn(
        x: start.x, from: min(start.y, end.y), to: max(start.y, end.y), style: style)
    }
    line(from: start, to: end, style: style) { _, _ in true }
  }

  /// A straight line of which only some dots are drawn.
  public mutating func line(
    from start: (x: Int, y: Int), to end: (x: Int, y: Int), style: Style,
    where hasDot: (_ x: Int, _ y: Int) -> Bool
  ) {
    var x = DotCanvas.clamped(start.x)
    var y = DotCanvas.clamped(start.y)
    let endX = DotCanvas.clamped(end.x)
    let endY = DotCanvas.clamped(end.y)
    let deltaX = abs(endX - x)
    let deltaY = -abs(endY - y)
    let stepX = x < endX ? 1 : -1
    let stepY = y < endY ? 1 : -1
    var error = deltaX + deltaY
    while true {
      if hasDot(x, y) { set(x: x, y: y, style: style) }
      if x == endX && y == endY { return }
      let doubled = 2 * error
      if doubled >= deltaY {
        error += deltaY
        x += stepX
      }
      if doubled <= deltaX {
        error += deltaX
        y += stepY
      }
    }
  }

  /// A straight line in a role's colour.
  public mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int), role: Role) {
    line(from: start, to: end, style: Style(role))
  }

  /// Whether any dot is set in the cell.
  public func hasDots(row: Int, column: Int) -> Bool {
    guard row >= 0, row < size.rows, column >= 0, column < size.columns else { return false }
    return patterns[row * size.columns + column] != 0
  }

  /// Draws the cells that have dots; what is under the others stays, and so do backgrounds.
  public func render(into buffer: inout Buffer, row: Int, column: Int) {
    for cellRow in 0..<size.rows {
      for cellColumn in 0..<size.columns {
        let index = cellRow * size.columns + cellColumn
        guard patterns[index] != 0 else { continue }
        let scalar = character(row: cellRow, column: cellColumn)
        buffer[row + cellRow, column + cellColumn] = Cell(scalar, style: styles[index])
      }
    }
  }

  /// Draws the cells that have dots, from the rectangle's top left corner.
  public func render(into buffer: inout Buffer, at rect: Rect) {
    render(into: &buffer, row: rect.row, column: rect.column)
  }

  private static func clamped(_ value: Int) -> Int { min(max(value, -32_768), 32_767) }

  private func bit(_ x: Int, _ y: Int) -> UInt8 {
    guard glyphs == .braille else { return 1 << UInt8(y) }
    // Unicode numbers the six upper dots column by column and the two lowest after them.
    return y == 3 ? 0x40 << UInt8(x) : 1 << UInt8(y + 3 * x)
  }

  private func character(row: Int, column: Int) -> Unicode.Scalar {
    let pattern = patterns[row * size.columns + column]
    switch glyphs {
    case .braille: return Unicode.Scalar(0x2800 + UInt32(pattern)) ?? " "
    case .block: return pattern == 1 ? "▀" : pattern == 2 ? "▄" : "█"
    case .ascii: return pattern == 1 ? "'" : pattern == 2 ? "." : verticalOrColon(row, column)
    }
  }

  /// Both dots of a cell: part of a longer vertical run, or just two dots.
  private func verticalOrColon(_ row: Int, _ column: Int) -> Unicode.Scalar {
    let above = row > 0 && patterns[(row - 1) * size.columns + column] & 2 != 0
    let below = row + 1 < size.rows && patterns[(row + 1) * size.columns + column] & 1 != 0
    return above || below ? "|" : ":"
  }
}
