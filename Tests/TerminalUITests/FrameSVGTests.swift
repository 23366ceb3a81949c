import Testing

@testable import TerminalUI

@Suite struct FrameSVGTests {
  private func svg(
    rows: Int = 1, columns: Int = 8, theme: Theme = .standard, _ draw: (inout Buffer) -> Void
  ) -> String {
    var buffer = Buffer(rows: rows, columns: columns)
    draw(&buffer)
    return FrameSVG(buffer, theme: theme).text
  }

  @Test func wordsFillTheirColumns() {
    let text = svg(rows: 2) { buffer in
      buffer.write("a<&b cd", row: 1, column: 1, style: Style(.statusBad, .bold))
    }
    #expect(
      text.contains(
        "<text x=\"9\" y=\"33.5\" textLength=\"63\" lengthAdjust=\"spacingAndGlyphs\" "
          + "fill=\"#FF5F5F\" font-weight=\"bold\">a&lt;&amp;b cd</text>"))
    #expect(text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"56\""))
    #expect(text.hasSuffix("</svg>\n"))
  }

  @Test func wordsFarApartAndWideOnesStandAlone() {
    let text = svg { $0.write("a  c日b", row: 0, column: 0) }
    for letter in "acb" { #expect(text.contains(">\(letter)</text>")) }
    #expect(text.contains("<text x=\"36\" y=\"14.5\" textLength=\"18\""))
  }

  @Test func rulesAndBlocksAreJoinedShapes() {
    let text = svg { buffer in
      buffer.write("────", row: 0, column: 0, style: Style(.border))
      buffer.write("▄", row: 0, column: 5, style: Style(.statusBad))
    }
    #expect(text.contains("M0 9h36v1h-36z"))
    #expect(text.contains("M45 9.5h9v9.5h-9z"))
    #expect(!text.contains("<text"))
  }

  @Test func backgroundsDotsAndCorners() {
    let text = svg(rows: 2) { buffer in
      buffer.write("  ", row: 0, column: 2, style: Style(.text).on(.selection))
      buffer.write("╭⣀", row: 1, column: 0)
    }
    #expect(text.contains("<path fill=\"#005F87\" d=\"M18 0h18v19h-18z\"/>"))
    #expect(text.contains("M9 28.5Q4.5 28.5 4.5 33V38"))
    #expect(text.contains("M11.25 35.63h0") && text.contains("M15.75 35.63h0"))
  }

  /// Whatever a widget draws with must not depend on a font that may lack it.
  @Test func everyRuleAndBlockOfTheGlyphsHasAShape() {
    var drawn: [Character] = []
    for glyphs in [GlyphSet.braille, .block] {
      drawn += glyphs.corners + glyphs.cornersFocused + glyphs.horizontalParts
      drawn += glyphs.verticalParts
      drawn += [
        glyphs.horizontalLine, glyphs.horizontalLineFocused, glyphs.verticalLine,
        glyphs.verticalLineFocused, glyphs.tickLeft, glyphs.tickDown, glyphs.axisCorner,
        glyphs.markLine, glyphs.cursorLine, glyphs.barFull, glyphs.barEmpty, glyphs.scrollThumb,
      ]
    }
    for character in drawn {
      let scalar = character.unicodeScalars.first?.value ?? 0
      #expect(CellShape(scalar) != nil, "\(character)")
    }
    for scalar in UInt32(0x2580)...0x259F { #expect(CellShape(scalar) != nil) }
    #expect(CellShape(0x41) == nil)
  }

  private func chartFrame() -> (Buffer, ChartDrawing?) {
    let rect = area(rows: 12, columns: 40)
    var chart = LineChart(title: "loss")
    let curve = ChartSamples.loss(LineChart.plotColumns(in: rect, glyphs: .braille))
    chart.series = [ChartSeries(name: "train", role: .series1, columns: curve)]
    chart.marks = [ChartMark(column: 30, glyph: "L", role: .mark)]
    var buffer = Buffer(rows: 12, columns: 40)
    chart.draw(into: &buffer, rect: rect, glyphs: .braille)
    return (buffer, chart.drawing(in: rect))
  }

  @Test func curvesTakeThePlaceOfTheirDots() throws {
    let (buffer, drawing) = chartFrame()
    let dotted = FrameSVG(buffer, theme: .standard).text
    #expect(dotted.contains("h0M") && !dotted.contains("clip-path"))
    let plot = try #require(drawing).plot
    let left = plot.column * CellShape.width
    let smooth = FrameSVG(buffer, theme: .standard, charts: [try #require(drawing)]).text
    #expect(!smooth.contains("h0M"))
    #expect(smooth.contains("<clipPath id=\"plot0\"><rect x=\"\(left)\" y=\"19\""))
    #expect(smooth.contains("stroke=\"#5FB7EC\" fill=\"#5FB7EC\" fill-opacity=\"0.35\""))
  }

  @Test func gridAndEventLinesGoOnUnderTheCurve() throws {
    let (buffer, drawing) = chartFrame()
    let plot = try #require(drawing).plot
    // Seven units between the dots of one event's line, and none where a curve was.
    let text = FrameSVG(buffer, theme: .standard, charts: [try #require(drawing)]).text
    let x = (plot.column + 15) * CellShape.width + 4
    for row in plot.row..<plot.endRow {
      #expect(text.contains("M\(x) \(row * CellShape.height + 1)h1v2h-1z"), "row \(row)")
    }
  }

  @Test func lightThemesArePagesAndStrokesAreDashes() throws {
    let light = try #require(Theme.named("light"))
    #expect(svg(theme: light) { _ in }.contains("height=\"37\" fill=\"#FFFFFF\""))
    #expect(svg { _ in }.contains("fill=\"#101214\""))
    let (buffer, drawing) = chartFrame()
    var two = try #require(drawing)
    two.curves[0].stroke = .dashed
    let text = FrameSVG(buffer, theme: .monochrome, charts: [two]).text
    #expect(text.contains("stroke-dasharray=\"7 4\""))
  }

  @Test func titlesAreEscapedAndCleaned() {
    let text = FrameSVG(Buffer(rows: 1, columns: 1), theme: .standard, title: "<a>\u{1B}&\"").text
    #expect(text.contains("<title>&lt;a&gt;\\x1b&amp;&quot;</title>"))
  }

  @Test(arguments: [
    (0.0, "0"), (1.5, "1.5"), (-0.25, "-0.25"), (2.004, "2"), (35.625, "35.63"), (-0.001, "0"),
    (3.08, "3.08"), (.infinity, "1000000000"), (.nan, "0"),
  ])
  func numbers(value: Double, text: String) {
    #expect(SVGInk.number(value) == text)
  }

  @Test func emptyAndRandomFramesAreDrawn() {
    #expect(FrameSVG(Buffer(rows: 0, columns: 0), theme: .standard).text.contains("</svg>"))
    var random = SeededRandom(seed: 8)
    var buffer = Buffer(rows: 20, columns: 60)
    for _ in 0..<2000 {
      let scalar = Unicode.Scalar(UInt32.random(in: 0x2400...0x2900, using: &random)) ?? " "
      buffer[Int.random(in: 0..<20, using: &random), Int.random(in: 0..<60, using: &random)] = Cell(
        scalar, style: Style(Role.allCases.randomElement(using: &random) ?? .text))
    }
    let text = FrameSVG(buffer, theme: .standard).text
    #expect(text.split(separator: "<text").count == text.split(separator: "</text>").count)
  }
}
