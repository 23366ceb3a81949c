/// A buffer as a picture: an SVG that needs nothing but itself. Rules, boxes and blocks are shapes
/// without gaps, and curves that are given as drawings are smooth lines in place of their dots.
public struct FrameSVG: Sendable {
  private let buffer: Buffer
  private let theme: Theme
  private let charts: [ChartDrawing]
  private let title: String

  /// The picture of this buffer.
  ///
  /// - Parameters:
  ///   - charts: the curves of the charts in it; the braille cells in their plots are left out.
  ///   - title: what the picture shows; for those who cannot see it, and for window titles.
  public init(_ buffer: Buffer, theme: Theme, charts: [ChartDrawing] = [], title: String = "") {
    self.buffer = buffer
    self.theme = theme
    self.charts = charts
    self.title = SafeText.cleaned(title)
  }

  /// The document; ends in a newline.
  public var text: String {
    let width = buffer.columns * CellShape.width + 2 * Self.margin
    let height = buffer.rows * CellShape.height + 2 * Self.margin
    let page = "width=\"\(width)\" height=\"\(height)\""
    var ink = SVGInk()
    draw(on: &ink)
    let fonts = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" \(page) \
      viewBox="\(-Self.margin) \(-Self.margin) \(width) \(height)" role="img" \
      font-family="\(fonts)" \
      font-size="\(Self.fontSize)">
      <title>\(SVGInk.escaped(title))</title>
      <rect x="\(-Self.margin)" y="\(-Self.margin)" \(page) \
      fill="\(SVGInk.hexadecimal(ground))"/>
      \(ink.backgrounds.text)\(ink.shapes.text)\(ink.strokes)\(curves)\(ink.texts)</svg>

      """
  }

  private static let fontSize = 15
  /// Around the frame, so that letters do not touch the edge of the page.
  private static let margin = 9
  /// From the top of a cell to the feet of its letters.
  private static let baseline = 14.5
  /// Dots are drawn as short round strokes of this width.
  private static let dotWidth = 2.2
  private static let curveWidth = 1.5

  /// How a style looks on the page.
  private struct Look: Equatable {
    var foreground: Color
    /// Nil: what is behind the whole page.
    var background: Color?
    var isBold: Bool
    var isUnderlined: Bool
  }

  /// What stands behind everything; nearly black reads better on a page than black.
  private var ground: Color {
    if theme.color(for: .background) != .terminalDefault { return theme.ground }
    return theme.isLight ? .rgb(255, 255, 255) : .rgb(0x10, 0x12, 0x14)
  }

  private func look(of style: Style) -> Look {
    let resolved = theme.resolved(style, depth: .direct)
    let plain: Color = theme.isLight ? .rgb(0x1A, 0x1A, 0x1A) : .rgb(0xE4, 0xE4, 0xE4)
    var foreground = resolved.foreground == .terminalDefault ? plain : resolved.foreground
    var background = resolved.background == .terminalDefault ? nil : resolved.background
    if background == theme.color(for: .background) { background = nil }
    if resolved.attributes.contains(.faint) {
      foreground = foreground.blended(with: background ?? ground, share: 0.4)
    }
    if resolved.attributes.contains(.reverse) {
      (foreground, background) = (background ?? ground, foreground)
    }
    return Look(
      foreground: foreground, background: background,
      isBold: resolved.attributes.contains(.bold),
      isUnderlined: resolved.attributes.contains(.underline))
  }

  // MARK: - Cells

  private func draw(on ink: inout SVGInk) {
    var looks: [Style: Look] = [:]
    let cells = cellsWithoutCurves()
    for row in 0..<buffer.rows {
      var run = Run()
      for column in 0..<buffer.columns {
        let cell = cells[row * buffer.columns + column]
        let look = looks[cell.style] ?? look(of: cell.style)
        looks[cell.style] = look
        let x = Double(column * CellShape.width)
        let y = Double(row * CellShape.height)
        if let background = look.background {
          ink.backgrounds.add(.cell, x: x, y: y, color: background)
        }
        if look.isUnderlined {
          ink.shapes.add(.underline, x: x, y: y, color: look.foreground)
        }
        guard cell.width > 0 else { continue }
        if let shape = CellShape(cell.scalar) {
          draw(shape, look, x: x, y: y, on: &ink)
          finish(&run, row: row, on: &ink)
        } else if cell.isBlank {
          run.spaces += 1
        } else {
          // One space may stay inside of a run; more would be an eye's guess of where it ends.
          if run.spaces > 1 || run.look != look || cell.width != 1 {
            finish(&run, row: row, on: &ink)
          }
          run.append(cell.character, look, column: column, width: Int(cell.width))
          if cell.width != 1 { finish(&run, row: row, on: &ink) }
        }
      }
      finish(&run, row: row, on: &ink)
    }
  }

  private func draw(_ shape: CellShape, _ look: Look, x: Double, y: Double, on ink: inout SVGInk) {
    switch shape {
    case .boxes(let boxes):
      for box in boxes { ink.shapes.add(box, x: x, y: y, color: look.foreground) }
    case .shade(let share):
      let color = (look.background ?? ground).blended(with: look.foreground, share: share)
      ink.shapes.add(.cell, x: x, y: y, color: color)
    case .arc(let right, let down):
      ink.addArc(isRight: right, isDown: down, x: x, y: y, color: look.foreground)
    case .dots(let dots):
      for dot in dots {
        ink.addDot(x: x + dot.x, y: y + dot.y, width: Self.dotWidth, color: look.foreground)
      }
    }
  }

  /// Characters of one look side by side.
  private struct Run {
    var text = ""
    var look: Look?
    var column = 0
    var columns = 0
    /// Spaces since the last character.
    var spaces = 0

    mutating func append(_ character: Character, _ look: Look, column: Int, width: Int) {
      if text.isEmpty {
        self.look = look
        self.column = column
      } else if spaces > 0 {
        text += " "
        columns += 1
      }
      text.append(character)
      columns += width
      spaces = 0
    }
  }

  private func finish(_ run: inout Run, row: Int, on ink: inout SVGInk) {
    if let look = run.look {
      ink.addText(
        run.text, x: Double(run.column * CellShape.width),
        y: Double(row * CellShape.height) + Self.baseline,
        width: Double(run.columns * CellShape.width), isBold: look.isBold, color: look.foreground)
    }
    run = Run()
  }

  // MARK: - Curves

  /// The cells, with what lies behind the curves where their dots were: a line of the grid or of an
  /// event goes on under them.
  private func cellsWithoutCurves() -> [Cell] {
    var cells = buffer.cells
    for chart in charts {
      let plot = chart.plot.intersection(buffer.bounds)
      guard !plot.isEmpty else { continue }
      var rowLines: [Int: Cell] = [:]
      var columnLines: [Int: Cell] = [:]
      for row in plot.row..<plot.endRow {
        for column in plot.column..<plot.endColumn {
          let cell = buffer[row, column]
          if CellShape.isHorizontalRule(cell.scalar) { rowLines[row] = cell }
          if CellShape.isVerticalRule(cell.scalar) { columnLines[column] = cell }
        }
      }
      for row in plot.row..<plot.endRow {
        for column in plot.column..<plot.endColumn {
          let index = row * buffer.columns + column
          guard CellShape.isBraille(cells[index].scalar) else { continue }
          cells[index] = columnLines[column] ?? rowLines[row] ?? .blank
        }
      }
    }
    return cells
  }

  private var curves: String {
    var result = ""
    for (number, chart) in charts.enumerated() {
      let left = Double(chart.plot.column * CellShape.width)
      let top = Double(chart.plot.row * CellShape.height)
      let width = Double(chart.plot.columns * CellShape.width)
      let height = Double(chart.plot.rows * CellShape.height)
      let bounds = [("x", left), ("y", top), ("width", width), ("height", height)]
        .map { "\($0)=\"\(SVGInk.number($1))\"" }.joined(separator: " ")
      result += "<clipPath id=\"plot\(number)\"><rect \(bounds)/></clipPath>\n"
      result += "<g clip-path=\"url(#plot\(number))\" stroke-linejoin=\"round\" "
      result += "stroke-linecap=\"round\" stroke-width=\"\(Self.curveWidth)\">\n"
      for curve in chart.curves {
        let look = look(of: Style(curve.role, curve.isFaint ? .faint : []))
        let color = SVGInk.hexadecimal(look.foreground)
        let dashes = Self.dashes(of: curve.stroke)
        for stretch in curve.stretches {
          let path = SVGInk.path(stretch, x: left, y: top, width: width, height: height)
          let fill = stretch.isLine ? "none" : "\(color)\" fill-opacity=\"0.35"
          result += "<path d=\"\(path)\" stroke=\"\(color)\" fill=\"\(fill)\"\(dashes)/>\n"
        }
      }
      result += "</g>\n"
    }
    return result
  }

  private static func dashes(of stroke: ChartSeries.Stroke) -> String {
    switch stroke {
    case .solid: ""
    case .dashed: " stroke-dasharray=\"7 4\""
    case .dotted: " stroke-dasharray=\"1 4\""
    }
  }
}
