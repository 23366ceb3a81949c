/// A bordered box in the middle of the screen, over whatever is there.
public struct DialogBox: Equatable, Sendable {
  /// A line in which something is typed.
  public struct Input: Equatable, Sendable {
    /// What is asked for.
    public var label: String
    /// What has been typed.
    public var field: TextField

    /// A line to type in.
    public init(label: String, field: TextField) {
      self.label = label
      self.field = field
    }
  }

  /// The title in the upper border.
  public var title: String
  /// The lines, cut at the right when too long.
  public var body: [StyledText]
  /// The line to type in, below the body.
  public var input: Input?
  /// The keys that matter here, below everything.
  public var footer: StyledText?
  /// The body line at the top, when not all fit.
  public var firstLine: Int
  /// Columns inside, at least, if the screen has them.
  public var minimumColumns: Int

  /// A box.
  public init(
    title: String, body: [StyledText], input: Input? = nil, footer: StyledText? = nil,
    firstLine: Int = 0, minimumColumns: Int = 30
  ) {
    self.title = title
    self.body = body
    self.input = input
    self.footer = footer
    self.firstLine = firstLine
    self.minimumColumns = minimumColumns
  }

  /// The cells that the box takes in the middle of `area`.
  public func frame(in area: Rect) -> Rect {
    var width = max(minimumColumns, SafeText.displayWidth(of: title) + 4)
    for line in body { width = max(width, line.displayWidth) }
    if let footer { width = max(width, footer.displayWidth) }
    if let input { width = max(width, SafeText.displayWidth(of: input.label) + 20) }
    return area.centered(Size(rows: body.count + fixedRows + 2, columns: width + 4))
  }

  /// Body lines that a box in `area` shows; fewer than there are when it scrolls.
  public func visibleLines(in area: Rect) -> Int {
    max(0, min(body.count, frame(in: area).rows - 2 - fixedRows))
  }

  /// Draws the box and returns the cells it takes.
  @discardableResult
  public func draw(into buffer: inout Buffer, area: Rect, glyphs: GlyphSet) -> Rect {
    let frame = self.frame(in: area)
    buffer.fill(frame, style: .text)
    let visible = visibleLines(in: area)
    let first = min(max(firstLine, 0), max(body.count - visible, 0))
    let note = visible < body.count ? "\(first + 1)-\(first + visible) of \(body.count)" : ""
    let panel = Panel(title: StyledText(title, .title), note: note, borderRole: .hotKey)
    let border = panel.draw(into: &buffer, rect: frame, glyphs: glyphs)
    let inside = border.inset(rows: 0, columns: 1)
    guard !inside.isEmpty else { return frame }
    var rest = inside
    func nextRow() -> Rect {
      let parts = rest.split(top: 1)
      rest = parts.rest
      return parts.top
    }
    for line in body[first..<first + visible] {
      let row = nextRow()
      buffer.write(line, row: row.row, column: row.column, maxColumns: row.columns)
    }
    if let input {
      if !body.isEmpty { _ = nextRow() }
      draw(input, into: &buffer, row: nextRow())
    }
    if let footer {
      let row = inside.split(bottom: 1).bottom
      buffer.write(footer, row: row.row, column: row.column, maxColumns: row.columns)
    }
    return frame
  }

  /// Rows that are not body lines: the input and the footer, each with a blank row before it.
  private var fixedRows: Int {
    let inputRows = input == nil ? 0 : (body.isEmpty ? 1 : 2)
    return inputRows + (footer == nil ? 0 : 2)
  }

  private func draw(_ input: Input, into buffer: inout Buffer, row: Rect) {
    guard !row.isEmpty else { return }
    let label = input.label.isEmpty ? "" : input.label + " "
    let used = buffer.write(
      label, row: row.row, column: row.column, style: .dim, maxColumns: row.columns - 1)
    input.field.draw(
      into: &buffer, row: row.row, column: row.column + used, width: row.columns - used)
  }
}
