/// A table with a heading, a chosen row and a scroll position. Rows are asked for only when they
/// are visible, so a table of a hundred thousand costs as little as a short one.
public struct TextTable: Sendable {
  /// The columns from left to right.
  public var columns: [TableColumn]
  /// The number of rows.
  public var rowCount: Int
  /// The cells of a row.
  public var row: @Sendable (Int) -> [TableCell]
  /// The chosen row.
  public var selectedRow: Int?
  /// The row at the top.
  public var firstRow: Int
  /// Rows with a bullet before them.
  public var markedRows: Set<Int>
  /// The column that the rows are sorted by, and whether the largest comes first.
  public var sort: (column: Int, isDescending: Bool)?
  /// Whether keys go to it; the chosen row is fainter when not.
  public var isFocused: Bool
  /// What stands there when there is no row.
  public var emptyText: String

  /// A table whose rows are made when they are needed.
  public init(
    columns: [TableColumn], rowCount: Int, selectedRow: Int? = nil, firstRow: Int = 0,
    markedRows: Set<Int> = [], sort: (column: Int, isDescending: Bool)? = nil,
    isFocused: Bool = true, emptyText: String = "nothing here yet",
    row: @escaping @Sendable (Int) -> [TableCell]
  ) {
    self.columns = columns
    self.rowCount = max(rowCount, 0)
    self.row = row
    self.selectedRow = selectedRow
    self.firstRow = firstRow
    self.markedRows = markedRows
    self.sort = sort
    self.isFocused = isFocused
    self.emptyText = emptyText
  }

  /// A table of rows that exist.
  public init(
    columns: [TableColumn], rows: [[TableCell]], selectedRow: Int? = nil, firstRow: Int = 0,
    markedRows: Set<Int> = [], sort: (column: Int, isDescending: Bool)? = nil,
    isFocused: Bool = true, emptyText: String = "nothing here yet"
  ) {
    self.init(
      columns: columns, rowCount: rows.count, selectedRow: selectedRow, firstRow: firstRow,
      markedRows: markedRows, sort: sort, isFocused: isFocused, emptyText: emptyText
    ) { rows[$0] }
  }

  /// Rows that a rectangle shows below the heading.
  public static func visibleRows(in rect: Rect) -> Int {
    max(0, rect.rows >= 2 ? rect.rows - 1 : rect.rows)
  }

  /// The scroll position, moved just so far that the chosen row is visible.
  public static func firstRow(showing selected: Int, current: Int, visible: Int, count: Int) -> Int
  {
    guard visible > 0, count > 0 else { return 0 }
    let chosen = min(max(selected, 0), count - 1)
    var first = min(max(current, 0), max(count - visible, 0))
    if chosen < first { first = chosen }
    if chosen >= first + visible { first = chosen - visible + 1 }
    return first
  }

  /// The columns that fit into `width` cells, with their widths; the others' titles are worth a
  /// word in the footer.
  public func layout(width: Int) -> [(index: Int, width: Int)] {
    var shown = Array(columns.indices)
    func needed() -> Int {
      shown.reduce(0) { $0 + max(columns[$1].width, 1) } + TextTable.gap * max(shown.count - 1, 0)
    }
    while shown.count > 1, needed() > width - TextTable.margin {
      let lowest = shown.map { columns[$0].priority }.min() ?? 0
      guard let last = shown.lastIndex(where: { columns[$0].priority == lowest }) else { break }
      shown.remove(at: last)
    }
    let spare = max(0, width - TextTable.margin - needed())
    let shares = shown.reduce(0) { $0 + max(columns[$1].flex, 0) }
    var given = 0
    var seen = 0
    return shown.map { index in
      seen += max(columns[index].flex, 0)
      let until = shares > 0 ? spare * seen / shares : 0
      let extra = columns[index].flex > 0 ? until - given : 0
      given += extra
      let room = max(width - TextTable.margin, 0)
      return (index, min(max(columns[index].width, 1) + extra, room))
    }
  }

  /// Draws heading and rows over the rectangle.
  public func draw(into buffer: inout Buffer, rect: Rect, glyphs: GlyphSet) {
    guard !rect.isEmpty else { return }
    buffer.fill(rect, style: .text)
    let layout = self.layout(width: rect.columns)
    let (heading, body) = rect.rows >= 2 ? rect.split(top: 1) : rect.split(top: 0)
    if !heading.isEmpty {
      drawHeading(into: &buffer, rect: heading, layout: layout, glyphs: glyphs)
    }
    if rowCount == 0 {
      let text = SafeText.truncated(
        emptyText, columns: body.columns - TextTable.lead, glyphs: glyphs)
      buffer.write(text, row: body.row, column: body.column + TextTable.lead, style: .dim)
      return
    }
    let first = min(max(firstRow, 0), max(rowCount - body.rows, 0))
    for offset in 0..<min(body.rows, rowCount - first) {
      drawRow(
        first + offset, into: &buffer, rect: body.split(top: offset).rest.split(top: 1).top,
        layout: layout, glyphs: glyphs)
    }
    drawScrollBar(into: &buffer, rect: body, first: first, glyphs: glyphs)
  }

  /// Cells between two columns.
  private static let gap = 2
  /// Cells before the first column, for pointer and bullet.
  private static let lead = 3
  /// Cells before the first column and, for the scroll bar, after the last.
  private static let margin = lead + 1

  /// Room for the text beside a bar: `100.0%`.
  private static let gaugeTextColumns = 6

  private func drawHeading(
    into buffer: inout Buffer, rect: Rect, layout: [(index: Int, width: Int)], glyphs: GlyphSet
  ) {
    var column = rect.column + TextTable.lead
    for (index, width) in layout {
      var title = columns[index].title
      var style = Style(.dim, .bold)
      if let sort, sort.column == index {
        style = Style(.hotKey, .bold)
        let arrow = String(sort.isDescending ? glyphs.arrowDown : glyphs.arrowUp)
        title = SafeText.truncated(title, columns: width - 1, glyphs: glyphs) + arrow
      }
      draw(
        title, style: style, alignment: columns[index].alignment, into: &buffer,
        rect: Rect(row: rect.row, column: column, rows: 1, columns: width).intersection(rect),
        glyphs: glyphs)
      column += width + TextTable.gap
    }
  }

  private func drawRow(
    _ index: Int, into buffer: inout Buffer, rect: Rect, layout: [(index: Int, width: Int)],
    glyphs: GlyphSet
  ) {
    let isSelected = index == selectedRow
    if isSelected {
      buffer.write(
        String(glyphs.pointer), row: rect.row, column: rect.column, style: Style(.hotKey, .bold))
    }
    if markedRows.contains(index) {
      buffer.write(
        String(glyphs.bullet), row: rect.row, column: rect.column + 1, style: Style(.mark, .bold))
    }
    let cells = row(index)
    var column = rect.column + TextTable.lead
    for (cellIndex, width) in layout {
      let place = Rect(row: rect.row, column: column, rows: 1, columns: width).intersection(rect)
      column += width + TextTable.gap
      guard cellIndex < cells.count else { continue }
      draw(
        cells[cellIndex], alignment: columns[cellIndex].alignment, into: &buffer, rect: place,
        glyphs: glyphs)
    }
    guard isSelected, isFocused else { return }
    buffer.restyle(rect) { $0.on(.selection) }
  }

  private func draw(
    _ cell: TableCell, alignment: TableColumn.Alignment, into buffer: inout Buffer, rect: Rect,
    glyphs: GlyphSet
  ) {
    guard let gauge = cell.gauge else {
      draw(
        cell.text, style: cell.style, alignment: alignment, into: &buffer, rect: rect,
        glyphs: glyphs)
      return
    }
    // The same room in every row, so that the bars can be compared.
    let width = max(SafeText.displayWidth(of: cell.text), TextTable.gaugeTextColumns)
    let textWidth = cell.text.isEmpty ? 0 : width + 1
    let barWidth = max(rect.columns - textWidth, 0)
    Gauge(fraction: gauge, role: cell.style.foreground).draw(
      into: &buffer, row: rect.row, column: rect.column, width: barWidth, glyphs: glyphs)
    draw(
      cell.text, style: .text, alignment: .right, into: &buffer,
      rect: rect.split(left: barWidth).rest, glyphs: glyphs)
  }

  private func draw(
    _ text: String, style: Style, alignment: TableColumn.Alignment, into buffer: inout Buffer,
    rect: Rect, glyphs: GlyphSet
  ) {
    guard !rect.isEmpty else { return }
    let shown = SafeText.truncated(text, columns: rect.columns, glyphs: glyphs)
    let spare = rect.columns - SafeText.displayWidth(of: shown)
    let shift =
      switch alignment {
      case .left: 0
      case .right: spare
      case .center: spare / 2
      }
    buffer.write(
      shown, row: rect.row, column: rect.column + shift, style: style,
      maxColumns: rect.columns - shift)
  }

  private func drawScrollBar(into buffer: inout Buffer, rect: Rect, first: Int, glyphs: GlyphSet) {
    guard rowCount > rect.rows, rect.rows > 0, rect.columns > 3 else { return }
    let length = max(1, rect.rows * rect.rows / rowCount)
    let start = (rect.rows - length) * first / max(rowCount - rect.rows, 1)
    for offset in 0..<rect.rows {
      let isThumb = offset >= start && offset < start + length
      let glyph = isThumb ? glyphs.scrollThumb : glyphs.verticalLine
      buffer.write(
        String(glyph), row: rect.row + offset, column: rect.endColumn - 1,
        style: Style(isThumb ? .border : .grid))
    }
  }
}
