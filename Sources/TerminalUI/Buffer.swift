/// A grid of cells to draw into. Everything clips: no place outside of it is an error.
public struct Buffer: Equatable, Sendable {
  /// Rows and columns.
  public let size: Size
  /// The cells, row by row.
  public private(set) var cells: [Cell]

  /// A blank buffer.
  public init(size: Size, filledWith cell: Cell = .blank) {
    self.size = size
    cells = Array(repeating: cell, count: size.rows * size.columns)
  }

  /// A blank buffer; rows and columns are clamped to what a `Size` allows.
  public init(rows: Int, columns: Int) {
    self.init(size: Size(rows: rows, columns: columns))
  }

  /// The number of rows.
  public var rows: Int { size.rows }
  /// The number of columns.
  public var columns: Int { size.columns }
  /// The whole of it as a rectangle.
  public var bounds: Rect { Rect(size) }

  /// One cell. Outside it reads as blank and writing has no effect. A wide character that is half
  /// overwritten loses its other half, and one that does not fit at the right edge is left out.
  public subscript(row: Int, column: Int) -> Cell {
    get {
      guard contains(row, column) else { return .blank }
      return cells[row * size.columns + column]
    }
    set {
      guard contains(row, column), newValue.width > 0 else { return }
      if newValue.width == 2 && column + 1 >= size.columns { return }
      let index = row * size.columns + column
      mend(index)
      cells[index] = newValue
      if newValue.width == 2 {
        mend(index + 1)
        cells[index + 1] = .continuation(style: newValue.style)
      }
    }
  }

  /// Makes the whole buffer blank again.
  public mutating func clear() {
    fill(bounds, style: .text)
  }

  /// Fills a rectangle with one character (one column wide) in one style.
  public mutating func fill(_ rect: Rect, with character: Character = " ", style: Style) {
    let cell = Cell(character.unicodeScalars.first ?? " ", style: style)
    let area = rect.intersection(bounds)
    guard cell.width == 1, !area.isEmpty else { return }
    for row in area.row..<area.endRow {
      for column in area.column..<area.endColumn { self[row, column] = cell }
    }
  }

  /// Changes the style of what is already there.
  public mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    for row in area.row..<area.endRow {
      for index in row * size.columns + area.column..<row * size.columns + area.endColumn {
        cells[index].style = change(cells[index].style)
      }
    }
  }

  /// Writes one line, clipped at the buffer's edge and at `maxColumns`, and returns the columns
  /// used. A wide character is never split; combining and invisible characters are left out; a
  /// control character becomes U+FFFD. Text left of column 0 is cut off and counted as used.
  @discardableResult
  public mutating func write(
    _ text: String, row: Int, column: Int, style: Style = .text, maxColumns: Int = .max
  ) -> Int {
    guard row >= 0, row < size.rows, column < size.columns, column > -Size.dimensionMax else {
      return 0
    }
    let limit = min(max(maxColumns, 0), size.columns - column)
    var used = 0
    for scalar in text.unicodeScalars {
      var cell = Cell(scalar, style: style)
      if CharacterWidth.columns(of: scalar) == 0 {
        guard scalar.properties.generalCategory == .control else { continue }
        cell = Cell("\u{FFFD}", style: style)
      }
      if used + Int(cell.width) > limit { break }
      self[row, column + used] = cell
      used += Int(cell.width)
    }
    return used
  }

  /// Writes styled text like `write(_:row:column:style:maxColumns:)`.
  @discardableResult
  public mutating func write(
    _ text: StyledText, row: Int, column: Int, maxColumns: Int = .max
  ) -> Int {
    var used = 0
    for span in text.spans {
      let width = SafeText.displayWidth(of: span.text)
      let room = maxColumns - used
      used += write(
        span.text, row: row, column: column + used, style: span.style, maxColumns: room)
      if width > room { break }
    }
    return used
  }

  /// Copies another buffer in, its top left corner at the given cell.
  public mutating func draw(_ other: Buffer, row: Int, column: Int) {
    for otherRow in 0..<other.rows {
      for otherColumn in 0..<other.columns {
        self[row + otherRow, column + otherColumn] = other[otherRow, otherColumn]
      }
    }
  }

  /// The characters of each row without trailing spaces.
  public func textLines() -> [String] {
    (0..<rows).map { row in
      var line = ""
      var kept = line.endIndex
      for cell in cells[row * columns..<(row + 1) * columns] where cell.width > 0 {
        line.append(cell.character)
        if cell.scalar != 0x20 { kept = line.endIndex }
      }
      return String(line[..<kept])
    }
  }

  /// One letter a cell: the foreground's role where there is a character, else the background's.
  public func roleLines() -> [String] {
    (0..<rows).map { row in
      String(
        cells[row * columns..<(row + 1) * columns].map { cell in
          cell.scalar == 0x20 && cell.width > 0
            ? cell.style.background.letter : cell.style.foreground.letter
        })
    }
  }

  private func contains(_ row: Int, _ column: Int) -> Bool {
    row >= 0 && row < size.rows && column >= 0 && column < size.columns
  }

  /// Blanks the other half of a wide character whose one half is about to be overwritten.
  private mutating func mend(_ index: Int) {
    let old = cells[index]
    if old.width == 0, index > 0, cells[index - 1].width == 2 {
      cells[index - 1] = Cell(" ", style: old.style)
    } else if old.width == 2, index + 1 < cells.count, cells[index + 1].width == 0 {
      cells[index + 1] = Cell(" ", style: old.style)
    }
  }
}
